import ClusterModel

extension ClusterEngine {
    /// Instances that are to run, or gave way, run nowhere and are not being placed, in ascending
    /// order.
    func placeable() -> [InstanceID] {
        let busy = decided.planning.values.flatMap { planning -> [InstanceID] in
            guard case .place(let ids, _) = planning.job.task else { return [] }
            return ids
        }
        let placed = displacing.flatMap { $0.steps.map(\.instance) }
        let kept = Set(busy + placed)
        return state.instances.values.map(\.value)
            .filter { ($0.host == nil && $0.desired == .running) || isDisplaced($0) }
            .map(\.id).filter { !kept.contains($0) }.sorted()
    }

    /// Asks the planner for places; `request` is answered with what `apply` changed and what found no room.
    mutating func place(
        _ instances: [InstanceID], on host: HostID?, for request: RequestID?,
        _ notes: [WorkloadChangeNote], attempt: Int = 1
    ) {
        let id = planID("place")
        let job = PlanJob(
            id: id, task: .place(instances, on: host), snapshot: placingSnapshot(),
            policy: placingPolicy(for: instances),
            policyChanged: state.policy.changed, seed: planningSeed)
        decided.planning[id] = Planning(
            request: request, job: job, notes: notes, attempt: attempt)
        decided.lastPlacing = placingMark
        effect(.plan(job))
    }

    /// Places what waits for room, once something has changed since the last try.
    mutating func placeWaiting() {
        let waiting = placeable()
        guard !waiting.isEmpty else { return }
        releaseDisplaced(among: waiting)
        guard decided.lastPlacing != placingMark else { return }
        let free = waiting.filter { state.wishes[$0] == nil }
        // Those that nobody gives way to for a while are asked for by themselves, and first: they wait no less for room.
        let isResting = { [displacements = decided.displacements, now] in
            displacements.isResting(for: $0, at: now)
        }
        for group in [free.filter(isResting), free.filter { !isResting($0) }]
        where !group.isEmpty {
            place(group, on: nil, for: nil, [])
        }
        for host in Set(waiting.compactMap { state.wishes[$0] }).sorted() {
            place(waiting.filter { state.wishes[$0] == host }, on: host, for: nil, [])
        }
    }

    /// Changes with everything that can make room: decisions, hosts that come, and use, looked at each minute.
    var placingMark: PlacingMark {
        PlacingMark(
            revision: state.revision,
            hosts: state.hosts.keys.sorted().map(host).filter { $0.state == .ready },
            minute: now.milliseconds / 60_000)
    }

    /// Starts what an audited placing found room for; the rest is pending, with its refusals.
    mutating func placed(_ plan: Plan, _ planning: Planning) {
        guard staleness(of: plan) == nil, !isCrowded(plan, since: planning.job.snapshot) else {
            return placeAgain(planning)
        }
        guard !plan.displaces else { return displace(plan, planning) }
        for entry in plan.rationale {
            decided.rationale[entry.instance] = entry
            decided.pending[entry.instance] = entry.decision == .pending ? entry : nil
        }
        for step in plan.steps {
            guard case .start(let id, let host) = step.action else { continue }
            start(id, on: host)
        }
        let pending = plan.rationale.filter { $0.decision == .pending }
        for entry in pending where planning.request != nil {
            occurred(.instance(entry.instance), "waits for room", .warning)
        }
        wake(plan.wakes, for: pending.map(\.instance))
        // What was just decided is no reason to try the rest again.
        decided.lastPlacing = placingMark
        answer(planning.request, .applied(planning.notes, pending: pending, at: state.revision))
    }

    /// Tells `host` to start the instance, if that still waits for a host, or for room on that one.
    @discardableResult
    mutating func start(_ id: InstanceID, on host: HostID) -> Bool {
        guard var instance = state.instances[id]?.value,
            (instance.host == nil && instance.desired == .running)
                || (instance.host == host && isDisplaced(instance))
        else { return false }
        let isBack = instance.host != nil
        instance.host = host
        instance.desired = .running
        // It keeps the address for as long as it exists, whatever host it comes to.
        if instance.address.map(network.contains) != true { instance.address = freeAddress() }
        instance.generation = generation(after: instance.generation)
        change(.putInstance(instance))
        if state.wishes[id] != nil { change(.clearWish(id)) }
        clearOutdated(id)
        decided.displacements.forget(id)
        occurred(.instance(id), isBack ? "has room again on \(host)" : "placed on \(host)")
        tell(instance)
        releaseLate(instance)
        return true
    }

    /// Whether a plan that began to run since `snapshot` wants room on a host of this placing.
    private func isCrowded(_ plan: Plan, since snapshot: Snapshot) -> Bool {
        let hosts = Set(
            plan.reads.compactMap { read -> HostID? in
                guard case .host(let host) = read.subject else { return nil }
                return host
            })
        return reservations().contains {
            hosts.contains($0.host) && !snapshot.reservations.contains($0)
        }
    }

    /// The picture that a placing was made from is no longer true, so it is made anew from the present one.
    private mutating func placeAgain(_ planning: Planning) {
        guard case .place(let asked, let host) = planning.job.task else { return }
        let placeable = placeable()
        let left = asked.filter(placeable.contains)
        guard !left.isEmpty, planning.attempt < ControlLimits.placingAttempts else {
            return unplaced(left, planning)
        }
        place(left, on: host, for: planning.request, planning.notes, attempt: planning.attempt + 1)
    }

    /// Answers that `instances` wait; they are tried again by themselves.
    mutating func unplaced(_ instances: [InstanceID], _ planning: Planning) {
        let pending = instances.map { Rationale(instance: $0, decision: .pending, refusals: []) }
        for entry in pending { decided.pending[entry.instance] = entry }
        answer(planning.request, .applied(planning.notes, pending: pending, at: state.revision))
    }
}
