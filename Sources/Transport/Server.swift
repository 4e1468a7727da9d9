import HTTP2
import NIOCore
import NIOPosix
import NIOSSL
import RPC
import Synchronization

/// Listens on one address and serves every call by one handler.
package final class Server: Sendable {
    private struct State {
        var tls: ServerTLS?
        var context: NIOSSLContext?
        var channel: (any Channel)?
    }

    private let host: String
    private let port: Int
    private let isSecure: Bool
    private let handler: any CallHandler
    private let deadlines: Deadlines
    private let ledger: ServerLedger
    private let state: Mutex<State>
    private let accepted: AsyncStream<AcceptedConnection>
    private let acceptor: AsyncStream<AcceptedConnection>.Continuation

    /// Describes a server; `bind()` and `run()` start it.
    ///
    /// - Parameters:
    ///   - host: an address or name to listen on.
    ///   - port: zero for any free one.
    ///   - tls: `nil` for cleartext, which is for tests and loopback only.
    ///   - handler: serves the calls.
    ///   - deadlines: shorter ones are for tests.
    ///   - onEvent: for the log; runs on the network's threads and must not block.
    package init(
        host: String, port: Int, tls: ServerTLS?, handler: any CallHandler,
        deadlines: Deadlines = .standard,
        onEvent: @escaping @Sendable (ServerEvent) -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.handler = handler
        self.deadlines = deadlines
        isSecure = tls != nil
        ledger = ServerLedger(onEvent: onEvent)
        state = Mutex(State(tls: tls))
        (accepted, acceptor) = AsyncStream.makeStream(
            of: AcceptedConnection.self,
            bufferingPolicy: .bufferingOldest(Limits.acceptBacklog))
    }

    /// What the server has seen.
    package var counters: ServerCounters { ledger.counters }

    /// Starts to listen and returns the port; a second call only returns it.
    package func bind() async throws(TransportFailure) -> Int {
        if let port = state.withLock({ $0.channel?.localAddress?.port }) { return port }
        if let tls = state.withLock({ $0.context == nil ? $0.tls : nil }) { try replaceTLS(tls) }
        let bootstrap = ServerBootstrap(group: EventLoops.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: Limits.readsPerTurn)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: Limits.socketLowWater, high: Limits.socketHighWater)
            )
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try self.configure(channel) }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            state.withLock { $0.channel = channel }
            return channel.localAddress?.port ?? port
        } catch {
            throw TransportFailure(.bind, "cannot listen on \(host):\(port): \(describe(error))")
        }
    }

    /// Serves until the task is cancelled, binding first if that has not been done.
    ///
    /// One task group owns the connections, and theirs the calls. When it is cancelled, so are the
    /// handlers; their clients are told, and the connections close.
    package func run() async throws(TransportFailure) {
        _ = try await bind()
        guard let channel = state.withLock({ $0.channel }) else { return }
        channel.closeFuture.whenComplete { [acceptor] _ in acceptor.finish() }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await connection in accepted {
                    group.addTask(executorPreference: connection.executor) { [handler] in
                        await connection.run(handler)
                    }
                }
                group.cancelAll()
            }
        } onCancel: {
            channel.close(promise: nil)
        }
        guard Task.isCancelled else {
            throw TransportFailure(.listener, "the listening socket on \(host):\(port) has closed")
        }
    }

    /// Uses other credentials for handshakes from now on; connections that stand are not touched.
    ///
    /// Throws when they are not usable; the old ones then stay.
    package func replaceTLS(_ tls: ServerTLS) throws(TransportFailure) {
        precondition(isSecure, "TLS credentials for a cleartext server")
        let context = try tls.makeContext()
        state.withLock { state in
            state.tls = tls
            state.context = context
        }
    }

    /// Sets a new connection's pipeline up, or refuses it.
    private func configure(_ channel: any Channel) throws {
        guard ledger.counters.openSockets < Limits.connections else {
            ledger.count { $0.refusedConnections += 1 }
            let address = channel.remoteAddress?.ipAddress ?? "unknown"
            ledger.report(.refused(address: address, reason: "too many connections"))
            throw ChannelError.operationUnsupported
        }
        let pipeline = channel.pipeline.syncOperations
        if let context = state.withLock({ $0.context }) {
            // Any certificate is let through to the handler, which judges it and answers with a status: an
            // alert of TLS would reach a foreign client as a broken connection without a reason. The handshake
            // has proved by then that the client holds its key.
            try pipeline.addHandler(
                NIOSSLServerHandler(
                    context: context,
                    customVerificationCallback: { _, verdict in
                        verdict.succeed(.certificateVerified)
                    }))
        }
        let link = ConnectionLink(eventLoop: channel.eventLoop)
        try pipeline.addHandler(
            ServerHandler(
                engine: try ServerEngine(), link: link, isSecure: isSecure,
                deadlines: deadlines, ledger: ledger, accepted: acceptor))
    }
}
