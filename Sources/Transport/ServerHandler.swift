import HTTP2
import NIOCore
import NIOSSL
import RPC

/// A server's connection: turns requests into calls for its task.
final class ServerHandler: ConnectionHandler<ServerEngine> {
    private let ledger: ServerLedger
    private let accepted: AsyncStream<AcceptedConnection>.Continuation
    private var peer = Peer(address: "unknown", certificates: [])
    private var calls: CallQueue?

    init(
        engine: consuming ServerEngine, link: ConnectionLink, isSecure: Bool,
        deadlines: Deadlines, ledger: ServerLedger,
        accepted: AsyncStream<AcceptedConnection>.Continuation
    ) {
        self.ledger = ledger
        self.accepted = accepted
        super.init(engine: engine, link: link, isSecure: isSecure, deadlines: deadlines)
    }

    /// Someone who has shown no certificate may ask, but not stay.
    override var mustBeUsed: Bool { peer.certificates.isEmpty }

    override var keepsMessages: Bool { false }

    override func handlerAdded(context: ChannelHandlerContext) {
        peer = Peer(address: Self.address(context), certificates: [])
        ledger.count { $0.openSockets += 1 }
        super.handlerAdded(context: context)
    }

    override func begun() {
        guard let context else { return }
        // Absent without TLS; the certificate has been judged by then.
        let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        let leaf = try? tls?.peerCertificate?.toDERBytes()
        peer = Peer(address: peer.address, certificates: leaf.map { [$0] } ?? [])
        let calls = CallQueue(limit: Limits.unfinishedCalls)
        self.calls = calls
        ledger.count {
            $0.connections += 1
            $0.openConnections += 1
        }
        ledger.report(.connected(peer))
        let executor = EventLoops.executor(of: context.eventLoop)
        let connection = AcceptedConnection(
            peer: peer, calls: calls, executor: executor, link: link)
        switch accepted.yield(connection) {
        case .enqueued: break
        case .dropped, .terminated: close("the server takes no connections now")
        @unknown default: close("the server takes no connections now")
        }
    }

    override func handle(_ event: CallEvent) {
        switch event {
        case .opened(let id, let head): open(id, head)
        case .refused(let reason): refuse(reason)
        case .ready, .goingAway: break
        case .message, .metadata, .trailers, .received, .halfClosed, .drained, .ended, .pong:
            preconditionFailure("a call's event went to the role: \(event)")
        }
    }

    override func handle(_ command: Command) {
        switch command {
        case .begin(let pipe, let metadata, let encoding):
            if let id = pipe.id { engine.begin(id, metadata: metadata, encoding: encoding) }
        case .trailers(let pipe, let metadata):
            if let id = pipe.id { engine.addTrailers(metadata, on: id) }
        case .open, .halfClose:
            preconditionFailure("a server was told to be a client: \(command)")
        case .send, .sendCompressed, .end, .credit, .shutDown, .close:
            preconditionFailure("a command for both roles went to one: \(command)")
        }
    }

    override func ended(_ status: RPCStatus) {
        ledger.count { $0.openSockets -= 1 }
        if let calls {
            calls.finish()
            ledger.count { $0.openConnections -= 1 }
            ledger.report(.disconnected(peer, reason: status.message))
        } else {
            ledger.count { $0.refusedHandshakes += 1 }
            ledger.report(.refused(address: peer.address, reason: status.message))
        }
    }

    private func open(_ id: CallID, _ head: RequestHead) {
        let pipe = CallPipe(link: link)
        let call = IncomingCall(
            path: head.path, metadata: head.metadata, timeout: head.timeout, peer: peer,
            acceptsGzip: head.acceptsGzip)
        ledger.count {
            $0.calls += 1
            $0.openCalls += 1
        }
        adopt(pipe, as: id, timeout: head.timeout)
        let accepted = AcceptedCall(call: call, pipe: pipe, ledger: ledger)
        switch calls?.add(accepted) ?? .stopping {
        case .taken: break
        case .full:
            ledger.count { $0.openCalls -= 1 }
            refuse("more than \(Limits.unfinishedCalls) calls wait or run")
            pipe.finish(RPCStatus(.resourceExhausted, "too many calls wait on this connection"))
        case .stopping: accepted.drop()
        }
    }

    private func refuse(_ reason: String) {
        ledger.count { $0.refusedCalls += 1 }
        ledger.report(.refused(address: peer.address, reason: reason))
    }

    private static func address(_ context: ChannelHandlerContext) -> String {
        guard let remote = context.channel.remoteAddress, let host = remote.ipAddress else {
            return "unknown"
        }
        let port = remote.port.map(String.init) ?? "?"
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
