import ClusterModel

/// What the loop tried of late, so that it asks nothing again before there can be another answer.
///
/// It is not stored: a coordinator that starts anew tries anew, and finds its suggestions where they
/// were.
package struct LoopMemory: Hashable, Sendable {
    private var tries: [Plan.Reason: Try] = [:]
    /// The policy that the tries were made under.
    private var policyChanged = Revision.zero
    /// Instances that break a rule, and when a look first found them so.
    private var broken: [InstanceID: Instant] = [:]
    /// When it was last found out who breaks rules.
    private var foundAt: Instant?
    /// When rules were last looked at only.
    private var lookedAt: Instant?
    /// Whether an operator was told that rules cannot be looked at.
    private var isLookKnownFruitless = false
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
        guard waited >= rest(after: known, hold) else { return false }
        switch reason {
        // Use changes without a decision, and a hot host hurts.
        case .relieve: return true
        case .pack, .drain, .repair, .place, .move:
            return known.answeredAt != state || waited >= ControlLimits.fruitlessRest
        }
    }

    /// Whether anything that rules speak of is not as it was when they were last looked at, or what was found then is too
    /// long ago.
    func isUnjudged(_ mark: RuleMark, at now: Instant) -> Bool {
        judged != mark || (isAnythingBroken && !isFindingValid(at: now))
    }

    /// Rules are looked at as things are.
    mutating func judge(_ mark: RuleMark) { judged = mark }

    /// What a look found was lost, so there is to be another.
    mutating func unjudge() { judged = nil }

    /// Who was found to break a rule; each has done so since it was first found, unless nobody looked for long.
    mutating func found(_ instances: [InstanceID], at now: Instant) {
        let before = isFindingValid(at: now) ? broken : [:]
        broken = Dictionary(
            instances.map { ($0, before[$0] ?? now) }, uniquingKeysWith: { first, _ in first })
        foundAt = now
        isLookKnownFruitless = false
    }

    /// Whether the last look found anything.
    var isAnythingBroken: Bool { !broken.isEmpty }

    /// Since when a rule is broken as far as anybody knows; `nil` while none is known to be.
    func brokenSince(at now: Instant) -> Instant? {
        isFindingValid(at: now) ? broken.values.min() : nil
    }

    /// Looks come at least that often while rules are broken, unless a hot host comes first or repairs fail: then nobody
    /// knows what was broken meanwhile.
    private func isFindingValid(at now: Instant) -> Bool {
        foundAt.map { now.since($0) <= ControlLimits.fruitlessRest + ControlLimits.tryRest }
            ?? false
    }

    /// Rules are looked at; that is no try to repair them, and defers none.
    mutating func looked(at now: Instant) { lookedAt = now }

    /// Nothing came of a look; whether that is to be told, which it is once.
    mutating func failedToLook() -> Bool {
        defer { isLookKnownFruitless = true }
        return !isLookKnownFruitless
    }

    /// Whether a look or a try was long enough ago for another.
    func mayLook(at now: Instant) -> Bool {
        [lookedAt, tries[.repair]?.at].allSatisfy {
            $0.map { now.since($0) >= ControlLimits.tryRest } ?? true
        }
    }

    /// Whether nothing can be done for `reason` now, so that other things need not wait for it.
    ///
    /// Not for long: what brought nothing comes first again once it may bring something, and what failed once it is due.
    func isHopeless(_ reason: Plan.Reason, hold: Duration, at now: Instant) -> Bool {
        guard let known = tries[reason] else { return false }
        let waited = now.since(known.at)
        if known.isKnownFruitless, waited < ControlLimits.fruitlessRest { return true }
        return known.failures > 0 && waited < rest(after: known, hold)
    }

    /// What has to go by between two tries; each failure in a row doubles it.
    private func rest(after known: Try, _ hold: Duration) -> Duration {
        let factor = 1 << min(known.failures, ControlLimits.failureDoublings)
        return max(hold, ControlLimits.tryRest) * factor
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
            // Whether all is as it should be is to be seen, and what is not begins to be broken then.
            if reason == .repair, isAnythingBroken { (broken, judged) = ([:], nil) }
        } else {
            tries[reason]?.failures += 1
        }
    }
}
