package import RPC

/// A call as its handler sees it before the first message.
package struct IncomingCall: Sendable {
    /// `/package.Service/Method`.
    package let path: String
    package let metadata: Metadata

    /// What the client gave the call when it began; the handler's task is cancelled when it is up.
    package let timeout: Duration?
    package let peer: Peer

    /// Whether the client reads answers in gzip.
    package let acceptsGzip: Bool

    package init(
        path: String, metadata: Metadata, timeout: Duration?, peer: Peer, acceptsGzip: Bool = false
    ) {
        self.path = path
        self.metadata = metadata
        self.timeout = timeout
        self.peer = peer
        self.acceptsGzip = acceptsGzip
    }
}
