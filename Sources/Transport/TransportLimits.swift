/// The bounds of sockets and calls, with the arithmetic behind each.
package enum TransportLimits {
    /// Connections a server holds: 10 000 agents, their operators, and half as much again.
    package static let connections = 16_384

    /// Connections past their handshake that wait for the server's task to take them.
    package static let acceptBacklog = 1_024

    /// Calls of one connection that wait for a task. Twice what a client may have open, because
    /// one that is opened and reset at once may still be waiting.
    package static let waitingCalls = 256

    /// Wire bytes of one call that `send` lets wait for the network: one default stream window.
    package static let queuedOutboundBytes = 256 * 1_024

    /// Bytes handed to the socket at a time.
    static let flushBytes = 64 * 1_024

    /// Unsent bytes at which a socket stops and starts taking more.
    static let socketHighWater = 256 * 1_024
    static let socketLowWater = 128 * 1_024

    /// A TLS handshake is done, or the connection closed, within this time.
    package static let handshakeTimeout = Duration.seconds(10)

    /// How long we wait for the peer's farewell when closing TLS.
    static let closeTimeout = Duration.seconds(2)

    /// The longest deadline kept as such, ten years; beyond it the clock's arithmetic overflows.
    static let longestTimeout = Duration.seconds(315_360_000)
}
