import HTTP2
import RPC
import Testing

@Suite struct TimeoutAndMetadataTests {
    @Test(
        "timeouts survive the wire, rounded up to what eight digits hold",
        arguments: [
            (Duration.nanoseconds(1), Duration.nanoseconds(1)),
            (.zero, .nanoseconds(1)),
            (.milliseconds(-5), .nanoseconds(1)),
            (.milliseconds(50), .milliseconds(50)),
            (.nanoseconds(99_999_998), .nanoseconds(99_999_998)),
            (.nanoseconds(1_000_000_001), .nanoseconds(1_000_001_000)),
            (.seconds(3_600), .seconds(3_600)),
            (.seconds(200_000), .seconds(200_000)),
            (.seconds(100_000_000) + .nanoseconds(1), .seconds(100_000_020)),
        ])
    func timeout(sent: Duration, received: Duration) throws {
        let cable = try Cable()
        _ = try cable.client.open(RequestHead(path: "/a.B/C", timeout: sent))
        try cable.settle()
        guard case .opened(_, let head) = cable.server.takeEvents().first else {
            Issue.record("no call")
            return
        }
        #expect(head.timeout == received)
    }

    @Test func anAddressWithColonsIsBracketed() {
        #expect(RequestHead.authority("coordinator.example", 7_400) == "coordinator.example:7400")
        #expect(RequestHead.authority("fd00::1", 7_400) == "[fd00::1]:7400")
    }

    @Test("binary metadata of every length", arguments: 0..<20)
    func binary(length: Int) throws {
        let cable = try Cable()
        var metadata = Metadata()
        metadata.add("k-bin", (0..<length).map { UInt8($0 * 13 & 0xFF) })
        metadata.add("k-bin", [1])
        _ = try cable.client.open(RequestHead(path: "/a.B/C", metadata: metadata))
        try cable.settle()
        guard case .opened(_, let head) = cable.server.takeEvents().first else {
            Issue.record("no call")
            return
        }
        #expect(head.metadata == metadata)
    }

    @Test(
        "padded, unpadded and joined binary values",
        arguments: ["AQ==,AgM", "AQ, AgM=", "AQ,AgM"])
    func joined(value: String) throws {
        let request = try HandMadeRequest()
        _ = try request.answer(
            to: HandMadeRequest.gRPC + [HTTP2Header("k-bin", value)], ends: false)
        guard case .opened(_, let head) = request.server.takeEvents().dropFirst().first else {
            Issue.record("no call")
            return
        }
        #expect(head.metadata.entries.map(\.value) == [.binary([1]), .binary([2, 3])])
    }

    @Test func tooMuchMetadataIsRefusedBeforeItIsSent() throws {
        let cable = try Cable()
        var metadata = Metadata()
        metadata.add("x", String(repeating: "a", count: Limits.metadataBytes))
        let head = RequestHead(path: "/a.B/C", metadata: metadata)
        let refused = #expect(throws: RPCStatus.self) { try cable.client.open(head) }
        #expect(refused?.code == .resourceExhausted)
    }

    @Test(
        "fields that HTTP allows and gRPC does not are left out",
        arguments: [("x", "nötig"), ("x", "tab\there"), ("x!", "a name of HTTP's")])
    func foreign(name: String, value: String) throws {
        let request = try HandMadeRequest()
        let fields = [HTTP2Header(name, value), HTTP2Header("y", "1")]
        _ = try request.answer(to: HandMadeRequest.gRPC + fields, ends: false)
        guard case .opened(_, let head) = request.server.takeEvents().dropFirst().first else {
            Issue.record("no call")
            return
        }
        #expect(head.metadata.entries.map(\.name) == ["y"])
    }

    @Test("spaces around text do not go on the wire", arguments: [" a b", "a b ", "  a b  ", " "])
    func spaces(value: String) throws {
        let cable = try Cable()
        var metadata = Metadata()
        metadata.add("x", value)
        _ = try cable.client.open(RequestHead(path: "/a.B/C", metadata: metadata))
        try cable.settle()
        guard case .opened(_, let head) = cable.server.takeEvents().first else {
            Issue.record("no call")
            return
        }
        #expect(head.metadata.first("x") == (value == " " ? "" : "a b"))
    }

    @Test func illegalMetadataOfOursTraps() async {
        await #expect(processExitsWith: .failure) {
            var metadata = Metadata()
            metadata.add("Upper", "x")
        }
    }
}
