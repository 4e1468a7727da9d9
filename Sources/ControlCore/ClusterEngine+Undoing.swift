import ClusterModel

extension ClusterEngine {
    /// Whether anything that a plan moved still has to go back.
    var isUndoing: Bool { state.plans.values.contains { $0.release?.stage == .undoing } }

    mutating func tendUndoings() {
        let open = state.plans.values.filter { $0.release?.stage == .undoing }
        for record in open.sorted(by: { $0.plan.id < $1.plan.id }) { tendUndoing(record) }
    }

    /// Asks for a plan that brings back what still has to, one at a time, until all is back or too long was tried.
    mutating func tendUndoing(_ record: PlanRecord) {
        guard let release = record.release, release.stage == .undoing else { return }
        if let undo = release.undo, state.plans[undo]?.state == .running { return }
        let id = record.plan.id
        guard !decided.planning.values.contains(where: { $0.undoes == id }) else { return }
        let left = release.returns.filter { isAway($0, by: record.plan) }
        if left.isEmpty { return settle(record, .undone, left) }
        // Whoever cancels a move back wants it to stay.
        if let undo = release.undo, isCancelled(undo) { return settle(record, .left, left) }
        guard now.since(release.since) < ControlLimits.undoPatience else {
            return settle(record, .left, left)
        }
        if let tried = decided.undoTries[id], now.since(tried) < ControlLimits.tryRest { return }
        guard veto(of: record) == nil else { return }
        decided.undoTries[id] = now
        let undo = planID("p")
        var job = PlanJob(
            id: undo, task: .undo(left), snapshot: snapshot(), policy: state.policy.value,
            policyChanged: state.policy.changed, seed: planningSeed)
        job.origin = record.origin
        decided.planning[undo] = Planning(request: nil, job: job, since: now, undoes: id)
        effect(.plan(job))
    }

    /// Whether it is where `plan` brought it, and not where it was; what somebody has moved on since stays there.
    private func isAway(_ back: Release.Return, by plan: Plan) -> Bool {
        guard let instance = state.instances[back.instance]?.value, instance.desired == .running
        else { return false }
        if decided.moveOf(back.instance) != nil { return true }
        guard let host = instance.host, host != back.host else { return false }
        return plan.steps.contains { step in
            guard case .move(back.instance, _, host, _) = step.action else { return false }
            return true
        }
    }

    /// A plan that undoes another was audited: it is run, or asked for anew later.
    mutating func undoAudited(_ plan: Plan, of id: PlanID, _ findings: [String]) {
        guard let record = state.plans[id], var release = record.release else { return }
        guard findings.isEmpty else {
            let words = findings.joined(separator: "; ")
            return occurred(.plan(id), "is not undone now: \(words)", .failure)
        }
        guard !plan.steps.isEmpty, staleness(of: plan) == nil, rival(of: plan) == nil,
            veto(of: record) == nil
        else { return }
        release.undo = plan.id
        put(release, in: record)
        begin(
            PlanRecord(
                plan: plan, state: .stored, reason: "undoes \(Self.words(release)) by \(id)",
                origin: record.origin))
        occurred(
            .plan(plan.id), "undoes \(Self.words(release)) by \(id): \(LoopWords.steps(of: plan))")
    }

    private mutating func settle(
        _ record: PlanRecord, _ stage: Release.Stage, _ left: [Release.Return]
    ) {
        guard var release = record.release else { return }
        release.stage = stage
        release.since = now
        release.returns = left
        release.undo = nil
        decided.undoTries[record.plan.id] = nil
        var ended = record
        let words =
            left.isEmpty
            ? "\(Self.words(release)) is undone"
            : "\(Self.words(release)) could not be undone: \(Self.words(staying: left))"
        ended.reason = "\(record.reason); \(words)"
        put(release, in: ended)
        prunePlans()
        occurred(.plan(record.plan.id), words, left.isEmpty ? .notice : .failure)
    }

    /// Such as `the release of a`.
    private static func words(_ release: Release) -> String {
        release.host.map { "the release of \($0)" } ?? "its last wave"
    }
}
