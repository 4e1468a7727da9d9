/// What a server tells whoever keeps its log.
package enum ServerEvent: Hashable, Sendable {
    /// A connection got past its handshake.
    case connected(Peer)

    /// Such a connection ended.
    case disconnected(Peer, reason: String)

    /// A connection, request or message was refused.
    case refused(address: String, reason: String)
}
