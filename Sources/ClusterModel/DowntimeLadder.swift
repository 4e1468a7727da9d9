/// How long a guest may stand still at the end of a live move: each rung twice the one before, up to a bound.
///
/// A copy begins at the lowest and climbs only where it has stopped converging.
/// - Source: oVirt's migration policies, 100 to 500 ms in six steps, one after each stall.
package struct DowntimeLadder: Hashable, Sendable {
    /// Rising; at least one, the last of which is the bound.
    package let rungs: [Duration]

    /// The bound of a spec that names none, in times its downtime.
    package static let usual = 8
    /// The longest rung: the switch-over as a whole has two minutes, most of which its approach may take.
    package static let longest = Duration.seconds(30)
    /// Passes that begin with no less than the one before, until the next rung is allowed.
    package static let stalls = 2

    /// From `first` to `most`; to `first` alone where that is not less.
    package init(from first: Duration, to most: Duration) {
        var rungs = [max(.zero, first)]
        while let last = rungs.last, last < most {
            // Nothing doubled stays nothing.
            rungs.append(min(most, max(.milliseconds(1), last * 2)))
        }
        self.rungs = rungs
    }

    /// One rung.
    package init(_ only: Duration) { self.init(from: only, to: only) }

    package var first: Duration { rungs[0] }
    package var most: Duration { rungs[rungs.count - 1] }
}
