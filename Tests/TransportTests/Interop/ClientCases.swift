import RPC
import Testing
import Transport

/// The cases of the interoperability description by our client, against gRPC's own server (server.py).
/// - Source: grpc/doc/interop-test-descriptions.md.
struct ClientCases: Sendable {
    let client: Client

    /// To the same server, which sees on this connection what is compressed; `nil` where that cannot be seen.
    let tapped: Client?

    /// Whether the server is not ours.
    let isForeign: Bool

    /// A call that has ended well.
    struct Answer {
        let bodySize: Int
        let isCompressed: Bool
        let metadata: Metadata
        let trailers: Metadata
    }

    static let listed: [(name: String, run: @Sendable (ClientCases) async throws -> Void)] = [
        ("empty_unary", { try await $0.emptyUnary() }),
        ("large_unary", { try await $0.largeUnary() }),
        ("client_compressed_unary", { try await $0.clientCompressedUnary() }),
        ("server_compressed_unary", { try await $0.serverCompressedUnary() }),
        ("client_streaming", { try await $0.clientStreaming() }),
        ("client_compressed_streaming", { try await $0.clientCompressedStreaming() }),
        ("server_streaming", { try await $0.serverStreaming() }),
        ("server_compressed_streaming", { try await $0.serverCompressedStreaming() }),
        ("ping_pong", { try await $0.pingPong() }),
        ("empty_stream", { try await $0.emptyStream() }),
        ("custom_metadata", { try await $0.customMetadata() }),
        ("status_code_and_message", { try await $0.statusCodeAndMessage() }),
        ("special_status_message", { try await $0.specialStatusMessage() }),
        ("unimplemented_method", { try await $0.unimplementedMethod() }),
        ("unimplemented_service", { try await $0.unimplementedService() }),
        ("cancel_after_begin", { try await $0.cancelAfterBegin() }),
        ("cancel_after_first_response", { try await $0.cancelAfterFirstResponse() }),
        ("timeout_on_sleeping_server", { try await $0.timeoutOnSleepingServer() }),
        ("concurrent_large_unary", { try await $0.concurrentLargeUnary() }),
        ("push_back", { try await $0.pushBack() }),
    ]

    static let service = "/grpc.testing.TestService"
    static let sizes = [31_415, 9, 2_653, 58_979]
    static let bodies = [27_182, 8, 1_828, 45_904]

    private func emptyUnary() async throws {
        #expect(try await client.unary("\(Self.service)/EmptyCall", []) == [])
    }

    private func largeUnary() async throws {
        #expect(try await large(client).bodySize == 314_159)
    }

