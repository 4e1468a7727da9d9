import ClusterModel
import ControlCore
import Simulator

extension World {
    /// A machine's own time.
    func clock(of id: HostID) -> Instant {
        Instant(milliseconds: now + (hosts[id]?.clockOffset ?? 0))
    }

    mutating func startAgent(_ id: HostID) {
        guard let host = hosts[id], host.isPowered, host.agent == nil else { return }
        note("\(id) agent starts")
        let engine = AgentEngine(
            holdings: host.kept.keys.sorted().compactMap { host.kept[$0] },
            rebooted: host.keptBoot != host.boot, lease: HostLiveness.lease,
            heardAt: host.heardAt ?? clock(of: id))
        hosts[id]?.agent = engine
        hosts[id]?.agentEpoch += 1
        for holding in engine.heldByReboot { hosts[id]?.kept[holding.id] = holding }
        hosts[id]?.keptBoot = host.boot
        hosts[id]?.operations = [:]
        let firstLook = now + milliseconds(0...1_500)
        hosts[id]?.nextLook = firstLook
        hosts[id]?.nextReport = now + 5_000
        let epoch = host.agentEpoch + 1
        agenda.add(.agentTicks(id, epoch: epoch), at: now + milliseconds(1...1_000))
        agenda.add(.connects(id, epoch: epoch), at: now + milliseconds(1...500))
    }

    /// The process is gone; an operation under way is done, or not.
    mutating func killAgent(_ id: HostID) {
        guard let host = hosts[id], host.agent != nil else { return }
        note("\(id) agent killed")
        loseConnection(id)
        for number in host.operations.keys.sorted() {
            guard let operation = host.operations[number], drill?.isFinishing ?? chance(2) else {
                continue
            }
            _ = carryOut(operation, on: id)
        }
        hosts[id]?.operations = [:]
        hosts[id]?.map = nil
        hosts[id]?.agent = nil
        hosts[id]?.agentEpoch += 1
    }

    mutating func powerOff(_ id: HostID) {
        guard hosts[id]?.isPowered == true else { return }
        killAgent(id)
        note("\(id) loses power")
        hosts[id]?.isPowered = false
        hosts[id]?.flights = [:]
        presents = presents.filter { $0.value != id }
        for instance in instanceIDs { bereave(instance, on: id, of: Belonging.volatile) }
        // A driver finds its instances ended, or nothing of them.
        let isWiped = chance(2)
        for instance in hosts[id]?.driver.copies.keys.sorted() ?? [] {
            if isHereForGood(instance, on: id) {
                hosts[id]?.driver.copies[instance]?.isRunning = false
                hosts[id]?.driver.copies[instance]?.rest = .ended
            } else if isWiped || drill != nil && isReceiving(instance, on: id) {
                hosts[id]?.driver.copies[instance] = nil
            } else if hosts[id]?.driver.copies[instance]?.isRunning == true {
                hosts[id]?.driver.copies[instance]?.isRunning = false
                let code = chance(2) ? 0 : 137
                hosts[id]?.driver.copies[instance]?.code = code
            }
        }
    }

    mutating func powerOn(_ id: HostID) {
        guard hosts[id]?.isPowered == false, hosts[id]?.isFenced == false else { return }
        note("\(id) boots")
        hosts[id]?.isPowered = true
        hosts[id]?.boot += 1
        startAgent(id)
    }

    // MARK: - What the agent's shell does

    mutating func agentTicks(_ id: HostID, _ epoch: Int) {
        guard let host = hosts[id], host.agentEpoch == epoch, host.agent != nil else { return }
        if now >= host.nextLook, now >= host.isDumbUntil {
            hosts[id]?.nextLook = now + 2_000
            tell(id, .seen(.container, host.driver.seen(.container)))
            tell(id, .seen(.vm, host.driver.seen(.vm)))
        }
        tell(id, .tick)
        if now >= host.nextReport {
            hosts[id]?.nextReport = now + 5_000
            if hosts[id]?.isConnected == true {
                tell(id, .reporting(at: clock(of: id)))
                send(
                    .news(.report(host: use(of: id), instances: uses(on: id), images: [])),
                    from: id)
            }
        }
        agenda.add(.agentTicks(id, epoch: epoch), at: now + 1_000)
    }

