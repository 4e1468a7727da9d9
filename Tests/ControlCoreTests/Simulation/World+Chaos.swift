import ClusterModel
import ControlCore
import Simulator

extension World {
    // MARK: - Users

    mutating func userActs() {
        guard !isCalm else { return }
        let longest: Int64 = isStreaming ? 1_500 : isAutomatic ? 20_000 : 6_000
        agenda.add(.userActs, at: now + milliseconds(200...longest))
        guard engine != nil, asked == nil, let request = someRequest() else { return }
        ask(request)
    }

    mutating func ask(_ request: ClusterRequest) {
        lastRequest += 1
        let id = RequestID(lastRequest)
        asked = (id, request)
        note("U \(id.number) \(Words.of(request))")
        decide(.request(id, request))
    }

    private mutating func someRequest() -> ClusterRequest? {
        guard let state = engine?.state else { return nil }
        if isAutomatic, chance(30) { return someLoopRequest(state.policy.value) }
        if let plan = lastPlan, !chance(4) {
            lastPlan = nil
            return .run(plan)
        }
        if isStreaming, chance(2) {
            return pick(state.instances.keys.sorted()).map {
                .plan(.move($0, to: nil, mode: .live))
            }
        }
        let mode = isRelocating ? nil : pick([MoveMode?.none, .live, .relocate, .restart]) ?? nil
        switch Int.random(in: 0..<24, using: &random) {
        case 0...6:
            return .apply(
                [someWorkload()], on: chance(4) ? pick(hosts.keys.sorted()) : nil, dryRun: chance(8)
            )
        case 7: return pick(state.workloads.keys.sorted()).map { .delete($0, volumes: chance(2)) }
        case 8, 9: return .plan(.pack)
        case 10:
            return pick(hosts.keys.sorted()).map { .drain($0, force: chance(3), dryRun: false) }
        case 11: return pick(hosts.keys.sorted()).map { .restore($0) }
        case 12...14:
            return pick(state.instances.keys.sorted()).map {
                .plan(.move($0, to: chance(2) ? pick(hosts.keys.sorted()) : nil, mode: mode))
            }
        case 15: return pick(state.plans.keys.sorted()).map { .run($0) }
        case 16: return pick(state.moves.keys.sorted()).map { .cancel($0) }
        case 17: return pick(hosts.keys.sorted()).map { .plan(.relieve($0)) }
        case 18...21:
            return pick(state.instances.keys.sorted()).map {
                .plan(.move($0, to: nil, mode: mode))
            }
        default:
            let dead = hosts.values.filter {
                !$0.isPowered && !$0.isFenced && engine?.hostState($0.id) == .lost
            }
            return pick(dead.map(\.id).sorted()).map { .fence($0) }
        }
    }

    private mutating func someWorkload() -> Workload {
        let names: [(String, UInt64)] = [
            ("web", 300), ("db", 500), ("job", 100), ("api", 200),
            ("box", 250),
        ]
        let (name, cpu) = pick(names) ?? ("web", 300)
        let known = engine?.state.workloads[WorkloadID(name)]?.value
        let restart: RestartPolicy = name == "job" ? .onFailure : .always
        let version = "v\(Int.random(in: 1...3, using: &random))"
        let isMachine = name == "box" || isStreaming && name != "job"
        let program =
            isMachine ? Program(restart: restart) : Program(command: [version], restart: restart)
        let allow: [MoveMode] = isRelocating || name == "api" ? [.relocate] : MoveMode.allCases
        do {
            return try Workload(
                kind: isMachine ? .vm : .container, name: WorkloadID(name),
                count: Int.random(in: 0...3, using: &random),
                labels: Labels([Label(name: "app", value: name)]),
                image: .named(isMachine ? "disk" : "image"),
                program: chance(2) ? known?.program ?? program : program,
                storage: isMachine ? Storage(cloudInit: version) : .none,
                size: Resources(cpu: CPU(millicores: cpu), memory: .mebibytes(64)),
                rules: Rules(
                    apart: name == "db" ? Labels([Label(name: "app", value: name)]) : .none,
                    priority: isRanked ? Int(cpu / 200) : 0),
                move: MovePreference(allow: allow),
                onHostLoss: chance(3) ? .restart : (known?.onHostLoss ?? .wait))
        } catch {
            preconditionFailure("\(name) is no workload: \(error)")
        }
    }

