import ClusterModel
import ControlCore

extension Simulation {
    // MARK: - Agents

    mutating func startAgent(_ id: HostID) {
        guard var machine = machines[id], machine.isPowered, machine.agent == nil else { return }
        let agent = AgentEngine(
            holdings: machine.kept.keys.sorted().compactMap { machine.kept[$0] },
            rebooted: machine.keptBoot != machine.boot, lease: HostLiveness.lease,
            heardAt: machine.heardAt)
        for holding in agent.heldByReboot { machine.kept[holding.id] = holding }
        machine.agent = agent
        machine.keptBoot = machine.boot
        machine.epoch += 1
        machine.operations = [:]
        machines[id] = machine
        for kind in Workload.Kind.allCases { tell(id, .seen(kind, machine.driver.seen(kind))) }
        agenda.add(.connects(id, epoch: machine.epoch), at: now)
    }

    /// Hands an event to an agent's engine and carries out its effects.
    mutating func tell(_ id: HostID, _ event: AgentEvent) {
        let now = instant
        guard let effects = machines[id]?.agent?.handle(event, at: now) else { return }
        for effect in effects {
            switch effect {
            case .keep(let holding): machines[id]?.kept[holding.id] = holding
            case .drop(let instance): machines[id]?.kept[instance] = nil
            case .noteHeard(let at): machines[id]?.heardAt = at
            case .perform(let operation): perform(operation, on: id)
            case .interrupt(let operation): interrupt(operation, on: id)
            case .probe(let instance, _): tell(id, .probed(instance, failure: nil))
            case .prove(let instance, let move, _): tell(id, .proved(instance, move, failure: nil))
            case .flush(_, _, let move): tell(id, .flushed(move, failure: nil))
            case .report(let statuses): send(.statuses(statuses), from: id)
            case .answerMove(
                let move, let phase, let undo, let failure, let endpoint, let measure, let verdict):
                send(
                    .move(
                        move, phase, undo: undo, failure: failure, endpoint: endpoint,
                        measure: measure, verdict: verdict), from: id)
            }
        }
    }

    func send(_ instruction: Instruction, to id: HostID) -> Delivery? {
        machines[id]?.session.map { .instruction(id, $0, instruction) }
    }

    mutating func send(_ news: AgentNews, from id: HostID) {
        guard let session = machines[id]?.session else { return }
        inbox.append(.news(id, session, news))
    }

    // MARK: - Operations

    private mutating func perform(_ operation: AgentOperation, on id: HostID) {
        guard let machine = machines[id] else { return }
        let number = machine.lastOperation + 1
        machines[id]?.lastOperation = number
        machines[id]?.operations[number] = operation
        if case .stream(let assigned, let endpoint, _, _) = operation.verb {
            let passage = passage(of: assigned, byPostcopy: endpoint.takesPostcopy)
            machines[id]?.passages[operation.instance] = passage
        }
        if operation.stopsAtOnce, machine.driver.copies[operation.instance]?.isRunning == true {
            ledger.stands(operation.instance, at: elapsed)
        }
        agenda.add(
            .operationEnds(id, epoch: machine.epoch, number: number),
            at: now + duration(of: operation, on: id))
    }

    private mutating func interrupt(_ operation: AgentOperation, on id: HostID) {
        guard let number = machines[id]?.operations.first(where: { $0.value == operation })?.key
        else { return }
        machines[id]?.operations[number] = nil
        tell(id, .finished(operation, failure: "interrupted"))
    }

    mutating func operationEnds(_ id: HostID, _ epoch: Int, _ number: Int) {
        guard machines[id]?.epoch == epoch,
            let operation = machines[id]?.operations.removeValue(forKey: number)
        else { return }
        var failure: String?
        if operation.isOfAMove, fails() {
            failure = "the driver failed"
        } else {
            failure = carryOut(operation, on: id)
        }
        watch(operation.instance)
        var endpoint: MoveEndpoint?
        if case .receive(_, _, _, _, let takesPostcopy) = operation.verb, failure == nil {
            endpoint = machines[id].map {
                MoveEndpoint(address: $0.address, memoryPort: 1, takesPostcopy: takesPostcopy)
            }
        }
        let measure = failure == nil ? measure(of: operation, on: id) : .nothing
        tell(id, .finished(operation, failure: failure, endpoint: endpoint, measure: measure))
    }

    private mutating func fails() -> Bool {
        for fault in scenario.faults where fault.isActive(at: elapsed) {
            guard case .failing(let share) = fault.kind else { continue }
            if random.next() % 1000 < UInt64(share.permille) { return true }
        }
        return false
    }

