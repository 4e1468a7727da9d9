import RPC

/// A call that a client has begun: any number of messages both ways.
package struct ClientCall: Sendable {
    /// Messages to the server; `finish()` half-closes.
    package let requests: OutboundMessages

    /// Messages of the server; `next()` throws its status when that is not OK.
    package let responses: InboundMessages

    init(pipe: CallPipe, client: Client) {
        let lease = CallLease(pipe: pipe, client: client)
        requests = OutboundMessages(pipe: pipe, lease: lease)
        responses = InboundMessages(pipe: pipe, lease: lease)
    }

    /// Says that no message follows.
    package func finish() { requests.finish() }

    /// Ends the call at once, on both sides.
    package func cancel() {
        requests.pipe.finish(RPCStatus(.cancelled, "the caller cancelled the call"))
    }
}
