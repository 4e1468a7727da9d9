/// What a server has seen since it was made.
package struct ServerCounters: Hashable, Sendable {
    /// Sockets open now, handshake done or not; bounded by `Limits.connections`.
    package var openSockets = 0

    /// Connections that got past their handshake, ever and now.
    package var connections = 0
    package var openConnections = 0

    /// Calls begun, ever and now.
    package var calls = 0
    package var openCalls = 0

    /// Connections that were closed in or before their handshake.
    package var refusedHandshakes = 0

    /// Connections closed at once because `Limits.connections` sockets were open.
    package var refusedConnections = 0

    /// Requests and messages refused: malformed, oversize, too many waiting, or not for this caller.
    package var refusedCalls = 0

    package init() {}
}
