import ClusterModel

/// How long an agent waits before it looks for its coordinator again: exponential backoff with full jitter.
///
/// All agents of a cluster lose their coordinator at the same moment. Nobody tells them how many they are, so each draws its
/// wait by itself, from a range that doubles for as long as nobody answers.
/// - Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
package struct Reconnection: Hashable, Sendable {
    /// How the last try ended.
    package enum End: Hashable, Sendable {
        /// Nobody answered, or the answer was no connection.
        case unreachable
        /// There was a connection, for so long.
        case disconnected(after: Duration)
        /// The coordinator wants none of this agent, which only an operator can change.
        case refused
    }

    /// The most that is waited after a connection that was good: a small cluster is whole again in a moment, and of 10 000
    /// agents no more than 5 000 come in a second.
    package static let first = Duration.seconds(2)

    /// The most that is ever waited for a coordinator that may be back: half of the silence after which a host counts as lost.
    package static let longest = Duration.seconds(8)

    /// The most that is waited after a refusal.
    package static let refused = Duration.seconds(20)

    private var range = first

    package init() {}

    /// The wait before the next try. A connection that has lasted for `longest` was good; a shorter one may be one of a
    /// coordinator that starts and falls again and again.
    package mutating func wait(
        after end: End, using random: inout some RandomNumberGenerator
    ) -> Duration {
        let most: Duration
        switch end {
        case .refused: most = Self.refused
        case .disconnected(let lasted) where lasted >= Self.longest:
            most = Self.first
            range = Self.first * 2
        case .unreachable, .disconnected:
            most = range
            range = min(range * 2, Self.longest)
        }
        return .milliseconds(Int64.random(in: 0...most.components.seconds * 1_000, using: &random))
    }
}