    mutating func answered(_ id: RequestID, _ answer: Answer) {
        note("U \(id.number) answered \(Words.of(answer))")
        guard let asked, asked.id == id else { return }
        self.asked = nil
        switch answer {
        case .applied:
            guard case .apply(let workloads, _, false) = asked.request else { return }
            for workload in workloads { promised[workload.name] = .some(workload) }
        case .changed:
            switch asked.request {
            case .delete(let workload, _): promised[workload] = .some(nil)
            case .fence(let host):
                hosts[host]?.isFenced = true
                agenda.add(.rejoins(host), at: now + milliseconds(5_000...30_000))
            default: return
            }
        case .plan(let record):
            if record.state == .stored, !record.plan.steps.isEmpty { lastPlan = record.plan.id }
        case .refused(let refusal):
            // What was refused may have been done all the same when its answer was only late.
            if refusal.code == .unavailable { uncertain(asked.request) }
            if refusal.code == .defect { violation = "\(refusal.message)" }
        }
    }

    /// The coordinator is gone and with it the answer.
    mutating func forgetRequest() {
        guard let asked else { return }
        self.asked = nil
        uncertain(asked.request)
        if case .fence(let host) = asked.request {
            hosts[host]?.isFenced = true
            agenda.add(.rejoins(host), at: now + milliseconds(5_000...30_000))
        }
    }

    private mutating func uncertain(_ request: ClusterRequest) {
        if case .apply(let workloads, _, false) = request {
            for workload in workloads { promised[workload.name] = nil }
        }
        if case .delete(let workload, _) = request { promised[workload] = nil }
    }

    /// An operator removes a fenced host, and joins it anew once that was answered.
    mutating func rejoin(_ id: HostID) {
        guard let host = hosts[id], host.isFenced else { return }
        agenda.add(.rejoins(id), at: now + 5_000)
        guard engine != nil, asked == nil else { return }
        guard let record = engine?.state.hosts[id]?.value else {
            return ask(.admit(id, labels: .none))
        }
        if record.standing == .fenced { return ask(.remove(id)) }
        hosts[id]?.isFenced = false
        powerOn(id)
    }

    // MARK: - Faults

    mutating func faultStrikes() {
        guard !isCalm else { return endFaults() }
        agenda.add(
            .faultStrikes, at: min(max(now + 1, calmFrom), now + milliseconds(1_000...pace)))
        guard let host = pick(hosts.keys.sorted()) else { return }
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1, 2: loseConnection(host)
        case 3, 4:
            note("\(host) is cut off")
            hosts[host]?.isCutOff = true
            loseConnection(host)
            agenda.add(.networkHeals(host), at: now + milliseconds(1_000...90_000))
        case 5, 6, 7:
            killAgent(host)
            agenda.add(.agentStarts(host), at: now + milliseconds(100...5_000))
        case 8:
            powerOff(host)
            agenda.add(.powerReturns(host), at: now + milliseconds(5_000...90_000))
        case 9: if engine != nil { crashCoordinator("by hand") }
        case 10:
            note("store is full")
            isStoreFull = true
            agenda.add(.storeHeals, at: now + milliseconds(100...8_000))
        default:
            // A copy ends by itself.
            guard let instance = pick(hosts[host]?.driver.copies.keys.sorted() ?? []) else {
                return
            }
            note("\(instance) ends on \(host)")
            hosts[host]?.driver.copies[instance]?.isRunning = false
            hosts[host]?.driver.copies[instance]?.code = 1
            // A guest that is dead before its move is through goes on from what its source has.
            if presents[instance] == host { presents[instance] = nil }
        }
    }

    private mutating func endFaults() {
        note("calm")
        isStoreFull = false
        for id in hosts.keys.sorted() {
            hosts[id]?.isCutOff = false
            powerOn(id)
            startAgent(id)
        }
        startCoordinator()
    }
}
