package import RPC
package import Transport
package import Wire

/// The service `Agents` as an agent calls it.
///
/// A timeout ends a call with DEADLINE_EXCEEDED; without one it may take for ever.
package struct AgentsClient: Sendable {
    private let client: Client

    /// The service as the server at the other end of `client` has it.
    package init(client: Client) { self.client = client }

    /// A new certificate for the host that the caller's present one names.
    package func renew(
        _ request: RenewRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> JoinReply {
        try await client.unary(Method.Agents.renew, request, timeout)
    }

    /// The agent's control stream, for as long as it is connected.
    package func control(
        timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageCall<AgentMessage, CoordinatorMessage> {
        try await client.bidirectional(Method.Agents.control, timeout)
    }

    /// Opened by the agent because the coordinator asked for it: logs, exec, console.
    package func attach(
        timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageCall<AttachOutput, AttachInput> {
        try await client.bidirectional(Method.Agents.attach, timeout)
    }

    /// The content of an image's file.
    package func fetchFile(
        _ request: FetchFileRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<Chunk> {
        try await client.serverStream(Method.Agents.fetchFile, request, timeout)
    }
}
