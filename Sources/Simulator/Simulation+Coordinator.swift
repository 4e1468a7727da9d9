import ClusterModel
import ControlCore

extension Simulation {
    // MARK: - Connections

    mutating func connect(_ id: HostID, _ epoch: Int) {
        guard let machine = machines[id], machine.epoch == epoch, machine.agent != nil,
            machine.session == nil
        else { return }
        guard machine.isReachable, !isCoordinatorAway else {
            agenda.add(.connects(id, epoch: epoch), at: now + 2_000)
            return
        }
        lastSession += 1
        let session = SessionID(lastSession)
        machines[id]?.session = session
        tell(id, .greeting(at: instant))
        decide(.connected(id, session, machine.hello))
    }

    /// Everything in flight is lost; the host tries again.
    mutating func disconnect(_ id: HostID) {
        guard let session = machines[id]?.session else { return }
        machines[id]?.session = nil
        decide(.disconnected(id, session))
        agenda.add(.connects(id, epoch: machines[id]?.epoch ?? 0), at: now + 2_000)
    }

    /// Hands over what is on its way, and what that leads to.
    mutating func deliver() {
        while !inbox.isEmpty {
            let batch = inbox
            inbox = []
            for delivery in batch {
                switch delivery {
                case .news(let id, let session, let news):
                    guard machines[id]?.session == session else { continue }
                    decide(.said(id, session, news))
                case .instruction(let id, let session, let instruction):
                    guard machines[id]?.session == session else { continue }
                    arrive(instruction, at: id)
                }
            }
        }
    }

    private mutating func arrive(_ instruction: Instruction, at id: HostID) {
        switch instruction {
        case .welcome: tell(id, .welcomed)
        case .assign(let assigned, let complete, let moving):
            tell(id, .assigned(assigned, complete: complete, moving: moving))
        case .move(let order): tell(id, .ordered(order.sealed))
        case .network: break
        case .acknowledge: tell(id, .acknowledged)
        }
    }

    // MARK: - Decisions

    /// Does as the coordinator's shell does; the store takes everything.
    mutating func decide(_ event: ClusterEvent) {
        guard !isCoordinatorAway else { return }
        let decision = engine.handle(event, at: instant)
        for change in decision.changes { note(change) }
        for effect in decision.effects { carryOut(effect) }
    }

    private mutating func carryOut(_ effect: ClusterEffect) {
        switch effect {
        case .answer, .progress: break
        case .power(let host, let order): carryOut(order, on: host)
        case .instruct(let host, let instruction):
            if let delivery = send(instruction, to: host) { inbox.append(delivery) }
        case .disconnect(let host, _): disconnect(host)
        case .plan(let job):
            if case .relieve(let host) = job.task, isAboveHardLimit(host) { ledger.exempt(job.id) }
            let result = Minds.plan(job)
            if isRecording { ledger.keep(RecordedPlan(job: job, result: result)) }
            agenda.add(.planned(job, result, by: coordinator), at: now + 1_000)
        case .audit(let plan, let job):
            agenda.add(.audited(plan, job, by: coordinator), at: now + 100)
        }
    }

    private mutating func note(_ change: Change) {
        switch change {
        case .putMove(let record):
            ledger.begin(record, at: elapsed)
            if !record.isUnderWay {
                let plan = record.move.plan.flatMap { engine.state.plans[$0]?.plan }
                ledger.end(record, of: plan?.reason, at: elapsed)
            }
        case .putPlan(let record) where record.origin == .loop:
            ledger.note(record)
            follow(record)
        case .occurred(let occurrence) where occurrence.severity != .notice:
            ledger.keep(occurrence)
        default: break
        }
    }

    /// As the planner judges it: by what was last reported.
    private func isAboveHardLimit(_ host: HostID) -> Bool {
        guard let seen = engine.observations.hosts[host], let use = seen.use.last,
            let capacity = seen.capacity
        else { return false }
        let limit = capacity.allocatable.cpu.scaled(by: scenario.policy.hardCPU)
        return CPU(millicores: use.cpu.mean) > limit
    }

    // MARK: - Faults

    mutating func turnFaults() {
        let isAway = scenario.faults.contains {
            $0.kind == .coordinator && $0.isActive(at: elapsed)
        }
        if isAway != isCoordinatorAway { turnCoordinator(isAway) }
        for id in order {
            var isLost = false
            var isCut = false
            for fault in scenario.faults where fault.isActive(at: elapsed) {
                switch fault.kind {
                case .loss(id): isLost = true
                case .cut(id): isCut = true
                case .loss, .cut, .slow, .failing, .coordinator: break
                }
            }
            if isLost {
                powerOff(id)
            } else if machines[id]?.isAsleep == false {
                powerOn(id)
            }
            if machines[id]?.isCutOff != isCut {
                machines[id]?.isCutOff = isCut
                if isCut { disconnect(id) }
            }
        }
    }

    /// A coordinator that comes back knows what was stored, and nothing that was seen or being made.
    private mutating func turnCoordinator(_ isAway: Bool) {
        isCoordinatorAway = isAway
        guard isAway else {
            coordinator += 1
            engine = ClusterEngine(
                state: engine.state, hasPower: Self.hasPower(scenario), now: instant, seed: seed)
            return
        }
        inbox = []
        for id in order where machines[id]?.session != nil {
            machines[id]?.session = nil
            agenda.add(.connects(id, epoch: machines[id]?.epoch ?? 0), at: now + 2_000)
        }
    }

    mutating func powerOff(_ id: HostID) {
        guard machines[id]?.isPowered == true else { return }
        disconnect(id)
        machines[id]?.isPowered = false
        machines[id]?.agent = nil
        machines[id]?.epoch += 1
        machines[id]?.operations = [:]
        for instance in machines[id]?.driver.copies.keys.sorted() ?? [] {
            machines[id]?.driver.copies[instance]?.isRunning = false
            machines[id]?.driver.copies[instance]?.code = 137
            watch(instance)
        }
    }

    mutating func powerOn(_ id: HostID) {
        guard machines[id]?.isPowered == false else { return }
        machines[id]?.isPowered = true
        machines[id]?.boot += 1
        startAgent(id)
    }
}
