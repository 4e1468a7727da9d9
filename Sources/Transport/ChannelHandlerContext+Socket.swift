import Glibc
import HTTP2
import NIOCore
import NIOSSL

extension ChannelHandlerContext {
    /// Bytes that the socket has not taken yet.
    var unwritten: Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// How a socket does that takes no more; `nil` while it does.
    var fullSocket: FullSocket? {
        guard !channel.isWritable, let socket = channel as? any SocketOptionProvider else {
            return nil
        }
        let answer: EventLoopFuture<TCPProgress> = socket.unsafeGetSocketOption(
            level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_INFO))
        var full = FullSocket(acknowledged: 0, holds: unwritten)
        // Done at once, as this is the channel's loop.
        answer.assumeIsolated().whenSuccess { progress in
            full = FullSocket(
                acknowledged: progress.acknowledged, holds: full.holds + Int(progress.unsent))
        }
        return full
    }

    /// Closes without TLS's farewell: until that is answered, or its time is over, a flood would go on to be read.
    func closeAtOnce() {
        let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLHandler.self)
        (tls ?? self).close(promise: nil)
    }

    /// Makes closing a reset: what the peer has not read would stay with the kernel for as long as it is not read.
    func resetOnClose() {
        // Done at once, as this is the channel's loop; without it the connection only closes in the usual way.
        _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }

    /// Has the socket read as much at a time as it likes, or little.
    func read(little: Bool) {
        let allocator: any RecvByteBufferAllocator =
            little
            ? FixedSizeRecvByteBufferAllocator(capacity: Limits.readBytesBesideResets)
            : AdaptiveRecvByteBufferAllocator()
        // Refused only by a channel that is closed already.
        try? channel.syncOptions?.setOption(.recvAllocator, value: allocator)
    }
}