    private func duration(of operation: AgentOperation, on id: HostID) -> Int64 {
        let pace = scenario.pace
        let passage = machines[id]?.passages[operation.instance]
        switch operation.verb {
        case .start(let assigned, _), .resume(let assigned, _), .startApart(let assigned, _):
            return assigned.workload.kind == .vm ? 5_000 : 2_000
        case .stream where passage?.endless != nil: return Self.endless
        case .stream where passage != nil:
            let running = (passage?.duration ?? .zero) - (passage?.downtime ?? .zero)
            return 100 * slowness + running.milliseconds
        case .stream, .fetch, .checkpoint:
            let bytes = bytes(of: operation, on: id)
            let time = Double(bytes.count) * 1000 / Double(max(1, pace.link.count))
            return (100 + Int64(min(time, 1e12))) * slowness
        case .handOver: return standstill(of: operation.instance, on: id).milliseconds
        case .stop, .prepare, .prepareLive: return 1_000
        case .remove, .dismiss, .receive: return 500
        case .preflight, .hold, .connect, .confirm, .arrive: return 100
        }
    }

    /// What an operation carries.
    func bytes(of operation: AgentOperation, on id: HostID) -> Bytes {
        switch operation.verb {
        case .stream(let assigned, _, _, _):
            if let passage = machines[id]?.passages[operation.instance] { return passage.bytes }
            let size = assigned.workload.size
            return size.memory.scaled(by: scenario.pace.resent) + size.disk
        case .checkpoint(let assigned): return assigned.workload.size.memory
        case .fetch(let assigned, _, _):
            let size = assigned.workload.size
            let move = engine.state.move(of: operation.instance)?.move
            return move?.mode == .live ? size.memory + size.disk : size.disk
        default: return .zero
        }
    }

    /// Does what an operation does, on both hosts where it takes two.
    private mutating func carryOut(_ operation: AgentOperation, on id: HostID) -> String? {
        let instance = operation.instance
        let copy = machines[id]?.driver.copies[instance]
        switch operation.verb {
        case .stream(_, let endpoint, _, _):
            guard copy?.isRunning == true else { return "it does not run" }
            guard let target = order.first(where: { machines[$0]?.address == endpoint.address }),
                isWaiting(instance, on: target, for: id)
            else { return "nobody waits at the target" }
            machines[id]?.driver.streams[instance] = target
            ledger.carried(bytes(of: operation, on: id), of: instance)
            return nil
        case .handOver:
            guard let target = machines[id]?.driver.streams[instance] else {
                return "nothing was streamed"
            }
            guard copy?.isRunning == true else {
                return machines[id]?.driver.letGo.contains(instance) == true
                    ? nil : "it does not run"
            }
            guard isWaiting(instance, on: target, for: id) else { return "the target is gone" }
            machines[id]?.driver.copies[instance]?.isRunning = false
            machines[id]?.driver.letGo.insert(instance)
            if machines[target]?.driver.copies[instance]?.isBarred == true {
                machines[target]?.driver.copies[instance]?.hasLanded = true
            } else {
                machines[target]?.driver.copies[instance]?.isRunning = true
            }
            return nil
        case .fetch(_, let address, _):
            ledger.carried(bytes(of: operation, on: id), of: instance)
            let source = order.first { address == "\($0):1" }
            let isThere =
                source.flatMap { machines[$0] }.map {
                    $0.isReachable && $0.driver.copies[instance] != nil
                } ?? false
            let isReachable = machines[id]?.isReachable == true
            return machines[id]?.driver.carryOut(
                operation, isSourceThere: isThere && isReachable)
        default:
            machines[id]?.driver.letGo.remove(instance)
            return machines[id]?.driver.carryOut(operation, isSourceThere: true)
        }
    }

    private func isWaiting(_ instance: InstanceID, on target: HostID, for source: HostID) -> Bool {
        guard machines[source]?.isReachable == true, machines[target]?.isReachable == true,
            let copy = machines[target]?.driver.copies[instance]
        else { return false }
        return copy.isReceiving && !copy.isRunning
    }

    /// Takes note whether a copy of `instance` runs that can be reached.
    mutating func watch(_ instance: InstanceID) {
        let isHeard = order.contains {
            guard let machine = machines[$0], machine.isPowered else { return false }
            return machine.driver.copies[instance]?.isHeard == true
        }
        if isHeard {
            ledger.runs(instance, at: elapsed)
        } else {
            ledger.stands(instance, at: elapsed)
        }
    }
}

extension AgentOperation {
    /// Whether the instance stands still from the beginning of it.
    fileprivate var stopsAtOnce: Bool {
        switch verb {
        case .checkpoint, .handOver: true
        default: false
        }
    }

    /// Whether it is a part of a move that can fail.
    fileprivate var isOfAMove: Bool {
        switch verb {
        case .preflight, .prepare, .prepareLive, .fetch, .checkpoint, .receive, .stream,
            .startApart:
            true
        default: false
        }
    }
}