    /// Hands an event to an agent's engine and carries out its effects.
    mutating func tell(_ id: HostID, _ event: AgentEvent) {
        guard var agent = hosts[id]?.agent, let epoch = hosts[id]?.agentEpoch else { return }
        let effects = agent.handle(event, at: clock(of: id))
        hosts[id]?.agent = agent
        if isLogging { note("\(id) \(Words.of(event))") }
        for effect in effects {
            if effect.isStep { pass("\(id) is about to \(Words.of(effect))") }
            guard hosts[id]?.agentEpoch == epoch else { return }
            if isLogging { note("\(id)   \(Words.of(effect))") }
            switch effect {
            case .keep(let holding): hosts[id]?.kept[holding.id] = holding
            case .drop(let instance): hosts[id]?.kept[instance] = nil
            case .noteHeard(let at): hosts[id]?.heardAt = at
            case .perform(let operation): perform(operation, on: id)
            case .interrupt(let operation): interrupt(operation, on: id)
            case .probe(let instance, _): tell(id, .probed(instance, failure: nil))
            case .prove(let instance, let move, _):
                let isSick =
                    hosts[id]?.driver.copies[instance]?.isSick == true || (!isCalm && chance(3))
                tell(id, .proved(instance, move, failure: isSick ? "it is sick" : nil))
            // Longer than a lease now and then: nothing may wait for it.
            case .flush(_, _, let move):
                agenda.add(
                    .flushEnds(id, epoch: epoch, move),
                    at: now + (chance(12) ? milliseconds(20...150_000) : milliseconds(20...500)))
            case .report(let statuses): send(.news(.statuses(statuses)), from: id)
            case .answerMove(let move, let phase, let undo, let failure, let endpoint, _, _):
                send(
                    .news(.move(move, phase, undo: undo, failure: failure, endpoint: endpoint)),
                    from: id)
            }
        }
    }

    private mutating func perform(_ operation: AgentOperation, on id: HostID) {
        guard let host = hosts[id] else { return }
        let isTwice = host.operations.values.contains { other in
            other.instance == operation.instance && !other.isHarmless && !operation.isHarmless
        }
        if isTwice { violation = "\(id) does two things with \(operation.instance) at a time" }
        let number = host.lastOperation + 1
        hosts[id]?.lastOperation = number
        hosts[id]?.operations[number] = operation
        begin(operation, on: id)
        // A start that outlasts a lease is a hole that is known; bringing things here may take its time.
        let longest: Int64 = operation.isHarmless || operation.isFetch ? 40_000 : 4_000
        agenda.add(
            .operationEnds(id, epoch: host.agentEpoch, number: number),
            at: now + (chance(4) ? milliseconds(20...longest) : milliseconds(20...2_000)))
        pass("\(id) has begun to \(Words.of(operation))")
    }

    mutating func flushEnds(_ id: HostID, _ epoch: Int, _ move: MoveID) {
        guard hosts[id]?.agentEpoch == epoch else { return }
        let fails = !isCalm && chance(8)
        pass("\(id) is about to be done with the flush of \(move)")
        tell(id, .flushed(move, failure: fails ? "the disk is broken" : nil))
    }

    mutating func operationEnds(_ id: HostID, _ epoch: Int, _ number: Int) {
        guard hosts[id]?.agentEpoch == epoch, let operation = hosts[id]?.operations[number]
        else { return }
        if case .arrive(_, let source) = operation.verb, source.hasLetGo, !source.isGone,
            case .coming = hosts[id]?.driver.copies[operation.instance]?.rest
        {
            // It waits for as long as that takes.
            agenda.add(.operationEnds(id, epoch: epoch, number: number), at: now + 500)
            return
        }
        pass("\(id) is about to be done with \(Words.of(operation))")
        guard hosts[id]?.operations.removeValue(forKey: number) != nil else { return }
        var failure: String?
        if now < hosts[id]?.isDumbUntil ?? 0 {
            failure = "the engine does not answer"
        } else if !isCalm, operation.mayFail, chance(12) {
            failure = "the driver failed"
            // Now and then it did it all the same, and only the word of it was lost.
            if operation.mayBeDoneAllTheSame, chance(2) { _ = carryOut(operation, on: id) }
        } else {
            failure = carryOut(operation, on: id)
            if case .startApart = operation.verb, !isCalm, chance(6) {
                hosts[id]?.driver.copies[operation.instance]?.isSick = true
            }
        }
        checkCopies(of: operation.instance)
        pass("\(id) is done with \(Words.of(operation)): \(failure ?? "ok")")
        guard hosts[id]?.agentEpoch == epoch else { return }
        var endpoint: MoveEndpoint?
        if case .receive(_, _, _, _, let takesPostcopy) = operation.verb, failure == nil {
            endpoint = Self.endpoint(of: id, takesPostcopy)
        }
        var measure = MoveMeasure.nothing
        if case .arrive = operation.verb, failure == nil,
            let copy = hosts[id]?.driver.copies[operation.instance], !copy.isRunning
        {
            measure = MoveMeasure(isLost: copy.isLost)
        }
        if case .handOver = operation.verb, failure == nil {
            measure = MoveMeasure(isPartial: drill?.move.isPostcopy == true)
        }
        tell(id, .finished(operation, failure: failure, endpoint: endpoint, measure: measure))
    }

