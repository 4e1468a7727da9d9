package import RPC
import Transport
package import Wire

/// The messages that the other side sends on a call, pulled one by one.
///
/// One task reads at a time; who does not read is not sent more.
package struct MessageStream<Message: WireMessage>: Sendable, AsyncSequence {
    package typealias Element = Message
    package typealias Failure = RPCStatus

    private let pull: @Sendable () async throws(RPCStatus) -> Message?

    /// A stream of what `next` returns until it returns `nil`.
    package init(next: @escaping @Sendable () async throws(RPCStatus) -> Message?) {
        pull = next
    }

    /// The next message; `nil` when the other side has sent all.
    ///
    /// Throws the status with which the call ended otherwise.
    package func next() async throws(RPCStatus) -> Message? { try await pull() }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }

    /// `next()` in the shape that `for try await` wants.
    package struct AsyncIterator: AsyncIteratorProtocol {
        let stream: MessageStream

        package mutating func next() async throws(RPCStatus) -> Message? {
            try await stream.next()
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(RPCStatus) -> Message? {
            try await stream.next()
        }
    }
}

extension MessageStream {
    /// What a client sends: bytes that are no message are its fault.
    init(requests: InboundMessages) {
        self.init { () async throws(RPCStatus) in
            guard let bytes = try await requests.next() else { return nil }
            return try decoded(request: bytes)
        }
    }

    /// What a server sends: bytes that are no message are not our caller's fault.
    init(replies: InboundMessages) {
        self.init { () async throws(RPCStatus) in
            guard let bytes = try await replies.next() else { return nil }
            return try decoded(reply: bytes)
        }
    }
}
