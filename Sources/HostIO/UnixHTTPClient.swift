import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP/1.1 client of a service that listens on a Unix socket; one connection a request.
///
/// Connecting to a Unix socket costs some 20 µs, a pool would save less than it could get wrong:
/// services such as Podman close idle connections when they like.
package struct UnixHTTPClient: Sendable {
    package let socket: String

    package init(socket: String) { self.socket = socket }

    /// Sends `request` and collects the whole answer, all within `deadline`.
    package func send(
        _ request: HTTPRequest, within deadline: Duration = .seconds(30),
        limit: Int = HostIOLimits.httpBody
    ) async throws(SocketFailure) -> HTTPResponse {
        try await withDeadline(deadline, late: SocketFailure.timedOut(deadline)) {
            () async throws(SocketFailure) -> HTTPResponse in
            try await exchange(request, headWithin: deadline, failing: { $0 }) {
                (head, reader, _) async throws(SocketFailure) -> HTTPResponse in
                HTTPResponse(head: head, body: try await reader.collect(limit: limit))
            }
        }
    }

    /// Sends `request`, waits `headWithin` for the head once the body is sent, and lends both
    /// directions to `use`.
    ///
    /// Without a limit it waits for as long as the service takes: some send the head with the first
    /// bytes of a stream that may be silent for days.
    ///
    /// The writer carries raw bytes and is of use only with a body that is `takenOver`.
    package func exchange<Outcome: Sendable, Failure: Error>(
        _ request: HTTPRequest, headWithin: Duration?, failing: (SocketFailure) -> Failure,
        _ use: (HTTPResponseHead, ByteReader, ByteWriter) async throws(Failure) -> Outcome
    ) async throws(Failure) -> Outcome {
        let channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
        do {
            channel = try await connect()
        } catch {
            throw failing(.unreachable("cannot connect to \(socket): \(SocketFailure(error))"))
        }
        return try await channel.lend(failing: failing) {
            (inbound, outbound) async throws(Failure) -> Outcome in
            let head: HTTPResponseHead
            let parts = ResponseParts(inbound)
            do throws(SocketFailure) {
                try await write(request, to: outbound)
                let timer = headWithin.map { ChannelTimer(closing: channel.channel, after: $0) }
                defer { timer?.cancel() }
                head = try await parts.head(timer: timer)
            } catch {
                throw failing(error)
            }
            return try await use(head, parts.body(), ByteWriter(rawBody: outbound))
        }
    }

    private func connect() async throws
        -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(unixDomainSocketPath: socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
    }

    /// Writes head and body; a service that answers before it has read all of it is no failure yet.
    private func write(
        _ request: HTTPRequest, to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws(SocketFailure) {
        do {
            try await outbound.write(.head(request.wireHead))
            switch request.body {
            case .none:
                try await outbound.write(.end(nil))
            case .bytes(let bytes, _):
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
                try await outbound.write(.end(nil))
            case .takenOver(let bytes, _):
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
            case .stream(_, let next):
                while let bytes = try await next() {
                    try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
                }
                try await outbound.write(.end(nil))
            }
        } catch let failure as SocketFailure {
            throw failure
        } catch {
            let failure = SocketFailure(error)
            // The service closed its reading side; what it has to say about that still arrives.
            guard case .closed = failure else { throw failure }
        }
    }
}

extension HTTPRequest {
    /// The head as the wire has it; every request asks the service to close afterwards.
    fileprivate var wireHead: HTTPRequestHead {
        var fields = HTTPHeaders([("Host", "localhost"), ("Connection", "close")])
        for header in headers { fields.replaceOrAdd(name: header.name, value: header.value) }
        switch body {
        case .none:
            if method != .get { fields.replaceOrAdd(name: "Content-Length", value: "0") }
        case .bytes(let bytes, let type), .takenOver(let bytes, let type):
            fields.replaceOrAdd(name: "Content-Type", value: type)
            fields.replaceOrAdd(name: "Content-Length", value: "\(bytes.count)")
        case .stream(let type, _):
            fields.replaceOrAdd(name: "Content-Type", value: type)
            fields.replaceOrAdd(name: "Transfer-Encoding", value: "chunked")
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method.rawValue.uppercased()),
            uri: target, headers: fields)
    }
}

extension ByteWriter {
    /// Bytes after the announced length of a body: the encoder passes them through unframed.
    fileprivate init(rawBody outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>) {
        self.init { (bytes: [UInt8]) async throws(SocketFailure) in
            do {
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
            } catch {
                throw SocketFailure(error)
            }
        } end: {
            outbound.finish()
        }
    }
}
