package import RPC

/// Serves every call of a server, by the call's path.
package protocol CallHandler: Sendable {
    /// Serves one call.
    ///
    /// Returning ends the call with OK; throwing ends it with that status. The task is cancelled
    /// when the client cancels, the deadline passes or the connection dies.
    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus)
}
