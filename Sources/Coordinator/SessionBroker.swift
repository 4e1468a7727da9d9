import API
import RPC
import Wire

/// Brings a user who looks at an instance together with the stream that its agent opens for it.
actor SessionBroker {
    /// The agent's end of one session.
    struct AgentEnd: Sendable {
        let output: MessageStream<AttachOutput>
        let input: MessageSink<AttachInput>
        /// Finishing it lets the agent's call end.
        let done: AsyncStream<Never>.Continuation
    }

    private var expected: [String: AsyncStream<AgentEnd>.Continuation] = [:]

    /// Makes room for the agent of `session`; to be called before the agent is asked to come.
    func expect(_ session: String) -> AsyncStream<AgentEnd> {
        let (arrivals, entrance) = AsyncStream.makeStream(
            of: AgentEnd.self, bufferingPolicy: .bufferingOldest(1))
        expected[session] = entrance
        return arrivals
    }

    /// Nobody waits for `session` any more.
    func forget(_ session: String) { expected.removeValue(forKey: session)?.finish() }

    /// The agent's end out of `arrivals`, as soon as it comes, for as long as an agent may take.
    func agentEnd(
        of session: String, _ arrivals: AsyncStream<AgentEnd>
    ) async throws(RPCStatus) -> AgentEnd {
        let end = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Also when the user has gone, and then nobody waits any more.
                try? await Task.sleep(for: CoordinatorLimits.attachPatience)
                await self.forget(session)
            }
            var came: AgentEnd?
            for await end in arrivals { came = end }
            group.cancelAll()
            return came
        }
        guard let end else {
            throw RPCStatus(.unavailable, "the host did not open the stream it was asked for")
        }
        return end
    }

    /// The agent has come; returns once the user has gone or the agent's call is cancelled.
    func arrive(
        _ session: String, _ output: MessageStream<AttachOutput>, _ input: MessageSink<AttachInput>
    ) async throws(RPCStatus) {
        let (until, done) = AsyncStream.makeStream(of: Never.self)
        let end = AgentEnd(output: output, input: input, done: done)
        guard let user = expected.removeValue(forKey: session), case .enqueued = user.yield(end)
        else {
            throw RPCStatus(.notFound, "nobody waits for this session")
        }
        user.finish()
        for await _ in until {}
    }
}
