package import ClusterModel

/// What an agent does with the instances of its host; it sees no driver, socket, clock or disk.
///
/// It refuses what is older than what it holds, adopts what runs, and starts nothing after a reboot before the
/// coordinator has confirmed it.
package struct AgentEngine: Sendable {
    package internal(set) var instances: [InstanceID: InstanceLifecycle] = [:]
    /// Instances that a driver has and nobody assigned.
    var strays: [InstanceID: SeenInstance] = [:]
    /// This host's part in the move of each instance that has one.
    var moves: [InstanceID: MovePart] = [:]
    /// What is being brought to the disk, and for which order.
    var flushes: [MoveID: MoveOrderNote] = [:]
    /// What the reboot made of the holdings.
    ///
    /// The first event keeps it. A shell that notes the boot by itself has to keep it before that: were the agent
    /// to end in between, the next one would take what nobody confirmed for confirmed.
    package private(set) var heldByReboot: [Holding] = []
    private var owesHolds = true
    private var lastReport: [AgentNews.InstanceStatus]?
    private var lease: Lease
    var effects: [AgentEffect] = []

    /// - Parameters:
    ///   - holdings: what was held when the agent last ran.
    ///   - rebooted: whether the host started anew since then.
    ///   - heardAt: when the coordinator was last heard, by whichever agent ran then: a lease does not begin
    ///     anew because the agent did.
    package init(holdings: [Holding], rebooted: Bool, lease: Duration, heardAt: Instant) {
        self.lease = Lease(length: lease, heardAt: heardAt)
        for var holding in holdings {
            if rebooted, holding.isConfirmed {
                holding.standing = .held
                heldByReboot.append(holding)
            }
            instances[holding.id] = InstanceLifecycle(adopting: holding)
        }
        heldByReboot.sort { $0.id < $1.id }
    }

    package mutating func handle(_ event: AgentEvent, at now: Instant) -> [AgentEffect] {
        effects = owesHolds ? heldByReboot.map { .keep($0) } : []
        owesHolds = false
        switch event {
        case .assigned(let assignments, let complete, let moving):
            assign(assignments)
            if complete {
                forgetOthers(than: Set(assignments.map(\.instance)), moving: Set(moving))
            }
        case .ordered(let order): ordered(order)
        case .greeting(let at): lease.greeting(at)
        case .welcomed:
            lease.welcomed()
            lastReport = nil
            repeatLettingGo()
            effects.append(.noteHeard(lease.heardAt))
        case .reporting(let at): lease.reporting(at)
        case .acknowledged:
            lease.acknowledged()
            effects.append(.noteHeard(lease.heardAt))
        case .seen(let kind, let seen): see(kind, seen, now)
        case .finished(let operation, let failure, let endpoint, let measure, let verdict):
            finished(operation, failure, endpoint, measure, verdict, now)
        case .probed(let id, let failure): instances[id]?.probed(failure)
        case .proved(let id, let move, let failure): proved(id, move, failure, now)
        case .flushed(let move, let failure): flushed(move, failure)
        case .tick: tick(now)
        }
        reconcile(now)
        reportChanges()
        return effects
    }

    // MARK: - Assignments

    private mutating func assign(_ assignments: [Assigned]) {
        for assigned in assignments {
            let id = assigned.instance
            if var known = instances[id] {
                let before = known.holding
                guard known.assign(sparing(assigned, before)) else { continue }
                // The coordinator speaks of the instance by itself again, so its move is over.
                known.holding.move = nil
                known.holding.peer = nil
                moves[id] = nil
                instances[id] = known
                if known.holding != before { effects.append(.keep(known.holding)) }
                if known.holding.assigned.desired != .running { interruptStream(of: id) }
            } else {
                let incarnation = strays[id].map(\.incarnation) ?? assigned.generation
                moves[id] = nil
                hold(Holding(assigned: assigned, incarnation: incarnation))
            }
        }
    }

    /// The assignment without its volumes where a move only waits for what it is to bring: those that are here are of
    /// an earlier stay, and nobody's copies. What cannot be told after a restart is spared.
    private func sparing(_ assigned: Assigned, _ held: Holding) -> Assigned {
        guard assigned.removeVolumes, held.waitsForItsMove else { return assigned }
        if let order = moves[assigned.instance]?.order, order.role == .target, order.phase >= .copy
        {
            return assigned
        }
        return assigned.sparingVolumes
    }

    /// Drops the tombstone of the oldest decision once there are too many.
    mutating func buryOldest() {
        let gone = instances.values.map(\.holding).filter {
            $0.standing == .gone && moves[$0.id]?.progress != .waiting
        }
        guard gone.count > ControlLimits.tombstones,
            let oldest = gone.min(by: {
                ($0.assigned.generation, $0.id) < ($1.assigned.generation, $1.id)
            })
        else { return }
        instances[oldest.id] = nil
        effects.append(.drop(oldest.id))
    }

    /// Drops tombstones, and removes what waits for an instance that the coordinator does not know any more.
    private mutating func forgetOthers(than named: Set<InstanceID>, moving: Set<InstanceID>) {
        for (id, lifecycle) in instances.sorted(by: { $0.key < $1.key }) where !named.contains(id) {
            if lifecycle.holding.standing == .gone, moves[id] == nil {
                instances[id] = nil
                effects.append(.drop(id))
            } else if lifecycle.holding.waitsForItsMove, !moving.contains(id) {
                var holding = lifecycle.holding
                holding.assigned = holding.assigned.with(.removed, holding.assigned.generation)
                holding.move = nil
                holding.peer = nil
                moves[id] = nil
                instances[id]?.holding = holding
                effects.append(.keep(holding))
                interruptStream(of: id)
            }
        }
    }

    /// Takes an instance that this host did not hold; what its driver already has of it is adopted.
    mutating func hold(_ holding: Holding) {
        var lifecycle = InstanceLifecycle(holding: holding)
        if let stray = strays.removeValue(forKey: holding.id) { lifecycle.adopt(stray) }
        instances[holding.id] = lifecycle
        effects.append(.keep(holding))
    }

    // MARK: - What drivers say

    private mutating func see(_ kind: Workload.Kind, _ seen: [SeenInstance], _ now: Instant) {
        let byID = Dictionary(seen.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for id in instances.keys.sorted()
        where instances[id]?.holding.assigned.workload.kind == kind {
            let before = instances[id]?.holding
            instances[id]?.see(byID[id], at: now)
            if let after = instances[id]?.holding, after != before { effects.append(.keep(after)) }
        }
        strays = strays.filter { $0.value.kind != kind || byID[$0.key] != nil }
        for instance in seen where instances[instance.id] == nil {
            strays[instance.id] = instance
            strays[instance.id]?.kind = kind
        }
    }

    private mutating func finished(
        _ operation: AgentOperation, _ failure: String?, _ endpoint: MoveEndpoint?,
        _ measure: MoveMeasure, _ verdict: CheckpointVerdict?, _ now: Instant
    ) {
        let id = operation.instance
        let before = instances[id]?.holding
        if measure.isLost { instances[id]?.lostByMove(operation.verb) }
        instances[id]?.finished(operation.verb, failure: failure, at: now)
        if let after = instances[id]?.holding, after != before {
            effects.append(.keep(after))
            if after.standing == .gone, after.move == nil { buryOldest() }
        }
        moveFinished(operation, failure, endpoint, measure, verdict)
    }

    private mutating func tick(_ now: Instant) {
        if lease.hasEnded(at: now) { endLeases() }
        for id in instances.keys.sorted() {
            if let check = instances[id]?.dueProbe(at: now) { effects.append(.probe(id, check)) }
        }
        seekProof(at: now)
    }

    private mutating func endLeases() {
        for id in instances.keys.sorted() {
            guard var known = instances[id], known.holding.isConfirmed,
                known.holding.assigned.desired == .running,
                known.holding.assigned.workload.onHostLoss == .restart
            else { continue }
            known.holding.standing = .held
            instances[id] = known
            effects.append(.keep(known.holding))
            interruptStream(of: id)
        }
    }

    /// Ends a stream of the instance that is under way, or the fetching of what comes ahead: it would go on for as long as there is
    /// something to send, and keep what has to be done from being done.
    mutating func interruptStream(of id: InstanceID) {
        guard let busy = instances[id]?.busy else { return }
        switch busy.verb {
        case .stream, .prepare(_, ahead: .some), .prepareLive(_, ahead: .some):
            effects.append(.interrupt(busy))
        default: return
        }
    }

    private mutating func reconcile(_ now: Instant) {
        for id in instances.keys.sorted() {
            guard let operation = instances[id]?.next(at: now) else { continue }
            perform(operation)
        }
    }

    mutating func perform(_ operation: AgentOperation) {
        let before = instances[operation.instance]?.holding
        instances[operation.instance]?.begin(operation)
        if let after = instances[operation.instance]?.holding, after != before {
            effects.append(.keep(after))
        }
        effects.append(.perform(operation))
    }

    private mutating func reportChanges() {
        var statuses = instances.values.map(\.status)
        for (id, stray) in strays where stray.state == .running {
            statuses.append(
                AgentNews.InstanceStatus(id: id, generation: stray.incarnation, observed: .running))
        }
        statuses.sort { $0.id < $1.id }
        guard statuses != lastReport else { return }
        lastReport = statuses
        effects.append(.report(statuses))
    }
}
