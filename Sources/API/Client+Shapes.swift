import RPC
import Transport
import Wire

/// One function for each shape of a method.
extension Client {
    func unary<Request: WireMessage, Reply: WireMessage>(
        _ method: Method, _ request: Request, _ timeout: Duration?
    ) async throws(RPCStatus) -> Reply {
        let reply = try await unary(method.path, request.encoded(), timeout: timeout)
        return try decoded(reply: reply)
    }

    func serverStream<Request: WireMessage, Reply: WireMessage>(
        _ method: Method, _ request: Request, _ timeout: Duration?
    ) async throws(RPCStatus) -> MessageStream<Reply> {
        let call = try await open(method.path, timeout: timeout)
        try await call.requests.send(request.encoded())
        call.finish()
        return MessageStream(replies: call.responses)
    }

    func clientStream<Request: WireMessage, Reply: WireMessage>(
        _ method: Method, _ timeout: Duration?,
        _ send: (MessageSink<Request>) async throws(RPCStatus) -> Void
    ) async throws(RPCStatus) -> Reply {
        let call = MessageCall<Request, Reply>(try await open(method.path, timeout: timeout))
        do {
            try await send(call.requests)
        } catch {
            call.cancel()
            throw error
        }
        call.requests.finish()
        guard let reply = try await call.replies.next() else {
            throw RPCStatus(.internal, "the server answered \(method.path) with no message")
        }
        guard try await call.replies.next() == nil else {
            throw RPCStatus(.internal, "the server answered \(method.path) with several messages")
        }
        return reply
    }

    func bidirectional<Request: WireMessage, Reply: WireMessage>(
        _ method: Method, _ timeout: Duration?
    ) async throws(RPCStatus) -> MessageCall<Request, Reply> {
        MessageCall(try await open(method.path, timeout: timeout))
    }
}
