package import RPC
package import Wire

/// What the coordinator serves for agents.
package protocol AgentsService: Sendable {
    /// A new certificate for the host that the caller's present one names.
    func renew(_ request: RenewRequest, caller: Caller) async throws(RPCStatus) -> JoinReply

    /// The agent's control stream, for as long as it is connected.
    func control(
        _ requests: MessageStream<AgentMessage>, caller: Caller,
        replies: MessageSink<CoordinatorMessage>
    ) async throws(RPCStatus)

    /// Opened by the agent because the coordinator asked for it: logs, exec, console.
    func attach(
        _ requests: MessageStream<AttachOutput>, caller: Caller, replies: MessageSink<AttachInput>
    ) async throws(RPCStatus)

    /// The content of an image's file.
    func fetchFile(
        _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus)
}

extension AgentsService {
    /// How calls reach the requirements.
    var routes: [Route] {
        [
            .unary(Method.Agents.renew, renew),
            .bidirectional(Method.Agents.control, control),
            .bidirectional(Method.Agents.attach, attach),
            .serverStream(Method.Agents.fetchFile, fetchFile),
        ]
    }
}
