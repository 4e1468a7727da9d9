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

    /// The policy that instances are placed by: nobody gives way while an operator wants nothing to
    /// move by itself, nor soon after that came to nothing.
    var placingPolicy: Policy {
        var policy = state.policy.value
        let isTooSoon = decided.displacingFailed.map { now.since($0) < ControlLimits.tryRest }
        if state.isPaused || isTooSoon == true { policy.preempt = .off }
        return policy
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

    /// What has become of a stop: done once its host says so, and failed if that is silent.
    func stopState(of id: InstanceID, on host: HostID) -> PlanProgressNote.StepState? {
        guard let instance = state.instances[id]?.value else { return .done }
        guard instance.desired != .running, instance.host == host else { return nil }
        if isDisplaced(instance) { return .done }
        switch hostState(host) {
        case .lost, .fenced: return .failed
        case .joining, .ready, .draining: return .running
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
