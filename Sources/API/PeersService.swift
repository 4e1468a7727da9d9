package import RPC
package import Wire

/// What an agent serves for other agents.
package protocol PeersService: Sendable {
    /// The content of an image's file.
    func fetchFile(
        _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus)

    /// The files of a stopped instance that is moving to the caller.
    func fetchInstance(
        _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus)

    /// The last lines that an instance wrote before it moved to the caller.
    func fetchLog(
        _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus)
}

extension PeersService {
    /// How calls reach the requirements.
    var routes: [Route] {
        [
            .serverStream(Method.Peers.fetchFile, fetchFile),
            .serverStream(Method.Peers.fetchInstance, fetchInstance),
            .serverStream(Method.Peers.fetchLog, fetchLog),
        ]
    }
}
