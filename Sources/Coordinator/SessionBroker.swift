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

    private var expected: [String: CheckedContinuation<AgentEnd?, Never>] = [:]

    /// Waits for the agent that was asked for `session`, as long as an agent may take.
    func agentEnd(of session: String) async throws(RPCStatus) -> AgentEnd {
        let end = await withTaskGroup(of: AgentEnd?.self) { group in
            group.addTask { await self.arrival(of: session) }
            group.addTask {
                // Cancelled once the agent has come; also when the user has gone, and then nobody waits any more.
                try? await Task.sleep(for: CoordinatorLimits.attachPatience)
                await self.giveUp(session)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let end else {
            throw RPCStatus(.unavailable, "the host did not open the stream it was asked for")
        }
        return end
    }

    private func arrival(of session: String) async -> AgentEnd? {
        await withCheckedContinuation { expected[session] = $0 }
    }

    private func giveUp(_ session: String) {
        expected.removeValue(forKey: session)?.resume(returning: nil)
    }

    /// The agent has come; returns once the user has gone or the agent's call is cancelled.
    func arrive(
        _ session: String, _ output: MessageStream<AttachOutput>, _ input: MessageSink<AttachInput>
    ) async throws(RPCStatus) {
        guard let user = expected.removeValue(forKey: session) else {
            throw RPCStatus(.notFound, "nobody waits for this session")
        }
        let (until, done) = AsyncStream.makeStream(of: Never.self)
        user.resume(returning: AgentEnd(output: output, input: input, done: done))
        for await _ in until {}
    }
}
