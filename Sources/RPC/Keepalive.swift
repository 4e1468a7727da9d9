/// Notices peers that went away without saying so, or that hold a connection without using it well.
///
/// Time comes in ticks, one every `tick`, so that an idle connection costs one timer.
package struct Keepalive: Hashable, Sendable {
    /// The length of a tick.
    package static let tick = Duration.seconds(4)

    /// Silence after which we ask for a sign of life: 8 to 12 s, by where in a tick it began.
    static let ticksToPing = 2

    /// Silence, or output that nobody reads, after which the peer counts as gone: 16 to 20 s.
    static let ticksToGone = 4

    /// How long the peer may take for its SETTINGS, and for one header block: 8 to 12 s.
    static let ticksForHeaders = 3

    /// How long a connection of an unknown peer may have no call: 5 min.
    static let ticksIdle = 75

    /// What the connection looks like at a tick.
    package struct Observation: Hashable, Sendable {
        /// Something arrived since the last tick.
        package let heard: Bool
        /// Output waits, and none of it left since the last tick.
        package let isStalled: Bool
        package let isReady: Bool
        package let isHeaderBlockOpen: Bool
        /// No call is open, and the peer is one that may not sit idle.
        package let isIdle: Bool

        package init(
            heard: Bool, isStalled: Bool, isReady: Bool, isHeaderBlockOpen: Bool, isIdle: Bool
        ) {
            self.heard = heard
            self.isStalled = isStalled
            self.isReady = isReady
            self.isHeaderBlockOpen = isHeaderBlockOpen
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
    private var unready = 0
    private var openBlock = 0
    private var idle = 0

    package init() {}

    package mutating func handle(_ seen: Observation) -> Action {
        silent = seen.heard ? 0 : silent + 1
        stalled = seen.isStalled ? stalled + 1 : 0
        unready = seen.isReady ? 0 : unready + 1
        openBlock = seen.isHeaderBlockOpen ? openBlock + 1 : 0
        idle = seen.isIdle ? idle + 1 : 0
        if unready >= Self.ticksForHeaders { return .close("no HTTP/2 settings in time") }
        if openBlock >= Self.ticksForHeaders { return .close("a header block was not ended") }
        if silent >= Self.ticksToGone { return .close("the peer has gone silent") }
        if stalled >= Self.ticksToGone { return .close("the peer does not read") }
        if idle == Self.ticksIdle { return .shutDown }
        return silent >= Self.ticksToPing ? .ping : .none
    }
}
