package import ClusterModel

/// The control loop of a cluster: events in, decisions out; it sees no clock, socket, log or random number.
///
/// The coordinator stores a decision's changes before it carries out its effects, so that nothing that was
/// answered or commanded is forgotten. Should the store refuse, `restore` takes the decided state back; what was
/// observed stays, because it happened.
package struct ClusterEngine: Sendable {
    package internal(set) var decided: Decided
    package var observations: Observations
    var now: Instant
    /// What the event at hand has led to.
    var decision = Decision()
    private let seed: UInt64
    /// Whether there is a program that puts hosts to sleep and wakes them.
    let hasPower: Bool
    /// The network that instances and hosts get their addresses from.
    let network: ClusterNetwork
    /// The event at hand, until the next.
    private var event: ClusterEvent?
    /// What a refused store kept from being carried out, and has to be all the same.
    private var owed: [ClusterEffect] = []
    /// What of that is part of the decision at hand.
    private var owing: [ClusterEffect] = []
    /// Whether a refused store may have kept hosts from hearing what they were to hear.
    private var isBehind = false
    /// What hosts had been told of the network before the event at hand.
    private var toldBefore: NetworkMap?

    /// Everything a refused store has to take back.
    package struct Decided: Hashable, Sendable {
        package var state: ClusterState
        package var moves: [MoveID: MoveEngine] = [:]
        /// Sources that were never told to let go, because the target was lost before that; forgotten with the coordinator, to which
        /// every host then says what it has.
        var unreleased: [InstanceID: HostID] = [:]
        package var planning: [PlanID: Planning] = [:]
        /// Instances that found no room, with why; asked again when something changed.
        package var pending: [InstanceID: Rationale] = [:]
        /// Outdated instances that were told their new spec, and the generation under which.
        var replacing: [InstanceID: Generation] = [:]
        /// Number of the last plan that was asked for; those not stored yet count too.
        var lastPlanning = 0
        /// Number of the last look at rules.
        var lastLook = 0
        /// Revision and hosts at which placing was last tried.
        var lastPlacing: PlacingMark?
        /// What the loop tried of late.
        var loop = LoopMemory()
        /// What came of plans for which others were to give way.
        var displacements = DisplacingMemory()
        /// When plans that undo others were last asked for.
        var undoTries: [PlanID: Instant] = [:]
        /// Waves of running plans, made once.
        var waves: [PlanID: [Wave]] = [:]
        /// Running plans of which nothing can begin for now, with what was told of that.
        var waiting: [PlanID: WaitingStep] = [:]
        /// Hosts for which the program that switches them was called and has not ended.
        var switching: [HostID: Switching] = [:]
        /// Since when hosts are empty and nothing is expected of them, and when it was last asked whether they may sleep.
        var idle: [HostID: Idleness] = [:]
        /// When hosts last did not wake.
        var wakeFailures: [HostID: Instant] = [:]
        /// Latest decision about each instance, for `explain`.
        package var rationale: [InstanceID: Rationale] = [:]
    }

    /// A plan that is being made.
    package struct Planning: Hashable, Sendable {
        let request: RequestID?
        let job: PlanJob
        /// What `apply` changed, for its answer.
        var notes: [WorkloadChangeNote] = []
        /// Which try this is: the picture changed under the ones before.
        var attempt = 1
        var plan: Plan?
        /// Why the loop asked for it, and when; `nil` for what users and placing ask for.
        var occasion: LoopOccasion?
        var since: Instant?
        /// The plan whose release it undoes.
        var undoes: PlanID?
    }

    /// What placing depended on when it was last tried.
    struct PlacingMark: Hashable, Sendable {
        let revision: Revision
        let hosts: [Host]
        /// What is used changes without a decision.
        let minute: Int64
    }

    package init(
        state: ClusterState, network: ClusterNetwork = .standard, hasPower: Bool = false,
        now: Instant, seed: UInt64
    ) {
        self.network = network
        self.hasPower = hasPower
        decided = Decided(state: state)
        observations = Observations(since: now)
        self.now = now
        self.seed = seed
        for record in state.movesUnderWay {
            decided.moves[record.move.id] = MoveEngine(record: record, now: now)
        }
    }

    package var state: ClusterState { decided.state }

    /// Whether the event at hand is that time went on.
    var isTick: Bool { event == .tick }

    package mutating func handle(_ event: ClusterEvent, at now: Instant) -> Decision {
        self.now = max(self.now, now)
        decision = Decision()
        decision.effects = owed
        owing = owed
        owed = []
        self.event = event
        toldBefore = observations.toldNetwork
        // At a tick, so that what hosts answer to it, which may be refused as well, does not ask for it again at once.
        if isBehind, isTick { catchUp() }
        switch event {
        case .request(let id, let request): handle(request, id)
        case .connected(let host, let session, let hello): connected(host, session, hello)
        case .disconnected(let host, let session): disconnected(host, session)
        case .said(let host, let session, let news):
            if observations.hosts[host]?.session == session { said(host, news) }
        case .planned(let id, let result): planned(id, result)
        case .audited(let id, let findings): audited(id, findings)
        case .powered(let host, let order, let failure): powered(host, order, failure)
        case .tick: tick()
        }
        advancePlans()
        placeWaiting()
        tellNetwork(after: event)
        return decision
    }

    /// Takes back what the last event decided; its decision is not carried out.
    ///
    /// A request is answered by whoever asked the store. All else is made up for: reports are acknowledged with the next
    /// event, a plan that was being made is asked for anew, and with the next tick hosts hear everything again.
    package mutating func restore(_ before: Decided) {
        decided = before
        isBehind = true
        observations.toldNetwork = toldBefore
        owed = owing
        for effect in decision.effects.dropFirst(owing.count) {
            switch effect {
            case .instruct(_, .acknowledge), .disconnect: owed.append(effect)
            case .answer, .instruct, .plan, .audit, .progress, .power: break
            }
        }
        switch event {
        case .planned(let id, _), .audited(let id, _): abandon(id)
        case .request: owed = owing  // A host that was not removed after all is not cut off.
        // What came of it is seen, or missed, by what the host says.
        case .powered(let host, _, _): decided.switching[host] = nil
        case .connected, .disconnected, .said, .tick, nil: break
        }
        decision = Decision()
    }

    private mutating func abandon(_ id: PlanID) {
        guard let planning = decided.planning.removeValue(forKey: id) else { return }
        decided.lastPlacing = nil
        guard let request = planning.request else { return }
        let refusal = RequestRefusal(
            .unavailable, "what was decided could not be stored; ask again")
        owed.append(.answer(request, .refused(refusal)))
    }

    /// Tells every connected host everything again.
    private mutating func catchUp() {
        isBehind = false
        for host in state.hosts.keys.sorted() where observations.hosts[host]?.session != nil {
            // What was seen of its processor may be in what was taken back.
            if let capacity = observations.hosts[host]?.capacity { weigh(host, capacity) }
            greet(host)
        }
    }

    /// Takes note that the store went on by a change that is not the engine's.
    package mutating func advance(to revision: Revision) { decided.state.advance(to: revision) }

    private mutating func handle(_ request: ClusterRequest, _ id: RequestID) {
        switch request {
        case .admit(let host, let labels): admit(host, labels, id)
        case .apply(let workloads, let host, let dryRun):
            apply(workloads, on: host, dryRun: dryRun, id)
        case .delete(let workload, let volumes): delete(workload, volumes: volumes, id)
        case .drain(let host, let force, let dryRun): drain(host, force: force, dryRun: dryRun, id)
        case .restore(let host): restore(host, id)
        case .fence(let host): fence(host, id)
        case .confirm(let host): confirm(host, id)
        case .sleep(let host): sleep(host, id)
        case .wake(let host): wake(host, id)
        case .remove(let host): remove(host, id)
        case .plan(let task): requestPlan(task, id)
        case .run(let plan): run(plan, id)
        case .cancel(let move): cancel(move, id)
        case .setPolicy(let policy): setPolicy(policy, id)
        case .addImage(let image): addImage(image, id)
        case .removeImage(let image): removeImage(image, id)
        case .pause(let isPaused): pause(isPaused, id)
        }
    }

    private mutating func setPolicy(_ policy: Policy, _ request: RequestID) {
        do throws(InvalidValue) {
            change(.putPolicy(try policy.validated()))
        } catch {
            return refuse(request, .invalid, "\(error.field): \(error.problem)")
        }
        decided.displacements.policyChanged()
        occurred(.cluster, "policy changed")
        answer(request, .changed(state.revision, notes: []))
    }

    // MARK: - Building a decision

    /// Makes `change` part of the state and of the decision.
    ///
    /// All changes of one event carry the same revision: the one after the state's when the event came.
    mutating func change(_ change: Change) {
        let revision = decision.changes.isEmpty ? state.revision.next : state.revision
        decided.state.apply(change, at: revision)
        decision.changes.append(change)
    }

    /// The generation of the next decision about an instance.
    ///
    /// Never below the revision that carries it, so that a name that was deleted and is used again goes on above
    /// everything any host may still hold of it.
    func generation(after generation: Generation) -> Generation {
        let revision = decision.changes.isEmpty ? state.revision.next : state.revision
        return max(generation.next, Generation(revision.number))
    }

    mutating func effect(_ effect: ClusterEffect) { decision.effects.append(effect) }

    mutating func answer(_ request: RequestID?, _ answer: Answer) {
        if let request { effect(.answer(request, answer)) }
    }

    mutating func refuse(_ request: RequestID?, _ code: RequestRefusal.Code, _ message: String) {
        answer(request, .refused(RequestRefusal(code, message)))
    }

    mutating func occurred(
        _ subject: Occurrence.Subject, _ message: String, _ severity: Occurrence.Severity = .notice
    ) {
        change(
            .occurred(Occurrence(at: now, subject: subject, severity: severity, message: message)))
    }

    // MARK: - The picture that planning sees

    /// What the coordinator thinks of `host` now.
    package func hostState(_ host: HostID) -> Host.State {
        guard let record = state.hosts[host]?.value else { return .lost }
        if record.standing == .fenced { return .fenced }
        if record.standing == .unconfirmed { return .unconfirmed }
        if record.standing == .asleep { return .asleep }
        guard let seen = observations.hosts[host] else { return .joining }
        if seen.isLost { return .lost }
        guard seen.session != nil, seen.capacity != nil else { return .joining }
        return record.standing == .draining ? .draining : .ready
    }

    /// The immutable picture of the cluster at this moment.
    package func snapshot() -> Snapshot {
        let hosts = state.hosts.values.map { record in
            let seen = observations.hosts[record.value.id]
            return Snapshot.HostView(
                host: host(record.value.id), changed: record.changed, use: seen?.use ?? .empty,
                images: seen?.images ?? [])
        }
        let instances = state.instances.values.compactMap { record -> Snapshot.InstanceView? in
            let instance = record.value
            guard let workload = state.workloads[instance.workload] else { return nil }
            var seen = instance
            // Whatever is said of it, one that goes has its room until nothing of it is left.
            seen.observed =
                instance.desired == .removed ? .starting : observations.observed(instance)
            let measured = observations.instances[instance.id]
            return Snapshot.InstanceView(
                instance: seen, workload: workload.value,
                changed: max(record.changed, workload.changed), use: measured?.use ?? .empty,
                undone: (state.pairings[instance.id] ?? [:]).mapValues(\.until),
                day: measured?.day.series(at: now) ?? .empty, load: measured?.load)
        }
        return Snapshot(
            revision: state.revision, takenAt: now, hosts: hosts, instances: instances,
            reservations: reservations(), links: state.links, refusals: refusals)
    }

    /// A host as users and the planner see it.
    package func host(_ id: HostID) -> Host {
        let record = state.hosts[id]?.value ?? HostRecord(id: id)
        let capacity =
            observations.hosts[id]?.capacity ?? record.capacity
            ?? Capacity(lastKnown: record.processor)
        return Host(
            id: id, labels: record.labels, taints: record.taints,
            capacity: canBeWoken(id) ? capacity : capacity.waking(in: nil),
            state: hostState(id), address: record.address, sleep: record.sleep)
    }

    /// The other ends of moves under way, and the targets of steps that will still run.
    func reservations() -> [Snapshot.Reservation] {
        var kept: [Snapshot.Reservation] = []
        for move in state.movesUnderWay.map(\.move) {
            let isThere = state.instances[move.instance]?.value.host == move.target
            kept.append(
                Snapshot.Reservation(
                    plan: move.plan ?? PlanID(move.id.rawValue), instance: move.instance,
                    host: isThere ? move.source : move.target))
        }
        for record in state.plans.values where record.state == .running {
            let states = stepStates(of: record.plan)
            for step in record.plan.steps where states[step.id] == nil {
                switch step.action {
                case .move(let instance, _, let target, _), .start(let instance, let target):
                    kept.append(
                        Snapshot.Reservation(
                            plan: record.plan.id, instance: instance, host: target))
                case .stop: continue
                }
            }
        }
        return kept.sorted { ($0.instance, $0.host, $0.plan) < ($1.instance, $1.host, $1.plan) }
    }

    /// A seed that is the same whenever the same state is planned for.
    var planningSeed: UInt64 { seed ^ state.revision.number }
}
