import RPC
import Synchronization
import Transport

/// `grpc.testing.TestService` on our server, with every feature that the description's cases ask for, and some
/// methods of `/huddle.test/` for what it has no case for.
/// - Source: grpc/doc/interop-test-descriptions.md, "Server".
struct TestService: CallHandler {
    static let details: [UInt8] = [8, 9, 18, 3, 0x68, 0, 0xFF]

    /// The handlers at work.
    let presence = Presence()

    /// Set by a call of `Release`: `Hold` then reads on.
    let released = Signal()

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        presence.enter()
        defer { presence.leave() }
        try Self.echoMetadata(call, responses)
        switch call.path {
        case "/grpc.testing.TestService/EmptyCall":
            guard let request = try await requests.next(), request.isEmpty else {
                throw RPCStatus(.invalidArgument, "not an Empty")
            }
            try await responses.send([])
        case "/grpc.testing.TestService/UnaryCall": try await unary(requests, responses)
        case "/grpc.testing.TestService/StreamingInputCall":
            try await Self.input(requests, responses)
        case "/grpc.testing.TestService/StreamingOutputCall":
            guard let bytes = try await requests.next() else { throw Interop.malformed }
            try await Self.output(bytes, responses)
        case "/grpc.testing.TestService/FullDuplexCall":
            while let bytes = try await requests.next() {
                try await Self.output(bytes, responses)
            }
        case "/huddle.test/Hold":
            await released.wait()
            try await Self.input(requests, responses)
        case "/huddle.test/Release":
            released.set()
            try await responses.send([])
        case "/huddle.test/Details":
            throw RPCStatus(.failedPrecondition, "see the details", details: Self.details)
        case "/huddle.test/Metadata":
            _ = try await requests.next()
            try responses.addTrailers(call.metadata)
            try await responses.send([])
        case "/huddle.test/Compression":
            let name = try await requests.next() ?? []
            try await responses.send(
                [UInt8](repeating: 0, count: 10_000), compressed: name == Array("Gzip".utf8))
        case "/huddle.test/Deadline":
            let left = call.timeout.map { "\($0 / .milliseconds(1))" } ?? "none"
            try await responses.send(Array(left.utf8))
        case "/huddle.test/Settled":
            // Whatever came before has ended here too.
            await presence.alone()
            try await responses.send([])
        case "/huddle.test/Early":
            // An answer while the client still sends, and nothing read.
            try await responses.send(Interop.response(1))
        default: throw RPCStatus(.unimplemented, "\(call.path) is not served here")
        }
    }

    private static func echoMetadata(
        _ call: IncomingCall, _ responses: OutboundMessages
    ) throws(RPCStatus) {
        var initial = Metadata()
        if let text = call.metadata.first("x-grpc-test-echo-initial") {
            initial.add("x-grpc-test-echo-initial", text)
        }
        if call.path == "/huddle.test/Metadata" { initial = call.metadata }
        try responses.begin(call, metadata: initial, compresses: true)
        if let bytes = call.metadata.firstBinary("x-grpc-test-echo-trailing-bin") {
            var trailers = Metadata()
            trailers.add("x-grpc-test-echo-trailing-bin", bytes)
            try responses.addTrailers(trailers)
        }
    }

    private func unary(
        _ requests: InboundMessages, _ responses: OutboundMessages
    ) async throws(RPCStatus) {
        guard let received = try await requests.nextSized() else { throw Interop.malformed }
        let request = try Interop.SimpleRequest(received.message)
        try Self.expect(request.expectCompressed, received)
        if let status = request.status, status.code != .ok { throw status }
        try await responses.send(
            Interop.response(request.responseSize),
            compressed: request.responseCompressed ?? false)
    }

    private static func input(
        _ requests: InboundMessages, _ responses: OutboundMessages
    ) async throws(RPCStatus) {
        var total = 0
        while let received = try await requests.nextSized() {
            let request = try Interop.InputRequest(received.message)
            try expect(request.expectCompressed, received)
            total += request.bodySize
        }
        try await responses.send(Interop.total(total))
    }

    private static func output(
        _ bytes: [UInt8], _ responses: OutboundMessages
    ) async throws(RPCStatus) {
        let request = try Interop.OutputRequest(bytes)
        if let status = request.status, status.code != .ok { throw status }
        for response in request.responses {
            try await responses.send(
                Interop.response(response.size), compressed: response.compressed ?? false)
        }
    }

    /// Bodies are zeros, so that a compressed message is always the smaller one.
    private static func expect(
        _ compressed: Bool?, _ received: (message: [UInt8], wireBytes: Int)
    ) throws(RPCStatus) {
        guard let compressed else { return }
        let isCompressed = received.wireBytes < received.message.count
        guard isCompressed == compressed else {
            throw RPCStatus(.invalidArgument, "expected compressed: \(compressed)")
        }
    }
}

/// How many handlers are at work, and who waits to be the only one.
final class Presence: Sendable {
    private let state = Mutex<(count: Int, waiter: AsyncStream<Void>.Continuation?)>((0, nil))

    func enter() { state.withLock { $0.count += 1 } }

    func leave() {
        let waiter = state.withLock { state -> AsyncStream<Void>.Continuation? in
            state.count -= 1
            guard state.count == 1 else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.finish()
    }

    /// Returns when the caller's handler is the only one, or is cancelled.
    func alone() async {
        let (others, waiter) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            if state.count > 1 { state.waiter = waiter } else { waiter.finish() }
        }
        for await _ in others {}
    }
}
