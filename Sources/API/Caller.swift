package import Transport

/// Who makes a call, and how long that one waits.
package struct Caller: Hashable, Sendable {
    package let peer: Peer
    /// Path of the method called.
    package let path: String
    /// What the caller gave the call when it began; `nil` is no limit.
    package let timeout: Duration?

    package init(peer: Peer, path: String, timeout: Duration? = nil) {
        self.peer = peer
        self.path = path
        self.timeout = timeout
    }
}
