import Synchronization

/// What the agents of a fleet saw.
final class FleetRecord: Sendable {
    private struct State {
        var isMeasuring = false
        var milliseconds: [Double] = []
        var lateness: [Double] = []
        var lost: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// Times of the reports that were acknowledged, shortest first.
    var sorted: [Double] { state.withLock { $0.milliseconds }.sorted() }

    /// By how many milliseconds agents began their reports after they were due, least first.
    var lateness: [Double] { state.withLock { $0.lateness }.sorted() }

    /// Sessions that ended early.
    var lost: Int { state.withLock { $0.lost.values.reduce(0, +) } }

    /// Why they did, the most frequent reasons first.
    var reasons: [(reason: String, count: Int)] {
        state.withLock { $0.lost }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { (reason: $0.key, count: $0.value) }
    }

    /// From now on what is added counts.
    func begin() { state.withLock { $0.isMeasuring = true } }
    func end() { state.withLock { $0.isMeasuring = false } }

    /// Adds a report that took `time`, and began `late`.
    func add(_ time: Duration, late: Duration) {
        state.withLock { state in
            guard state.isMeasuring else { return }
            state.milliseconds.append(time / .milliseconds(1))
            state.lateness.append(late / .milliseconds(1))
        }
    }

    func lose(_ reason: String) { state.withLock { $0.lost[reason, default: 0] += 1 } }
}
