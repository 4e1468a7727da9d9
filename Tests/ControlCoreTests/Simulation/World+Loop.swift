import ClusterModel
import ControlCore
import Simulator

extension World {
    /// Holds and rests that fit in a short life.
    mutating func hasten(_ policy: inout Policy) {
        policy.hotHold = .milliseconds(milliseconds(5_000...30_000))
        policy.coldHold = .milliseconds(milliseconds(5_000...60_000))
        policy.coldCPU = .percent(UInt32.random(in: 20...75, using: &random))
        policy.rest = .milliseconds(milliseconds(0...120_000))
        if isPacking {
            policy.hotCPU = .whole
            policy.coldCPU = .percent(75)
            policy.rest = .zero
        }
        policy.guardian = pick(Policy.Guardian.allCases) ?? .auto
        policy.guardWindow = .seconds(Int.random(in: 10...30, using: &random))
    }

    /// What a host says it uses: each copy's own amount, which changes each minute until all is calm.
    func use(of id: HostID) -> Use {
        guard isAutomatic, let host = hosts[id] else {
            return Use(at: instant, cpu: .zero, memory: .zero)
        }
        let minute = UInt64(now / 60_000)
        let sum = host.driver.copies.reduce(UInt64(0)) { sum, copy in
            guard copy.value.isRunning, let holding = host.kept[copy.key] else { return sum }
            let salt = copy.key.rawValue.utf8.reduce(seed &+ minute &* 1_000) {
                $0 &* 31 &+ UInt64($1)
            }
            var random = SplitMix64(seed: salt)
            let percent = isPacking ? 10 : isCalm ? 100 : 40 + random.next() % 140
            return sum + holding.assigned.workload.size.cpu.millicores * percent / 100
        }
        let mean = min(sum, host.total.cpu.millicores)
        return Use(at: instant, cpu: .init(mean: mean, maximum: mean, last: mean), memory: .zero)
    }

    /// Some instances do not do well on some hosts, which nobody can know before.
    func uses(on id: HostID) -> [AgentNews.InstanceUse] {
        if drill?.move.isPostcopy == true { return busyUses(on: id) }
        guard isAutomatic, let host = hosts[id] else { return [] }
        return host.driver.copies.keys.sorted().map { instance in
            let salt = "\(instance)@\(id)".utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) }
            var random = SplitMix64(seed: salt)
            let suffers = random.next() % 3 == 0
            return AgentNews.InstanceUse(
                id: instance,
                use: Use(
                    at: instant, cpu: .zero, memory: .zero, throttled: suffers ? 1_500_000 : 0))
        }
    }

    /// Of a guest that changes all of its memory faster than anything could send it.
    private func busyUses(on id: HostID) -> [AgentNews.InstanceUse] {
        (hosts[id]?.driver.copies.keys.sorted() ?? []).map { instance in
            AgentNews.InstanceUse(
                id: instance, use: Use(at: instant, cpu: .zero, memory: .zero),
                load: MoveLoad(
                    at: instant, memory: .mebibytes(256),
                    changes: MoveLoad.Changes(rate: BytesPerSecond(1 << 30))))
        }
    }

    mutating func someLoopRequest(_ policy: Policy) -> ClusterRequest {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .pause(true)
        case 1, 2: return .pause(false)
        default:
            var changed = policy
            changed.mode = chance(4) ? .suggest : .auto
            changed.window = chance(4) ? .never : .always
            return .setPolicy(changed)
        }
    }

    /// Whether what is more important takes the place of what is less so.
    var isRanked: Bool { seed % 8 == 0 || seed % 8 == 5 }

    /// Nothing begins by itself while anything speaks against it.
    mutating func checkLoop(_ change: Change) {
        guard let engine else { return }
        if case .putMove(let record) = change, record.move.overlaps, !record.isUnderWay {
            if record.outcome == .done { relocations.done += 1 } else { relocations.undone += 1 }
        }
        switch change {
        case .putMove(let record):
            guard begunMoves.insert(record.move.id).inserted, let plan = record.move.plan,
                let owner = engine.state.plans[plan], owner.origin == .loop,
                let hindrance = engine.hindrance(of: owner)
            else { return }
            violation = "\(record.move.id) began by itself although \(hindrance)"
        case .occurred(let occurrence):
            if occurrence.message.hasPrefix("stops on") { displaced.stopped += 1 }
            if occurrence.message.hasPrefix("has room again") { displaced.back += 1 }
            if occurrence.message.hasPrefix("is placed anew") { drill?.isPlacedAnew = true }
        case .putPlan(let record) where record.origin == .loop:
            if record.state == .running { loopPlans.begun.insert(record.plan.id) }
            if record.state == .done { loopPlans.done += 1 }
            if let release = record.release { releases[release.stage, default: 0] += 1 }
        default: return
        }
    }
}
