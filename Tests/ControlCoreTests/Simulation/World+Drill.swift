import ClusterModel
import ControlCore
import Simulator

extension World {
    /// How long after all that was struck is whole again a move may take to come to its end: twice the longest that a
    /// phase whose end nobody can know is waited for, and what is asked again once a minute.
    static let bound: Int64 = 300_000
    /// What has come to rest has to stay so for as long as it takes everybody to look and to report once.
    private static let rest: Int64 = 6_000
    /// Far more than ticks and messages of all that time, so that a storm of messages is told as one.
    private static let mostSteps = 20_000

    /// Two hosts, of which the first runs the instance; nothing moves yet.
    init(drill move: DrilledMove, tempo: Int64) throws {
        // Neither automatic nor ranked; nothing else hangs on it, because a drill draws no random number.
        seed = 4
        random = SplitMix64(seed: 4)
        calmFrom = 0
        pace = 0
        isLogging = false
        drill = Drill(move, tempo: tempo)
        for (id, offset) in [(DrilledMove.source, Int64(250_000)), (DrilledMove.target, -250_000)] {
            hosts[id] = SimulatedHost(
                id: id,
                total: Resources(
                    cpu: CPU(millicores: 2_000), memory: .gibibytes(4), disk: .gibibytes(100)),
                clockOffset: offset)
        }
        var policy = Policy(demand: .reserved, reserve: .hosts(0), rest: .zero)
        policy.mode = .off
        _ = store.transact(
            [.putPolicy(policy), .putImage(Self.disk)]
                + hosts.keys.sorted().map { .putHost(HostRecord(id: $0)) })
        startCoordinator()
        for id in hosts.keys.sorted() { startAgent(id) }
        proceed(until: now + 5_000)
        ask(.apply([try move.workload], on: DrilledMove.source, dryRun: false))
        proceed(until: now + 20_000)
        agenda.add(.drilled(.asksForMove), at: now)
    }

    private mutating func proceed(until end: Int64) {
        while now < end, step() {}
    }

    /// The next thing that happens, and what its user does about it.
    private mutating func step() -> Bool {
        guard violation == nil, drill?.hasMissed != true, let (at, happening) = agenda.next() else {
            return false
        }
        now = max(now, at)
        steps += 1
        happen(happening)
        for instance in instanceIDs { checkCopies(of: instance) }
        checkAddresses()
        guard engine != nil, asked == nil, let plan = lastPlan else { return true }
        lastPlan = nil
        ask(.run(plan))
        return true
    }

    /// A moment of the move that nothing befalls, and the boundaries that come next.
    struct Station: Sendable {
        let world: World
        let boundaries: ClosedRange<Int>
    }

    /// The whole move, undisturbed; `violation` says what was wrong with it.
    mutating func rehearse() -> [Station] {
        var stations: [Station] = []
        let end = now + Self.bound
        while now < end {
            let before = self
            guard step(), let drill else { break }
            let passed = before.drill?.passed ?? 0
            if drill.passed > passed {
                stations.append(Station(world: before, boundaries: passed + 1...drill.passed))
            }
            if drill.isUnderWay, unsettled() == nil, disorder() == nil { break }
        }
        let outcome = engine?.state.moves.values.first?.outcome
        if violation == nil, outcome != .done { violation = "undisturbed, it is not done" }
        if drill?.move.isPostcopy == true, landings.partial == 0 {
            violation = "undisturbed, it did not go by post-copy"
        }
        return stations
    }

    /// Goes on until all is whole, settled and at rest: how long that took since all was whole, or what is wrong.
    mutating func finish() -> Result<Int64, Violation> {
        let end = now + 2 * Self.bound
        var (nextLook, wholeSince, restsSince) = (now, Int64?.none, Int64?.none)
        while step() {
            if steps > Self.mostSteps { violation = "so much happens that there is no end of it" }
            guard now >= nextLook else { continue }
            nextLook = now + 500
            guard isWhole else {
                (wholeSince, restsSince) = (nil, nil)
                if now > end { violation = "what was struck does not heal" }
                continue
            }
            let whole = wholeSince ?? now
            wholeSince = whole
            if let problem = unsettled() ?? disorder() {
                restsSince = nil
                if now > whole + Self.bound {
                    violation = "after \(Self.bound / 1_000) s: \(problem)"
                }
            } else if let rests = restsSince {
                guard now >= rests + Self.rest else { continue }
                if let wrong = wrongOutcome() { return .failure(Violation(words: wrong)) }
                return .success(rests - whole)
            } else {
                restsSince = now
            }
        }
        return .failure(Violation(words: violation ?? "nothing happens any more"))
    }

    struct Violation: Error, Hashable, Sendable { let words: String }

    private var isWhole: Bool {
        engine != nil && cuts.isEmpty && !isStoreFull
            && hosts.values.allSatisfy { host in
                host.isPowered && !host.isFenced && !host.isCutOff && host.agent != nil
                    && host.isConnected && now >= host.isDumbUntil
                    && max(host.lastUp, host.lastDown) < now + 1_000
            }
    }

    // MARK: - What holds in the end

    /// What is left of the move anywhere; `nil` when there is one copy with all it needs, and nothing else.
    func disorder() -> String? {
        guard let drill, let engine else { return "there is no coordinator" }
        guard engine.state == store.state else { return "what is stored is not what was decided" }
        let instance = DrilledMove.instance
        guard let home = engine.state.instances[instance]?.value.host else {
            return "it has no host"
        }
        let running = hosts.values.filter { $0.driver.copies[instance]?.isRunning == true }
        guard running.map(\.id) == [home] else { return "it runs on \(running.map(\.id).sorted())" }
        for host in hosts.values.sorted(by: { $0.id < $1.id }) {
            if let problem = disorder(of: instance, on: host, home, drill) { return problem }
        }
        return nil
    }

    private func disorder(
        of instance: InstanceID, on host: SimulatedHost, _ home: HostID, _ drill: Drill
    ) -> String? {
        if let operation = host.operations.values.first {
            return "\(host.id) is still about to \(Words.of(operation))"
        }
        if !host.flights.isEmpty { return "\(instance) is under way from \(host.id)" }
        guard host.map?.instances[instance]?.host == home else {
            return "\(host.id) does not send to \(home)"
        }
        let present = host.belongings[instance] ?? []
        if host.id == home {
            let wanted = Belonging.standing(drill.move)
            if host.kept[instance]?.move != nil { return "\(home) takes it for moving" }
            if host.driver.letGo.contains(instance) {
                return "\(home) has let go of it"
            }
            return present == wanted
                ? nil : "\(home) has \(present.sorted()) instead of \(wanted.sorted())"
        }
        if let holding = host.kept[instance], holding.standing != .gone || holding.move != nil {
            return "\(host.id) still holds \(Words.of(holding))"
        }
        let left = present.subtracting(drill.mayKeepData ? [.data] : [])
        return left.isEmpty ? nil : "\(host.id) still has \(left.sorted())"
    }

    /// Whether the instance is where the end of its move says.
    private func wrongOutcome() -> String? {
        guard let drill, !drill.mayBeginAnew, let engine else { return nil }
        let home = engine.state.instances[DrilledMove.instance]?.value.host
        guard let move = engine.state.moves.values.first else {
            return home == DrilledMove.source ? nil : "it moved without a move"
        }
        switch move.outcome {
        case .done: return home == DrilledMove.target ? nil : "it is not where its move led"
        case .rolledBack, .failed:
            return home == DrilledMove.source ? nil : "it is not where it was before its move"
        case nil: return "its move has no end"
        }
    }
}
