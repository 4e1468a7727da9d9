package import RPC
package import Transport
package import Wire

/// The service `Peers` as another agent calls it.
///
/// A timeout ends a call with DEADLINE_EXCEEDED; without one it may take for ever.
package struct PeersClient: Sendable {
    private let client: Client

    /// The service as the server at the other end of `client` has it.
    package init(client: Client) { self.client = client }

    /// The content of an image's file.
    package func fetchFile(
        _ request: FetchFileRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<Chunk> {
        try await client.serverStream(Method.Peers.fetchFile, request, timeout)
    }

    /// The files of a stopped instance that is moving to the caller.
    package func fetchInstance(
        _ request: FetchInstanceRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<Chunk> {
        try await client.serverStream(Method.Peers.fetchInstance, request, timeout)
    }

    /// The last lines that an instance wrote before it moved to the caller.
    package func fetchLog(
        _ request: FetchInstanceRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<OutputChunk> {
        try await client.serverStream(Method.Peers.fetchLog, request, timeout)
    }
}
