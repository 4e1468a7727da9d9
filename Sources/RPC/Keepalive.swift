import HTTP2

/// Notices peers that went away without saying so, or that hold a connection without using it well.
///
/// Time comes in ticks, one every `Limits.tick`, so that an idle connection costs one timer.
package struct Keepalive: Hashable, Sendable {
    /// What the connection looks like at a tick.
    package struct Observation: Hashable, Sendable {
        /// Something arrived since the last tick.
        package let heard: Bool

        /// Output waits, and none of it left since the last tick.
        package let isStalled: Bool

        /// No call is open, and the peer is one that may not sit idle.
        package let isIdle: Bool

        package init(heard: Bool, isStalled: Bool, isIdle: Bool) {
            self.heard = heard
            self.isStalled = isStalled
            self.isIdle = isIdle
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

    package init() {}

    package mutating func handle(_ seen: Observation) -> Action {
        silent = seen.heard ? 0 : silent + 1
        stalled = seen.isStalled ? stalled + 1 : 0
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
}
