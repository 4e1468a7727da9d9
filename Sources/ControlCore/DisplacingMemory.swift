import ClusterModel

/// What came of plans for which others were to give way, so that none that came to nothing is made again too soon.
///
/// It is not stored: a coordinator that starts anew tries anew, and so does one whose policy has changed.
package struct DisplacingMemory: Hashable, Sendable {
    /// When such a plan last came to nothing, whoever it was for.
    private var endedAt: Instant?
    /// Plans that failed one after the other, for each of those that were to come.
    private var failures: [InstanceID: Tally] = [:]
    /// Moves that failed one after the other, of each that was to give way.
    private var moves: [InstanceID: [HostID: Tally]] = [:]
    /// When those that gave way were told to stop.
    private var stops: [InstanceID: Instant] = [:]

    private struct Tally: Hashable, Sendable {
        var count = 0
        var at: Instant

        mutating func add(at now: Instant) {
            count += 1
            at = now
        }
    }

    // MARK: - Plans

    /// Nobody gives way for a while to whomever a plan was for that came to nothing, and a moment to anybody.
    mutating func ended(_ plan: Plan, failed isFailed: Bool, at now: Instant) {
        endedAt = now
        guard isFailed else { return }
        for id in plan.arrivals { failures[id, default: Tally(at: now)].add(at: now) }
    }

    mutating func succeeded(_ plan: Plan) { for id in plan.arrivals { failures[id] = nil } }

    /// Whether it is too soon for anybody to give way.
    func isResting(at now: Instant) -> Bool {
        endedAt.map { now.since($0) < ControlLimits.tryRest } ?? false
    }

    /// Whether it is too soon for others to give way to `instance`: each failure in a row doubles that.
    func isResting(for instance: InstanceID, at now: Instant) -> Bool {
        guard let known = failures[instance] else { return false }
        let doublings = min(known.count - 1, ControlLimits.failureDoublings)
        return now.since(known.at) < ControlLimits.tryRest * (1 << doublings)
    }

    // MARK: - Who gives way

    mutating func moveFailed(_ move: Move, at now: Instant) {
        var known = moves[move.instance]?[move.target] ?? Tally(at: now)
        if now.since(known.at) >= ControlLimits.displacingMemory { known.count = 0 }
        known.add(at: now)
        moves[move.instance, default: [:]][move.target] = known
    }

    mutating func moveDone(_ move: Move) { moves[move.instance]?[move.target] = nil }

    /// Hosts that `instance` could not be moved to, and until when that is not tried again when it has to give way.
    func barred(_ instance: InstanceID) -> [HostID: Instant] {
        (moves[instance] ?? [:]).filter { $0.value.count >= ControlLimits.displacingMoves }
            .mapValues { $0.at.advanced(by: ControlLimits.displacingMemory) }
    }

    mutating func stopped(_ instance: InstanceID, at now: Instant) { stops[instance] = now }

    /// When it was told to stop; `nil` where that was an earlier coordinator.
    func stopped(_ instance: InstanceID) -> Instant? { stops[instance] }

    // MARK: - Ends

    /// Other rules may lead elsewhere; who was told to stop was told all the same.
    mutating func policyChanged() { (endedAt, failures, moves) = (nil, [:], [:]) }

    /// It runs now, or is no more: what came before says nothing of what comes.
    mutating func forget(_ instance: InstanceID) {
        failures[instance] = nil
        stops[instance] = nil
    }

    mutating func bury(_ instance: InstanceID) {
        forget(instance)
        moves[instance] = nil
    }
}

extension Plan {
    /// Instances that it starts.
    var arrivals: [InstanceID] {
        steps.compactMap { step in
            guard case .start(let instance, _) = step.action else { return nil }
            return instance
        }
    }
}
