import HTTP2

/// Notices peers that went away without saying so, or that hold a connection without using it well.
///
/// Time comes in ticks, one every `Limits.tick`, so that an idle connection costs one timer.
package struct Keepalive: Hashable, Sendable {
    /// What the connection looks like at a tick.
    package struct Observation: Hashable, Sendable {
        /// Something arrived since the last tick.
        package let heard: Bool

        /// Bytes handed to the socket since the connection began.
        package let written: Int

        /// What is known of them while the socket takes no more; `nil` while it does.
        package let backlog: Backlog?

        /// No call is open, and the peer is one that may not sit idle.
        package let isIdle: Bool

        package init(heard: Bool, written: Int, backlog: Backlog?, isIdle: Bool) {
            self.heard = heard
            self.written = written
            self.backlog = backlog
            self.isIdle = isIdle
        }
    }

    /// What waits for a peer, which a full socket shows in large steps only.
    package struct Backlog: Hashable, Sendable {
        /// Bytes that the peer's kernel has taken since the connection began.
        package let acknowledged: UInt64

        /// The peer may be as slow as it likes, as long as it reads.
        package let mayBeSlow: Bool

        package init(acknowledged: UInt64, mayBeSlow: Bool) {
            self.acknowledged = acknowledged
            self.mayBeSlow = mayBeSlow
        }
    }

    package enum Action: Hashable, Sendable {
        case none
        case ping
        case shutDown
        case close(String)
    }

    private var silent = 0
    private var stalled = 0
    private var idle = 0
    private var written = 0
    private var backlog: Backlog?

    package init() {}

    package mutating func handle(_ seen: Observation) -> Action {
        let moved = hasMoved(seen)
        // Our ping may be behind what a slow peer has yet to read; what it takes meanwhile is a sign of life. What the
        // socket took before it was full is none.
        let lives = seen.heard || moved && backlog != nil && seen.backlog != nil
        silent = lives ? 0 : silent + 1
        stalled = seen.backlog == nil || moved ? 0 : stalled + 1
        written = seen.written
        backlog = seen.backlog
        idle = seen.isIdle ? idle + 1 : 0
        if silent >= Limits.ticks(within: Limits.silence) {
            return .close("the peer has gone silent")
        }
        if stalled >= Limits.ticks(within: Limits.unread) {
            return .close("the peer does not read")
        }
        if idle == Limits.ticks(within: Limits.idleStranger) { return .shutDown }
        return silent >= Limits.ticks(within: Limits.quiet) ? .ping : .none
    }

    /// Whether output went on since the last tick.
    private func hasMoved(_ seen: Observation) -> Bool {
        if seen.written > written { return true }
        guard let now = seen.backlog, now.mayBeSlow, let before = backlog else { return false }
        return now.acknowledged > before.acknowledged
    }
}
