package import RPC
package import Transport
package import Wire

/// The service `Join` as an agent without a certificate calls it.
///
/// A timeout ends a call with DEADLINE_EXCEEDED; without one it may take for ever.
package struct JoinClient: Sendable {
    private let client: Client

    /// The service as the server at the other end of `client` has it.
    package init(client: Client) { self.client = client }

    /// A certificate for a new host; its caller has a token in place of one.
    package func join(
        _ request: JoinRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> JoinReply {
        try await client.unary(Method.Join.join, request, timeout)
    }
}
