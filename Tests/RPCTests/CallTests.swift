import HTTP2
import RPC
import Testing

@Suite struct CallTests {
    @Test func aUnaryCall() throws {
        let cable = try Cable()
        var metadata = Metadata()
        metadata.add("x-text", "hello")
        metadata.add("x-key-bin", [0, 255, 3, 4])
        let head = RequestHead(path: "/a.B/C", metadata: metadata, timeout: .milliseconds(1_500))
        let id = try cable.client.open(head)
        cable.client.send([1, 2, 3], on: id)
        cable.client.halfClose(id)
        try cable.settle()
        #expect(
            cable.server.takeEvents() == [
                .opened(id, head), .received(id, 8), .message(id, ReceivedMessage([1, 2, 3])),
                .halfClosed(id),
            ])
        cable.server.send([4], on: id)
        cable.server.end(id, .ok)
        try cable.settle()
        #expect(
            cable.client.takeEvents() == [
                .drained(id, 8), .received(id, 6), .message(id, ReceivedMessage([4])),
                .ended(id, .ok),
            ])
        #expect(cable.server.takeEvents().essential == [])
    }

    @Test func aServerStreamAndABidirectionalOne() throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.server.send([], on: id)
        cable.server.send([1], on: id)
        try cable.settle()
        #expect(
            cable.client.takeEvents().essential == [
                .message(id, ReceivedMessage([])), .message(id, ReceivedMessage([1])),
            ])
        cable.client.send([9], on: id)
        try cable.settle()
        #expect(cable.server.takeEvents().essential == [.message(id, ReceivedMessage([9]))])
        cable.client.halfClose(id)
        try cable.settle()
        #expect(cable.server.takeEvents().essential == [.halfClosed(id)])
        cable.server.end(id, .ok)
        try cable.settle()
        #expect(cable.client.takeEvents().essential == [.ended(id, .ok)])
    }

    @Test func aLongStatusMessageEndsWithAWholeCharacter() throws {
        let cable = try Cable()
        let id = try cable.open()
        let short = String(repeating: "a", count: Limits.statusMessageBytes - 1)
        cable.server.end(id, RPCStatus(.internal, short + "é and more"))
        try cable.settle()
        #expect(cable.client.takeEvents().essential == [.ended(id, RPCStatus(.internal, short))])
    }

    @Test("a status message keeps the spaces at its ends", arguments: [" a", "a ", " ", " b  c "])
    func spaces(message: String) throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.server.end(id, RPCStatus(.internal, message))
        try cable.settle()
        #expect(cable.client.takeEvents().essential == [.ended(id, RPCStatus(.internal, message))])
    }

    @Test("every status arrives with its message", arguments: RPCStatus.Code.allCases)
    func statuses(code: RPCStatus.Code) throws {
        let cable = try Cable()
        let status = RPCStatus(code, code == .ok ? "" : "100 % of \"Größe\"\nline\t😀")
        let alone = try cable.open()
        cable.server.end(alone, status)
        let withData = try cable.open()
        cable.server.send([1], on: withData)
        cable.server.end(withData, status)
        try cable.settle()
        #expect(
            cable.client.takeEvents().essential == [
                .ended(alone, status), .message(withData, ReceivedMessage([1])),
                .ended(withData, status),
            ])
    }

    @Test func cancellingReachesTheServer() throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.client.end(id, RPCStatus(.cancelled, ""))
        try cable.settle()
        let events = cable.server.takeEvents()
        #expect(events == [.ended(id, RPCStatus(.cancelled, "the peer cancelled the call"))])
        // What the handler still says is ignored.
        cable.server.send([1], on: id)
        cable.server.end(id, .ok)
        try cable.settle()
        #expect(cable.client.takeEvents().essential == [])
    }

    @Test func anExpiredCallIsAnsweredWithTrailers() throws {
        let cable = try Cable()
        let status = RPCStatus(.deadlineExceeded, "too late")
        let id = try cable.open()
        cable.server.expire(id, status)
        try cable.settle()
        #expect(cable.client.takeEvents().essential == [.ended(id, status)])
    }

    @Test func anExpiredCallWhoseClientDoesNotReadIsReset() throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.server.send([UInt8](repeating: 0, count: 1_000_000), on: id)
        try cable.settle()
        cable.server.expire(id, RPCStatus(.deadlineExceeded, "too late"))
        try cable.settle()
        guard case .ended(id, let status) = cable.client.takeEvents().last else {
            Issue.record("the call has not ended")
            return
        }
        #expect(status.code == .cancelled)
    }

    @Test func aServerThatAnswersEarlyReleasesTheStream() throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.client.send([UInt8](repeating: 0, count: 1_000_000), on: id)
        try cable.settle()
        _ = cable.server.takeEvents()
        cable.server.end(id, RPCStatus(.permissionDenied, "no"))
        try cable.settle()
        let events = cable.client.takeEvents().essential
        #expect(events == [.ended(id, RPCStatus(.permissionDenied, "no"))])
        #expect(cable.server.engine.openCalls == 0 && cable.client.engine.openCalls == 0)
    }

    @Test func aLargeMessageIsPutTogetherAgainAsItsReaderGivesCredit() throws {
        let cable = try Cable()
        let id = try cable.open()
        let message = (0..<Limits.messageBytes).map { UInt8(truncatingIfNeeded: $0 >> 8 ^ $0) }
        cable.client.send(message, on: id)
        var received: [UInt8] = []
        while received.isEmpty {
            try cable.settle()
            let events = cable.server.takeEvents()
            try #require(!events.isEmpty, "the transfer stalled")
            for event in events {
                if case .received(_, let bytes) = event { cable.server.credit(bytes, on: id) }
                if case .message(_, let message) = event { received = try message.decoded() }
            }
        }
        #expect(received == message)
    }

    @Test func shutDownEndsNewCallsAndFinishesOldOnes() throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.server.engine.shutDown()
        try cable.settle()
        #expect(cable.client.takeEvents().essential == [.goingAway])
        #expect(throws: RPCStatus.self) { try cable.client.open(RequestHead(path: "/a.B/C")) }
        cable.server.end(id, .ok)
        try cable.settle()
        #expect(cable.client.takeEvents().essential == [.ended(id, .ok)])
        #expect(cable.server.isFinished && cable.client.isFinished)
    }
}
