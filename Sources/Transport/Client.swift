import HTTP2
import NIOCore
import NIOPosix
import NIOSSL
package import RPC

/// One connection to a server, shared by any number of calls.
///
/// It closes when `close()` is called or the last of it and its calls is let go.
package final class Client: Sendable {
    private let link: ConnectionLink
    private let channel: any Channel

    private init(link: ConnectionLink, channel: any Channel) {
        self.link = link
        self.channel = channel
    }

    deinit { link.post(.close("closed from this side")) }

    /// Connects: name, socket, TLS, and the server's first sign of HTTP/2, all within `timeout`.
    ///
    /// Throws UNAVAILABLE with a cause that an operator can read.
    package static func connect(
        host: String, port: Int, tls: ClientTLS?, timeout: Duration
    ) async throws(RPCStatus) -> Client {
        let limit = TimeAmount.nanoseconds(timeout.nanoseconds)
        let deadline = NIODeadline.now() + limit
        do {
            let context = try tls.map { try $0.makeContext() }
            let bootstrap = ClientBootstrap(group: EventLoops.group)
                .connectTimeout(limit)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(
                    .writeBufferWaterMark,
                    value: .init(
                        low: Limits.socketLowWater, high: Limits.socketHighWater)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let tls, let context {
                            try pipeline.addHandler(try tls.makeHandler(context))
                        }
                        try pipeline.addHandler(
                            try makeHandler(
                                channel.eventLoop, authority: RequestHead.authority(host, port),
                                isSecure: tls != nil))
                    }
                }
            let connected = bootstrap.connect(host: host, port: port)
            let (channel, link, ready) = try await connected.flatMapThrowing { channel in
                let handler = try channel.pipeline.syncOperations.handler(type: ClientHandler.self)
                let link = handler.link
                // Both here on the loop: this task may be resumed long after the connection was ready in time.
                let late = channel.eventLoop.scheduleTask(deadline: deadline) {
                    link.post(.close("not ready within \(timeout)"))
                }
                handler.whenReady.whenComplete { _ in late.cancel() }
                return (channel, link, handler.whenReady)
            }.get()
            let client = Client(link: link, channel: channel)
            try await withTaskCancellationHandler {
                try await ready.get()
            } onCancel: {
                link.post(.close("the task was cancelled"))
            }
            return client
        } catch let status as RPCStatus {
            throw RPCStatus(.unavailable, "\(host):\(port): \(status.message)")
        } catch {
            throw RPCStatus(.unavailable, describe(error))
        }
    }

    /// Calls a method with one request and one response.
    ///
    /// Cancelling the task cancels the call.
    package func unary(
        _ path: String, _ request: [UInt8], metadata: Metadata = Metadata(),
        timeout: Duration? = nil
    ) async throws(RPCStatus) -> [UInt8] {
        try checkSize(request)
        let pipe = CallPipe(
            link: link, inFlight: request.count + MessageFraming.prefixBytes, isLocalClosed: true)
        let head = RequestHead(path: path, metadata: metadata, timeout: timeout)
        try begin(pipe, .open(pipe, head, first: request, isLast: true))
        let call = ClientCall(pipe: pipe, client: self)
        guard let response = try await call.responses.next() else {
            throw RPCStatus(.internal, "the server answered \(path) with no message")
        }
        guard try await call.responses.next() == nil else {
            throw RPCStatus(.internal, "the server answered \(path) with several messages")
        }
        return response
    }

    /// Begins a call with any number of messages both ways.
    ///
    /// Returns without waiting for the server; a refusal arrives with the first read or send. With `compresses`,
    /// messages may be sent in gzip, which the server may not know.
    package func open(
        _ path: String, metadata: Metadata = Metadata(), timeout: Duration? = nil,
        compresses: Bool = false
    ) async throws(RPCStatus) -> ClientCall {
        let pipe = CallPipe(link: link)
        pipe.isCompressing = compresses
        let head = RequestHead(
            path: path, metadata: metadata, timeout: timeout,
            encoding: compresses ? .gzip : .identity)
        try begin(pipe, .open(pipe, head, first: nil, isLast: false))
        return ClientCall(pipe: pipe, client: self)
    }

    /// Ends the open calls with CANCELLED and closes; returns when the connection is gone.
    package func close() async {
        link.post(.close("closed from this side"))
        await closed()
    }

    /// Returns when the connection has ended, whoever ended it.
    package func closed() async {
        // The future of a channel's end has no failure to tell.
        _ = try? await channel.closeFuture.get()
    }

    private func begin(_ pipe: CallPipe, _ command: Command) throws(RPCStatus) {
        guard link.post(command) else {
            throw RPCStatus(.unavailable, "the connection has ended")
        }
    }

    private static func makeHandler(
        _ eventLoop: any EventLoop, authority: String, isSecure: Bool
    ) throws -> ClientHandler {
        ClientHandler(
            engine: try ClientEngine(authority: authority, isSecure: isSecure),
            link: ConnectionLink(eventLoop: eventLoop), isSecure: isSecure,
            ready: eventLoop.makePromise(of: Void.self))
    }
}
