package import RPC
import Transport
package import Wire

/// The messages that this side sends on a call.
package struct MessageSink<Message: WireMessage>: Sendable {
    private let push: @Sendable (Message) async throws(RPCStatus) -> Void
    private let end: @Sendable () -> Void

    /// A sink that hands what it gets to `send`.
    package init(
        send: @escaping @Sendable (Message) async throws(RPCStatus) -> Void,
        finish: @escaping @Sendable () -> Void = {}
    ) {
        push = send
        end = finish
    }

    /// Queues a message; suspends while too much waits for the network.
    ///
    /// Throws the call's status once it is over.
    package func send(_ message: Message) async throws(RPCStatus) { try await push(message) }

    /// On a client, says that no message follows; on a server, returning does.
    package func finish() { end() }
}

extension MessageSink {
    init(_ messages: OutboundMessages) {
        self.init(
            send: { message async throws(RPCStatus) in try await messages.send(message.encoded()) },
            finish: { messages.finish() })
    }
}