    private func clientCompressedUnary() async throws {
        let client = tapped ?? client
        if tapped != nil {
            let probe = await #expect(throws: RPCStatus.self) {
                try await large(client) { $0.expectCompressed = true }
            }
            #expect(probe?.code == .invalidArgument)
        }
        let compressed = try await large(client, compressed: true) { $0.expectCompressed = true }
        #expect(compressed.bodySize == 314_159)
        let plain = try await large(client) { $0.expectCompressed = false }
        #expect(plain.bodySize == 314_159)
    }

    private func serverCompressedUnary() async throws {
        for compressed in [true, false] {
            let answer = try await large(client) { $0.responseCompressed = compressed }
            #expect(answer.isCompressed == compressed)
            #expect(answer.bodySize == 314_159)
        }
    }

    private func clientStreaming() async throws {
        let call = try await client.open("\(Self.service)/StreamingInputCall")
        for body in Self.bodies {
            try await call.requests.send(Interop.InputRequest(bodySize: body).bytes)
        }
        #expect(try await total(call) == 74_922)
    }

    private func clientCompressedStreaming() async throws {
        let client = tapped ?? client
        let path = "\(Self.service)/StreamingInputCall"
        let first = Interop.InputRequest(bodySize: 27_182, expectCompressed: true).bytes
        if tapped != nil {
            let probe = await #expect(throws: RPCStatus.self) {
                let call = try await client.open(path)
                try await call.requests.send(first)
                _ = try await total(call)
            }
            #expect(probe?.code == .invalidArgument)
        }
        let call = try await client.open(path, compresses: true)
        try await call.requests.send(first, compressed: true)
        try await call.requests.send(
            Interop.InputRequest(bodySize: 45_904, expectCompressed: false).bytes)
        #expect(try await total(call) == 73_086)
    }

    private func serverStreaming() async throws {
        let answers = try await output(Interop.OutputRequest(Self.sizes))
        #expect(answers.map(\.bodySize) == Self.sizes)
    }

    private func serverCompressedStreaming() async throws {
        var request = Interop.OutputRequest([31_415, 92_653])
        request.responses[0].compressed = true
        request.responses[1].compressed = false
        let answers = try await output(request)
        #expect(answers.map(\.bodySize) == [31_415, 92_653])
        #expect(answers.map(\.isCompressed) == [true, false])
    }

    private func pingPong() async throws {
        let call = try await duplex()
        for (size, body) in zip(Self.sizes, Self.bodies) {
            try await call.requests.send(Interop.OutputRequest([size], bodySize: body).bytes)
            let response = try #require(try await call.responses.next())
            #expect(try Interop.bodySize(response) == size)
        }
        call.finish()
        #expect(try await call.responses.next() == nil)
    }

    private func emptyStream() async throws {
        let call = try await duplex()
        call.finish()
        #expect(try await call.responses.next() == nil)
    }

    private func customMetadata() async throws {
        var metadata = Metadata()
        metadata.add("x-grpc-test-echo-initial", "test_initial_metadata_value")
        metadata.add("x-grpc-test-echo-trailing-bin", [0xAB, 0xAB, 0xAB])
        let unary = try await large(client, metadata: metadata)
        let call = try await client.open("\(Self.service)/FullDuplexCall", metadata: metadata)
        try await call.requests.send(Interop.OutputRequest([314_159], bodySize: 271_828).bytes)
        call.finish()
        let stream = try await answers(call)
        #expect(stream.map(\.bodySize) == [314_159])
        for answer in [unary] + stream {
            let initial = answer.metadata.first("x-grpc-test-echo-initial")
            #expect(initial == "test_initial_metadata_value")
        }
        for trailers in [unary.trailers, call.responses.trailers] {
            let bytes = trailers.firstBinary("x-grpc-test-echo-trailing-bin")
            #expect(bytes == [0xAB, 0xAB, 0xAB])
        }
    }

    private func statusCodeAndMessage() async throws {
        try await status(RPCStatus(.unknown, "test status message"))
    }

    private func specialStatusMessage() async throws {
        let message =
            "\t\ntest with whitespace\r\nand Unicode BMP \u{263A} and non-BMP \u{1F608}\t\n"
        try await status(RPCStatus(.unknown, message))
    }

    private func unimplementedMethod() async throws {
        try await unimplemented("\(Self.service)/UnimplementedCall")
    }

    private func unimplementedService() async throws {
        try await unimplemented("/grpc.testing.UnimplementedService/UnimplementedCall")
    }

    private func cancelAfterBegin() async throws {
        let call = try await client.open("\(Self.service)/StreamingInputCall")
        try await cancelled(call)
    }

    private func cancelAfterFirstResponse() async throws {
        let call = try await duplex(Interop.OutputRequest([31_415], bodySize: 27_182))
        #expect(try Interop.bodySize(try #require(try await call.responses.next())) == 31_415)
        try await cancelled(call)
    }

    private func timeoutOnSleepingServer() async throws {
        let ended = await #expect(throws: RPCStatus.self) {
            let call = try await client.open(
                "\(Self.service)/FullDuplexCall", timeout: .milliseconds(1))
            try await call.requests.send(Interop.OutputRequest(bodySize: 27_182).bytes)
            while try await call.responses.next() != nil {}
        }
        #expect(ended?.code == .deadlineExceeded)
    }

    private func concurrentLargeUnary() async throws {
        let request = Interop.SimpleRequest(responseSize: 314_159, bodySize: 271_828).bytes
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1_000 {
                group.addTask { [client] in
                    let answer = try await client.unary("\(Self.service)/UnaryCall", request)
                    #expect(try Interop.bodySize(answer) == 314_159)
                }
            }
            try await group.waitForAll()
        }
    }

    private func pushBack() async throws {
        let call = try await client.open("/huddle.test/Hold")
        let chunk = Interop.InputRequest(bodySize: 65_536).bytes
        let sent = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<400 {
                    try await call.requests.send(chunk)
                    sent.add()
                }
                call.finish()
            }
            // Others go on while that one stands still, and by far not all of it has left.
            for _ in 0..<20 { #expect(try await large(client).bodySize == 314_159) }
            #expect(sent.count <= 16)
            _ = try await client.unary("/huddle.test/Release", [])
            try await group.waitForAll()
        }
        let answer = try #require(try await call.responses.next())
        #expect(try Interop.total(answer) == 400 * 65_536)
        #expect(sent.count == 400)
    }
}
