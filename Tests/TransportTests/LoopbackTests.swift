import Glibc
import HTTP2
import RPC
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct LoopbackTests {
    @Test func unaryStreamAndMetadata() async throws {
        try await serving(Stage()) { server, port in
            let client = try await connect(port)
            #expect(try await client.unary("/test.T/Echo", [1, 2, 3]) == [1, 2, 3])
            #expect(try await client.unary("/test.T/Echo", []) == [])

            var metadata = Metadata()
            metadata.add("x-text", "hi")
            metadata.add("x-key-bin", [0, 255])
            let answer = try await client.unary("/test.T/Metadata", [], metadata: metadata)
            #expect(answer == Array("hi".utf8) + [0, 255])

            let count = try await client.open("/test.T/Count")
            try await count.requests.send([200])
            count.finish()
            var numbers: [UInt8] = []
            for try await message in count.responses { numbers += message }
            #expect(numbers == Array(0..<200))
            await client.close()
            #expect(server.counters.calls == 4)
        }
    }

    @Test func bidirectionalCallsAnswerEachMessage() async throws {
        try await serving(Stage()) { _, port in
            let client = try await connect(port)
            let call = try await client.open("/test.T/Echo")
            for number in UInt8(0)..<100 {
                try await call.requests.send([number])
                #expect(try await call.responses.next() == [number])
            }
            call.finish()
            #expect(try await call.responses.next() == nil)
        }
    }

    @Test("a server does not send more metadata than its client reads")
    func tooMuchMetadata() async throws {
        try await serving(Talker()) { _, port in
            let client = try await connect(port)
            for path in ["/begin", "/trailers"] {
                let ended = await #expect(throws: RPCStatus.self) {
                    try await client.unary(path, [])
                }
                #expect(ended?.code == .resourceExhausted)
            }
        }
    }

    @Test func statusesArrive() async throws {
        try await serving(Stage()) { _, port in
            let client = try await connect(port)
            await #expect(throws: RPCStatus(.failedPrecondition, "100 % nötig")) {
                try await client.unary("/test.T/Fail", [])
            }
            await #expect(throws: RPCStatus(.unimplemented, "no method /x")) {
                try await client.unary("/x", [])
            }
        }
    }

    @Test func bulkBothWaysAtOnce() async throws {
        try await serving(Stage()) { _, port in
            let client = try await connect(port)
            let call = try await client.open("/test.T/Echo")
            let chunk = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 >> 4 ^ $0) }
            async let sent: Void = {
                for _ in 0..<40 { try await call.requests.send(chunk) }
                call.finish()
            }()
            var received = 0
            for try await message in call.responses {
                #expect(message == chunk)
                received += 1
            }
            try await sent
            #expect(received == 40)
        }
    }

    @Test func theLargestMessageFitsAndOneMoreByteDoesNot() async throws {
        try await serving(Stage()) { _, port in
            let client = try await connect(port)
            let largest = [UInt8](repeating: 7, count: Limits.messageBytes)
            #expect(try await client.unary("/test.T/Echo", largest) == largest)
            let refused = await #expect(throws: RPCStatus.self) {
                try await client.unary("/test.T/Echo", largest + [0])
            }
            #expect(refused?.code == .resourceExhausted)
        }
    }

    @Test func refusalsAreCountedAndAnswersAreNot() async throws {
        try await serving(Stage()) { server, port in
            let client = try await connect(port)
            for path in ["/test.T/Nothing", "/test.T/Fail", "/test.T/Nothing"] {
                await #expect(throws: RPCStatus.self) { try await client.unary(path, []) }
            }
            #expect(server.counters.refusedCalls == 2)
        }
    }

    @Test func manyCallsAtOnceShareAConnection() async throws {
        try await serving(Stage()) { _, port in
            let client = try await connect(port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let message = [UInt8(number & 0xFF), UInt8(number >> 8)]
                        let answer = try await client.unary("/test.T/Echo", message)
                        #expect(answer == message)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aConnectionThatNobodyAnswersIsReadable() async throws {
        // Bound for as long as this takes: a port given back may be a server's of another test by then.
        let deaf = try ServerSocket(listens: false)
        let refused = await #expect(throws: RPCStatus.self) { try await connect(deaf.port) }
        #expect(refused?.code == .unavailable)
        #expect(
            refused?.message.contains("127.0.0.1:\(deaf.port)") == true, "\(refused as Any)")
        withExtendedLifetime(deaf) {}
        await #expect(throws: RPCStatus.self) {
            try await Client.connect(
                host: "no-such-host.invalid", port: 1, tls: nil, timeout: .seconds(10))
        }
    }

    @Test func aServerThatNeverAnswersIsGivenUpWithItsReason() async throws {
        let silent = try ServerSocket()
        let failure = await #expect(throws: RPCStatus.self) {
            try await Client.connect(
                host: "127.0.0.1", port: silent.port, tls: nil, timeout: .milliseconds(200))
        }
        #expect(failure?.code == .unavailable)
        #expect(
            failure?.message.hasSuffix("not ready within 0.2 seconds") == true, "\(failure as Any)")
    }

    @Test func thePortIsTakenOnce() async throws {
        try await serving(Stage()) { _, port in
            let second = Server(host: "127.0.0.1", port: port, tls: nil, handler: Stage())
            let failure = await #expect(throws: TransportFailure.self) { try await second.bind() }
            #expect(failure?.code == .bind)
        }
    }
}

/// A socket that takes no connection: where it listens the kernel answers, and nobody else; where not, the kernel refuses.
private final class ServerSocket {
    let port: Int
    private let descriptor: Int32

    init(listens isListening: Bool = true) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0
                    && (!isListening || listen(descriptor, 1) == 0)
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        try #require(isReady, "no socket: errno \(errno)")
        port = Int(in_port_t(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}

/// Has more to say beside its answer than anyone reads.
private struct Talker: CallHandler {
    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        var metadata = Metadata()
        metadata.add("x-long", String(repeating: "v", count: Limits.metadataBytes))
        if call.path == "/begin" {
            try responses.begin(call, metadata: metadata)
        } else {
            try responses.addTrailers(metadata)
        }
        try await responses.send([])
    }
}
