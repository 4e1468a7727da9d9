import API
import Transport
import Wire

/// The one connection to the coordinator, while there is one.
actor CoordinatorLink {
    private(set) var client: Client?
    private var outbox: AsyncStream<AgentMessage>.Continuation?

    /// A connection was made; what is sent from now on comes out of the stream.
    func open(_ client: Client) -> AsyncStream<AgentMessage> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AgentMessage.self, bufferingPolicy: .bufferingNewest(AgentLimits.queuedMessages))
        outbox?.finish()
        outbox = continuation
        self.client = client
        return stream
    }

    /// The connection ended.
    func close() {
        outbox?.finish()
        outbox = nil
        client = nil
    }

    /// Sends a message, if anybody listens: what matters is said again after the next connection.
    func send(_ message: AgentMessage) { outbox?.yield(message) }
}
