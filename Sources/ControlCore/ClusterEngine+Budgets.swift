package import ClusterModel

/// How many moves may be under way at once, of a host, a failure domain and the cluster, and how many of them an uplink bears.
extension ClusterEngine {
    /// Why this step cannot begin yet; `nil` when it can.
    func lackOfBudget(for step: Step) -> String? {
        guard case .move(let id, let source, let target, let mode) = step.action else { return nil }
        let policy = state.policy.value
        if let host = [source, target].first(where: { !hasBudget($0) }) {
            return
                "\(host) takes part in as many moves as moves.host allows, \(policy.movesPerHost)"
        }
        guard state.movesUnderWay.count < policy.movesPerCluster else {
            return "as many moves are under way as moves.cluster allows, \(policy.movesPerCluster)"
        }
        if let budget = policy.movesPerDomain, let domain = fullDomain([source, target], budget) {
            return
                "\(budget.label)=\(domain) takes part in as many moves as moves.domain allows, \(budget.moves)"
        }
        guard hasBandwidth(for: id, mode, from: source, to: target) else {
            return
                "what \(source) may send, moves.bandwidth, is needed by the moves that send from it"
        }
        return nil
    }

    private func hasBudget(_ host: HostID) -> Bool {
        let busy = state.movesUnderWay.filter { $0.move.source == host || $0.move.target == host }
            .count
        return busy < state.policy.value.movesPerHost
    }

    /// A failure domain of `hosts` that cannot take part in another move.
    private func fullDomain(_ hosts: [HostID], _ budget: Policy.DomainBudget) -> String? {
        func domains(_ hosts: [HostID]) -> Set<String> {
            Set(hosts.compactMap { state.hosts[$0]?.value.labels[budget.label] })
        }
        let busy = state.movesUnderWay.flatMap { domains([$0.move.source, $0.move.target]) }
        return domains(hosts).sorted().first { domain in
            busy.count { $0 == domain } >= budget.moves
        }
    }

    /// Why this step, the next of a plan that stands still, waits; `nil` where it was not told.
    package func waitingReason(of step: Step, in plan: Plan) -> String? {
        decided.waiting[plan.id].flatMap { $0.step == step.id ? $0.lack : nil }
    }

    /// Tells of a plan that nothing can begin of, and once in such a time; one of which something is under way waits for itself.
    mutating func tell(of waiting: WaitingStep?, of plan: Plan, isUnderWay: Bool) {
        guard let waiting, !isUnderWay else {
            decided.waiting[plan.id] = nil
            return
        }
        let isNew = decided.waiting.updateValue(waiting, forKey: plan.id) == nil
        guard isNew, let step = plan.steps.first(where: { $0.id == waiting.step }) else { return }
        occurred(.plan(plan.id), "\(step.instance) waits: \(waiting.lack)")
        effect(
            .progress(
                PlanProgressNote(
                    plan: plan.id, state: .running, reason: waiting.lack,
                    step: PlanProgressNote.StepNote(
                        id: step.id, state: .waiting, phase: nil, progress: nil))))
    }
}

/// A step that nothing but a budget keeps from beginning.
struct WaitingStep: Hashable, Sendable {
    let step: Step.StepID
    let lack: String
}
