import Transport
package import Wire

/// A call that a client has begun: any number of messages both ways.
package struct MessageCall<Request: WireMessage, Reply: WireMessage>: Sendable {
    /// What the server gets; `finish()` says that no more follows.
    package let requests: MessageSink<Request>
    /// What the server sends; `next()` throws its status when that is not OK.
    package let replies: MessageStream<Reply>
    private let end: @Sendable () -> Void

    /// A call over `requests` and `replies`, which `cancel` ends.
    package init(
        requests: MessageSink<Request>, replies: MessageStream<Reply>,
        cancel: @escaping @Sendable () -> Void
    ) {
        self.requests = requests
        self.replies = replies
        end = cancel
    }

    init(_ call: ClientCall) {
        self.init(
            requests: MessageSink(call.requests), replies: MessageStream(replies: call.responses),
            cancel: { call.cancel() })
    }

    /// Ends the call at once, on both sides.
    package func cancel() { end() }
}