    /// Does what an operation does, on both hosts where it takes two.
    mutating func carryOut(_ operation: AgentOperation, on id: HostID) -> String? {
        let failure = doing(operation, on: id)
        end(operation, on: id, failure)
        return failure
    }

    private mutating func doing(_ operation: AgentOperation, on id: HostID) -> String? {
        let instance = operation.instance
        switch operation.verb {
        case .stream(_, let endpoint, _, _):
            guard hosts[id]?.driver.copies[instance]?.isRunning == true else {
                return "it does not run"
            }
            let target = hosts.keys.first { Self.endpoint(of: $0).address == endpoint.address }
            guard let target, canReach(target, from: id),
                hosts[target]?.driver.copies[instance]?.isReceiving == true
            else { return "nobody waits at the target" }
            hosts[id]?.driver.streams[instance] = target
            return nil
        case .handOver:
            guard let target = hosts[id]?.driver.streams[instance] else {
                return "nothing was streamed"
            }
            guard hosts[id]?.driver.copies[instance]?.isRunning == true else {
                // Told again: it has let go of it already.
                return hosts[id]?.driver.letGo.contains(instance) == true ? nil : "it does not run"
            }
            guard canReach(target, from: id),
                hosts[target]?.driver.copies[instance]?.isReceiving == true,
                hosts[target]?.driver.copies[instance]?.isRunning == false
            else { return "the target is gone" }
            hosts[id]?.driver.copies[instance]?.isRunning = false
            if drill?.isFlying ?? (!isCalm && chance(2)) { return takeOff(instance, from: id) }
            land(instance, from: id, on: target)
            return nil
        default:
            checkPast(operation, on: id)
            hosts[id]?.driver.letGo.remove(instance)
            // Whatever is done with it here ends a switch-over that is not through.
            hosts[id]?.flights[instance] = nil
            let isThere = isSourceThere(for: operation)
            return hosts[id]?.driver.carryOut(operation, isSourceThere: isThere)
        }
    }

    /// Whether hosts hear each other, whoever else hears them.
    func canReach(_ id: HostID, from other: HostID) -> Bool {
        !cuts.contains(.peers)
            && [id, other].allSatisfy { hosts[$0].map { $0.isPowered && !$0.isCutOff } ?? false }
    }

    /// Where a host waits for streams: its number tells it apart.
    private static func endpoint(
        of id: HostID, _ takesPostcopy: Bool = false
    ) -> MoveEndpoint {
        let number = UInt32(id.rawValue.dropFirst()) ?? 0
        return MoveEndpoint(
            address: IPv4Address(bits: 10 << 24 | number), memoryPort: 1,
            takesPostcopy: takesPostcopy)
    }

    /// A stream that is ended before its time fails at once, unless it has just come to its end.
    private mutating func interrupt(_ operation: AgentOperation, on id: HostID) {
        guard let number = hosts[id]?.operations.first(where: { $0.value == operation })?.key else {
            return
        }
        hosts[id]?.operations[number] = nil
        end(operation, on: id, "interrupted")
        tell(id, .finished(operation, failure: "interrupted"))
    }

    /// Whether the host that a fetch comes from has the files.
    private func isSourceThere(for operation: AgentOperation) -> Bool {
        guard case .fetch(_, let address, _) = operation.verb else { return true }
        let source = address.split(separator: ":").first.map { HostID(String($0)) }
        guard let host = source.flatMap({ hosts[$0] }) else { return false }
        return host.agent != nil && !host.isCutOff && !cuts.contains(.peers)
            && host.driver.copies[operation.instance] != nil
    }
}

extension AgentOperation {
    /// Lease-bound instances are only safe while stops succeed; that is said in `ControlCore.md`.
    fileprivate var mayFail: Bool {
        switch verb {
        case .stop: false
        case .start, .remove, .preflight, .prepare, .prepareLive, .fetch, .confirm, .checkpoint,
            .receive, .stream, .handOver, .arrive, .dismiss, .resume, .startApart, .hold,
            .connect:
            true
        }
    }

    /// What is said to have failed is not always so.
    fileprivate var mayBeDoneAllTheSame: Bool {
        switch verb {
        case .handOver, .startApart, .hold, .connect: true
        default: false
        }
    }

    fileprivate var isFetch: Bool {
        switch verb {
        case .fetch, .stream: true
        case .prepare(_, let ahead), .prepareLive(_, let ahead): ahead != nil
        default: false
        }
    }

    /// Whether it touches nothing of the instance itself.
    fileprivate var isHarmless: Bool {
        switch verb {
        case .preflight: true
        case .prepare(_, let ahead), .prepareLive(_, let ahead): ahead == nil
        case .start, .stop, .remove, .fetch, .confirm, .checkpoint, .receive, .stream, .handOver,
            .arrive, .dismiss, .resume, .startApart, .hold, .connect:
            false
        }
    }
}
