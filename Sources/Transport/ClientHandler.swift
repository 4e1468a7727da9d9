import NIOCore
import RPC

/// A client's connection: opens calls, and says when it is ready and when it is gone.
final class ClientHandler: ConnectionHandler<ClientEngine> {
    /// Succeeds with the server's SETTINGS: with TLS 1.3 only they show that the server accepted
    /// our certificate, since the client's handshake ends before the server has looked at it.
    private var ready: EventLoopPromise<Void>?

    /// Done when the connection can be used; fails with an `RPCStatus` when it never will.
    let whenReady: EventLoopFuture<Void>

    init(
        engine: consuming ClientEngine, link: ConnectionLink, isSecure: Bool,
        ready: EventLoopPromise<Void>
    ) {
        self.ready = ready
        whenReady = ready.futureResult
        super.init(engine: engine, link: link, isSecure: isSecure)
    }

    override func handle(_ event: CallEvent) {
        switch event {
        case .ready:
            ready?.succeed()
            ready = nil
        case .goingAway, .refused: break
        case .opened, .message, .metadata, .trailers, .received, .halfClosed, .drained, .ended,
            .pong:
            preconditionFailure("a call's event went to the role: \(event)")
        }
    }

    override func handle(_ command: Command) {
        switch command {
        case .open(let pipe, let head, let first, let isLast):
            open(pipe, head, first: first, isLast: isLast)
        case .halfClose(let pipe):
            if let id = pipe.id { engine.halfClose(id) }
        case .send, .sendCompressed, .begin, .trailers, .end, .credit, .shutDown, .close:
            preconditionFailure("a command for both roles went to one: \(command)")
        }
    }

    override func ended(_ status: RPCStatus) {
        ready?.fail(status)
        ready = nil
    }

    private func open(_ pipe: CallPipe, _ head: RequestHead, first: [UInt8]?, isLast: Bool) {
        // Cancelled before it began: nothing needs to be said to the server.
        guard pipe.outcome == nil else { return }
        do throws(RPCStatus) {
            let id = try engine.open(head)
            adopt(pipe, as: id, timeout: head.timeout)
            if let first { engine.send(first, on: id) }
            if isLast { engine.halfClose(id) }
        } catch {
            pipe.end(error, keepsMessages: false)
        }
    }
}
