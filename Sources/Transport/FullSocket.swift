import RPC

/// A socket that takes no more, because its peer does not read as fast as it is written to.
struct FullSocket {
    /// Bytes that the peer's kernel has taken since the connection began.
    let acknowledged: UInt64

    /// Bytes that wait in it, the kernel's part of it included.
    let holds: Int

    func backlog(mayBeSlow: Bool) -> Keepalive.Backlog {
        Keepalive.Backlog(acknowledged: acknowledged, mayBeSlow: mayBeSlow)
    }
}
