import ClusterModel

extension ClusterEngine {
    /// Whether the instance gave way, and nothing of it runs any more.
    func isDisplaced(_ instance: Instance) -> Bool {
        guard instance.desired == .stopped, instance.host != nil,
            let said = observations.instances[instance.id], said.host == instance.host
        else { return false }
        return said.generation >= instance.generation
            && !observations.observed(instance).mayRun
    }

    /// Plans under way that start what others give way to.
    var displacing: [Plan] {
        state.plans.values.filter { $0.state == .running && $0.plan.reason == .place }.map(\.plan)
    }

    /// The policy that `instances` are placed by: nobody gives way while an operator wants nothing to
    /// move by itself, nor soon after that came to nothing.
    func placingPolicy(for instances: [InstanceID]) -> Policy {
        var policy = state.policy.value
        let isTooSoon =
            decided.displacements.isResting(at: now)
            || instances.contains { decided.displacements.isResting(for: $0, at: now) }
        if state.isPaused || isTooSoon { policy.preempt = .off }
        return policy
    }

    /// The picture for a placing: who has to give way is not sent again to where it could not be moved.
    ///
    /// Pairs that a guard remembers are left out. They say who does worse where, and giving way is worse than that.
    func placingSnapshot() -> Snapshot {
        let picture = snapshot()
        guard state.policy.value.preempt != .off else { return picture }
        let instances = picture.instances.map { view in
            Snapshot.InstanceView(
                instance: view.instance, workload: view.workload, changed: view.changed,
                use: view.use, reserved: view.reserved,
                undone: decided.displacements.barred(view.id), day: view.day, load: view.load)
        }
        return Snapshot(
            revision: picture.revision, takenAt: picture.takenAt, hosts: picture.hosts,
            instances: instances, reservations: picture.reservations, links: picture.links,
            refusals: picture.refusals)
    }

    /// Runs a placing that needs the room of others: they leave first, and what comes starts once
    /// that is seen.
    mutating func displace(_ plan: Plan, _ planning: Planning) {
        guard case .place(let asked, _) = planning.job.task else { return }
        while let other = rival(of: plan) {
            // It is tried again once that has ended.
            guard giveWay(other, to: plan.id) else { return unplaced(asked, planning) }
        }
        let pending = plan.rationale.filter { $0.decision == .pending }
        for id in asked { decided.pending[id] = pending.first { $0.instance == id } }
        for entry in pending { decided.rationale[entry.instance] = entry }
        begin(PlanRecord(plan: plan, state: .stored))
        prunePlans()
        occurred(.plan(plan.id), "makes room: \(LoopWords.steps(of: plan))")
        for entry in pending where planning.request != nil {
            occurred(.instance(entry.instance), "waits for room", .warning)
        }
        wake(plan.wakes, for: pending.map(\.instance))
        decided.lastPlacing = placingMark
        answer(planning.request, .applied(planning.notes, pending: pending, at: state.revision))
    }

    /// Tells `host` to stop the instance and to keep what it wrote.
    mutating func stop(_ id: InstanceID, on host: HostID, by plan: Plan) -> Bool {
        guard var instance = state.instances[id]?.value, instance.host == host,
            instance.desired == .running, decided.moveOf(id) == nil
        else { return false }
        instance.desired = .stopped
        instance.generation = generation(after: instance.generation)
        change(.putInstance(instance))
        decided.displacements.stopped(id, at: now)
        occurred(.instance(id), "stops on \(host)\(cause(of: id, in: plan))", .warning)
        tell(instance)
        return true
    }

    private func cause(of id: InstanceID, in plan: Plan) -> String {
        guard
            case .stopped(_, .displaced(let other)) = plan.rationale.first(where: {
                $0.instance == id
            })?.decision
        else { return "" }
        return " and waits there: it gives way to \(other)"
    }

    /// Lets go of those of `waiting` that wait on a host that drains and left nothing there that is their own: they are placed
    /// anew, wherever there is room. What left something waits on; to start it elsewhere would lose that.
    mutating func releaseDisplaced(among waiting: [InstanceID]) {
        for id in waiting {
            guard let instance = state.instances[id]?.value, let host = instance.host,
                state.hosts[host]?.value.standing == .draining,
                state.workloads[instance.workload]?.value.leavesFiles == false
            else { continue }
            release(instance, because: "it waited on host \(host), which drains")
            guard let released = state.instances[id]?.value else { continue }
            removeLeftover(of: released, from: host)
        }
    }

    /// What has become of a stop: done once its host says so, and failed if that is silent or does not manage it.
    func stopState(of id: InstanceID, on host: HostID) -> PlanProgressNote.StepState? {
        guard let instance = state.instances[id]?.value else { return .done }
        guard instance.desired != .running, instance.host == host else { return nil }
        if isDisplaced(instance) { return .done }
        switch hostState(host) {
        case .lost, .fenced, .asleep: return .failed
        case .joining, .ready, .draining, .unconfirmed: return stopsTooLong(id) ? .failed : .running
        }
    }

    private func stopsTooLong(_ id: InstanceID) -> Bool {
        let begun = decided.displacements.stopped(id) ?? observations.since
        return now.since(begun) >= ControlLimits.stopPatience
    }

    /// Why a stop failed.
    func stopFailure(of id: InstanceID, on host: HostID) -> String {
        switch hostState(host) {
        case .lost, .fenced, .asleep: "\(id) cannot be seen to stop"
        case .joining, .ready, .draining, .unconfirmed:
            "\(id) has not stopped on \(host) within \(LoopWords.text(ControlLimits.stopPatience))"
        }
    }

    /// Nothing came of a plan for which others were to give way, for the auditor refused it.
    mutating func displacingRefused(_ plan: Plan) {
        guard plan.displaces else { return }
        decided.displacements.ended(plan, failed: true, at: now)
    }

    /// Notes what a move came to of one that gives way; a user who cancels it says nothing of its target.
    mutating func noteDisplaced(_ move: Move, _ outcome: Move.Outcome) {
        guard let plan = move.plan, state.plans[plan]?.plan.reason == .place else { return }
        switch outcome {
        case .done: decided.displacements.moveDone(move)
        case .rolledBack(MoveEngine.cancelled): return
        case .rolledBack, .failed: decided.displacements.moveFailed(move, at: now)
        }
    }
}

extension Plan {
    /// Whether somebody has to leave first.
    var displaces: Bool {
        steps.contains { step in
            if case .start = step.action { false } else { true }
        }
    }
}
