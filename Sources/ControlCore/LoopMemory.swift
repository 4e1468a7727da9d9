import ClusterModel

/// What the loop tried of late, so that it asks nothing again before there can be another answer.
///
/// It is not stored: a coordinator that starts anew tries anew, and finds its suggestions where they
/// were.
package struct LoopMemory: Hashable, Sendable {
    private var tries: [Plan.Reason: Try] = [:]
    /// The policy that the tries were made under.
    private var policyChanged = Revision.zero
    /// When rules were first seen broken; `nil` while none is known to be.
    private(set) var brokenSince: Instant?
    /// What rules speak of, as it was when they were last looked at.
    private var judged: RuleMark?

    private struct Try: Hashable, Sendable {
        var at: Instant
        /// State in which it was answered; `nil` until then.
        var answeredAt: Revision?
        /// Whether its plan could start by itself.
        let mayStart: Bool
        /// Plans one after the other that began and failed.
        var failures = 0
        /// Whether an operator was told that nothing comes of it.
        var isKnownFruitless = false
    }

    /// Forgets everything once the policy has changed, and what is long past in any case.
    mutating func refresh(
        policyChanged: Revision, at now: Instant, keeping isOngoing: (Plan.Reason) -> Bool
    ) {
        if policyChanged != self.policyChanged { self = LoopMemory(policyChanged) }
        tries = tries.filter { reason, known in
            isOngoing(reason) || now.since(known.at) < ControlLimits.fruitlessRest
        }
    }

    package init() {}

    private init(_ policyChanged: Revision) { self.policyChanged = policyChanged }

    /// Whether to ask for a plan of `reason` at `now`.
    func isDue(
        _ reason: Plan.Reason, hold: Duration, mayStart: Bool, at now: Instant, in state: Revision
    ) -> Bool {
        guard let known = tries[reason] else { return true }
        if mayStart, !known.mayStart { return true }
        let waited = now.since(known.at)
        let factor = 1 << min(known.failures, ControlLimits.failureDoublings)
        guard waited >= max(hold, ControlLimits.tryRest) * factor else { return false }
        switch reason {
        // Use changes without a decision, and a hot host hurts.
        case .relieve: return true
        case .pack, .drain, .repair, .place, .move:
            return known.answeredAt != state || waited >= ControlLimits.fruitlessRest
        }
    }

    /// Whether anything that rules speak of is not as it was when they were last looked at.
    func isUnjudged(_ mark: RuleMark) -> Bool { judged != mark }

    /// Rules are looked at as things are.
    mutating func judge(_ mark: RuleMark) { judged = mark }

    /// What a look found was lost, so there is to be another.
    mutating func unjudge() { judged = nil }

    /// Whether a look found that a rule is broken.
    mutating func found(isBroken: Bool, at now: Instant) {
        brokenSince = isBroken ? brokenSince ?? now : nil
    }

    /// How long ago a plan of `reason` was asked for; `nil` if not of late.
    func waited(_ reason: Plan.Reason, at now: Instant) -> Duration? {
        tries[reason].map { now.since($0.at) }
    }

    mutating func asked(_ reason: Plan.Reason, mayStart: Bool, at now: Instant) {
        var next = Try(at: now, mayStart: mayStart)
        next.failures = tries[reason]?.failures ?? 0
        next.isKnownFruitless = tries[reason]?.isKnownFruitless ?? false
        tries[reason] = next
    }

    mutating func answered(_ reason: Plan.Reason, in state: Revision) {
        tries[reason]?.answeredAt = state
    }

    /// Something came of it after all.
    mutating func succeeded(_ reason: Plan.Reason) { tries[reason]?.isKnownFruitless = false }

    /// Nothing came of it; whether that is to be told, which it is once.
    mutating func failedToFind(_ reason: Plan.Reason) -> Bool {
        guard tries[reason]?.isKnownFruitless != true else { return false }
        tries[reason]?.isKnownFruitless = true
        return true
    }

    /// A plan that began by itself came to its end.
    mutating func ended(_ reason: Plan.Reason, well: Bool) {
        if well {
            tries[reason]?.failures = 0
        } else {
            tries[reason]?.failures += 1
        }
    }
}
