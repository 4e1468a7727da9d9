package import RPC

/// The messages that the other side sends on a call, pulled one by one.
///
/// Reading is what opens the sender's window: whoever does not read is not sent more. One task
/// reads at a time.
package struct InboundMessages: Sendable, AsyncSequence {
    package typealias Element = [UInt8]
    package typealias Failure = RPCStatus

    /// `next()` in the shape that `for try await` wants.
    package struct AsyncIterator: AsyncIteratorProtocol {
        let messages: InboundMessages

        package mutating func next() async throws(RPCStatus) -> [UInt8]? {
            try await messages.next()
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(RPCStatus) -> [UInt8]? {
            try await messages.next()
        }
    }

    let pipe: CallPipe

    /// On a client, keeps the call alive; see `CallLease`.
    let lease: CallLease?

    /// The next message; `nil` when the other side has sent all and, on a client, ended with OK.
    ///
    /// Throws the status with which the call ended otherwise. On a client, cancelling the task that
    /// waits here cancels the call.
    package func next() async throws(RPCStatus) -> [UInt8]? { try await nextSized()?.message }

    /// `next()`, with the bytes that the message took on the wire, prefix included: less than the message has
    /// when it was compressed.
    package func nextSized() async throws(RPCStatus) -> (message: [UInt8], wireBytes: Int)? {
        while true {
            switch pipe.read() {
            case .message(let message): return (try decode(message), message.cost)
            case .end: return nil
            case .failed(let status): throw status
            case .nothing: break
            }
            if Task.isCancelled {
                let status = RPCStatus(.cancelled, "the task was cancelled")
                if lease != nil { pipe.finish(status) }
                throw status
            }
            await pipe.waitForMessage()
        }
    }

    /// What cannot be decoded ends the call.
    private func decode(_ message: ReceivedMessage) throws(RPCStatus) -> [UInt8] {
        do throws(RPCStatus) {
            return try message.decoded()
        } catch {
            pipe.refuse(error)
            throw error
        }
    }

    /// On a client, what the server sent before its first message; known when that has been read.
    package var metadata: Metadata { pipe.metadata }

    /// On a client, what the server sent with its status; known when the call has ended.
    package var trailers: Metadata { pipe.trailers }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(messages: self) }
}
