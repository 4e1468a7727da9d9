/// How far a connection's output is, as the kernel counts it.
///
/// Memory as the kernel lays it out: it fills as much of it as it knows.
/// - Source: Linux, `struct tcp_info` in `uapi/linux/tcp.h`; the last field is there since 4.6.
struct TCPProgress: Sendable {
    private let beginning: InlineArray<15, UInt64>

    /// Bytes that the peer's kernel has taken since the connection began.
    let acknowledged: UInt64

    private let received: UInt64
    private let segments: UInt64

    /// Bytes that wait in the kernel for the peer's window.
    let unsent: UInt32
}
