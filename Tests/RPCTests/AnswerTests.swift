import HTTP2
import RPC
import Testing

/// What a server says beside its messages: metadata, trailers, details of a status, and compression.
@Suite struct AnswerTests {
    private static func metadata(_ text: String) -> Metadata {
        var metadata = Metadata()
        metadata.add("x-key", text)
        metadata.add("x-key", "again")
        metadata.add("x-bytes-bin", [0, 0xFF])
        return metadata
    }

    @Test func metadataComesBeforeTheMessagesAndTrailersBeforeTheStatus() throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.server.engine.begin(id, metadata: Self.metadata("first"), encoding: .identity)
        try cable.settle()
        #expect(cable.client.takeEvents() == [.metadata(id, Self.metadata("first"))])
        // Once begun, an answer does not begin again.
        cable.server.engine.begin(id, metadata: Self.metadata("second"), encoding: .gzip)
        cable.server.send([1], on: id)
        cable.server.engine.addTrailers(Self.metadata("last"), on: id)
        cable.server.end(id, .ok)
        try cable.settle()
        let expected: [CallEvent] = [
            .message(id, ReceivedMessage([1])), .trailers(id, Self.metadata("last")),
            .ended(id, .ok),
        ]
        #expect(cable.client.takeEvents().essential == expected)
    }

    @Test func anAnswerOfTrailersOnlyHasTrailers() throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.server.engine.addTrailers(Self.metadata("only"), on: id)
        let status = RPCStatus(.aborted, "no", details: Array(0...255))
        cable.server.end(id, status)
        try cable.settle()
        let expected: [CallEvent] = [.trailers(id, Self.metadata("only")), .ended(id, status)]
        #expect(cable.client.takeEvents().essential == expected)
    }

    @Test("details travel whole or not at all")
    func details() throws {
        for (count, arrives) in [
            (0, true), (1, true), (Limits.statusDetailsBytes, true),
            (Limits.statusDetailsBytes + 1, false),
        ] {
            let cable = try Cable()
            let id = try cable.open()
            let details = [UInt8](repeating: 0xA5, count: count)
            cable.server.end(id, RPCStatus(.internal, "m", details: details))
            try cable.settle()
            let status = RPCStatus(.internal, "m", details: arrives ? details : [])
            #expect(cable.client.takeEvents().essential == [.ended(id, status)])
        }
    }

    @Test("both sides compress what they want to", arguments: [false, true])
    func compression(acceptsGzip: Bool) throws {
        let cable = try Cable()
        let message = [UInt8](repeating: 7, count: 10_000)
        let compressed = try Gzip.compress(message)
        #expect(compressed.count < 100)
        let head = RequestHead(path: "/a.B/C", encoding: .gzip, acceptsGzip: acceptsGzip)
        let id = try cable.client.open(head)
        cable.client.engine.sendCompressed(compressed, on: id)
        cable.client.send(message, on: id)
        try cable.settle()
        let asked: [CallEvent] = [
            .opened(id, head), .message(id, ReceivedMessage(compressed, isCompressed: true)),
            .message(id, ReceivedMessage(message)),
        ]
        #expect(cable.server.takeEvents().essential == asked)

        cable.server.engine.begin(id, metadata: Metadata(), encoding: .gzip)
        cable.server.engine.sendCompressed(compressed, on: id)
        cable.server.send(message, on: id)
        try cable.settle()
        let answered: [CallEvent] = [
            .message(id, ReceivedMessage(compressed, isCompressed: true)),
            .message(id, ReceivedMessage(message)),
        ]
        #expect(cable.client.takeEvents().essential == answered)
    }

    @Test(
        "who reads gzip says so, among others",
        arguments: [
            ("gzip", true), ("identity,gzip", true), ("identity, deflate, gzip", true),
            ("identity , gzip", true), ("identity", false), ("gzipped", false), ("", false),
        ])
    func accepted(value: String, expected: Bool) throws {
        let request = try HandMadeRequest()
        let headers = HandMadeRequest.gRPC + [HTTP2Header("grpc-accept-encoding", value)]
        _ = try request.answer(to: headers, ends: false)
        guard case .opened(_, let head) = request.server.takeEvents().dropFirst().first else {
            Issue.record("no call")
            return
        }
        #expect(head.acceptsGzip == expected)
    }

    @Test("every length of message comes back from gzip", arguments: [0, 1, 100, 65_536, 1 << 20])
    func lengths(count: Int) throws {
        let cable = try Cable()
        let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let id = try cable.client.open(RequestHead(path: "/a.B/C", encoding: .gzip))
        cable.client.engine.sendCompressed(try Gzip.compress(message), on: id)
        var received: [[UInt8]] = []
        // More than the window holds: every round reads what has come and makes room for more.
        for _ in 0..<10 where received.isEmpty {
            try cable.settle()
            for event in cable.server.takeEvents() {
                if case .received(let id, let bytes) = event {
                    cable.server.credit(bytes, on: id)
                }
                if case .message(_, let message) = event { received.append(try message.decoded()) }
            }
        }
        #expect(received == [message])
    }
}
