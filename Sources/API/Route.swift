import RPC
import Transport
import Wire

/// How a call of one method reaches the requirement that serves it: one initialiser for each shape.
struct Route: Sendable {
    let method: Method
    let serve: Serve

    typealias Serve =
        @Sendable (Caller, InboundMessages, OutboundMessages) async throws(RPCStatus) -> Void

    static func unary<Request: WireMessage, Reply: WireMessage>(
        _ method: Method,
        _ body: @escaping @Sendable (Request, Caller) async throws(RPCStatus) -> Reply
    ) -> Route {
        Route(method: method) { caller, requests, replies async throws(RPCStatus) in
            let reply = try await body(try await only(requests), caller)
            try await replies.send(reply.encoded())
        }
    }

    static func serverStream<Request: WireMessage, Reply: WireMessage>(
        _ method: Method,
        _ body:
            @escaping @Sendable (
                Request, Caller, MessageSink<Reply>
            ) async throws(RPCStatus) -> Void
    ) -> Route {
        Route(method: method) { caller, requests, replies async throws(RPCStatus) in
            try await body(try await only(requests), caller, MessageSink(replies))
        }
    }

    static func clientStream<Request: WireMessage, Reply: WireMessage>(
        _ method: Method,
        _ body:
            @escaping @Sendable (
                MessageStream<Request>, Caller
            ) async throws(RPCStatus) -> Reply
    ) -> Route {
        Route(method: method) { caller, requests, replies async throws(RPCStatus) in
            let reply = try await body(MessageStream(requests: requests), caller)
            try await replies.send(reply.encoded())
        }
    }

    static func bidirectional<Request: WireMessage, Reply: WireMessage>(
        _ method: Method,
        _ body:
            @escaping @Sendable (
                MessageStream<Request>, Caller, MessageSink<Reply>
            ) async throws(RPCStatus) -> Void
    ) -> Route {
        Route(method: method) { caller, requests, replies async throws(RPCStatus) in
            try await body(MessageStream(requests: requests), caller, MessageSink(replies))
        }
    }

    /// The one request of a call; a second one is not waited for.
    private static func only<Request: WireMessage>(
        _ requests: InboundMessages
    ) async throws(RPCStatus) -> Request {
        guard let bytes = try await requests.next() else {
            throw RPCStatus(.invalidArgument, "the call has no request")
        }
        return try decoded(request: bytes)
    }
}
