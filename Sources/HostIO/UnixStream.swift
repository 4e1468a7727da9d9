import NIOCore
import NIOPosix

/// A connection to a Unix socket: bytes both ways, each side with its own end.
package struct UnixStream: Sendable {
    package let writer: ByteWriter
    private let inbound: NIOAsyncChannelInboundStream<ByteBuffer>

    private init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        writer = ByteWriter(outbound)
    }

    /// The reading side, for the one task that reads; asking twice is a bug and traps.
    package func reader() -> ByteReader { ByteReader(inbound) }

    /// Connects to the socket at `path`, lends the connection to `use` and closes it afterwards.
    package static func connected<Outcome: Sendable, Failure: Error>(
        to path: String, failing: (SocketFailure) -> Failure,
        _ use: (UnixStream) async throws(Failure) -> Outcome
    ) async throws(Failure) -> Outcome {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true))
                    }
                }
        } catch {
            throw failing(.unreachable("cannot connect to \(path): \(SocketFailure(error))"))
        }
        return try await channel.lend(failing: failing) {
            (inbound, outbound) async throws(Failure) -> Outcome in
            try await use(UnixStream(inbound: inbound, outbound: outbound))
        }
    }
}

extension NIOAsyncChannel {
    /// Lends both directions to `use` and closes the channel afterwards, whatever came of it.
    func lend<Outcome: Sendable, Failure: Error>(
        failing: (SocketFailure) -> Failure,
        _ use: (
            NIOAsyncChannelInboundStream<Inbound>, NIOAsyncChannelOutboundWriter<Outbound>
        ) async throws(Failure) -> Outcome
    ) async throws(Failure) -> Outcome {
        var outcome: Result<Outcome, Failure>?
        var broken: SocketFailure?
        do {
            try await executeThenClose { inbound, outbound in
                do throws(Failure) {
                    outcome = .success(try await use(inbound, outbound))
                } catch {
                    outcome = .failure(error)
                }
            }
        } catch {
            // Closing what the peer has closed already fails; the outcome stands all the same.
            broken = SocketFailure(error)
        }
        guard let outcome else { throw failing(broken ?? .closed("the connection was closed")) }
        return try outcome.get()
    }
}

extension ByteReader {
    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) {
        var iterator = inbound.makeAsyncIterator()
        self.init { () async throws(SocketFailure) -> [UInt8]? in
            do {
                if let buffer = try await iterator.next(isolation: #isolation) {
                    return Array(buffer.readableBytesView)
                }
            } catch {
                throw SocketFailure(error)
            }
            if Task.isCancelled { throw .cancelled }
            return nil
        }
    }
}

extension ByteWriter {
    init(_ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) {
        self.init { (bytes: [UInt8]) async throws(SocketFailure) in
            do {
                try await outbound.write(ByteBuffer(bytes: bytes))
            } catch {
                throw SocketFailure(error)
            }
        } end: {
            outbound.finish()
        }
    }
}
