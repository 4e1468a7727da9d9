import HTTP2
import RPC
import Testing

/// A client that keeps the server waiting in the middle of a message, or does not read what it asked for.
@Suite struct StalledCallTests {
    private static let ticks = Limits.ticks(within: Limits.stalledStream)

    /// The calls that have ended, and how, after so many ticks.
    private func ended(_ server: ServerEnd, after ticks: Int) -> [CallID: RPCStatus.Code] {
        for _ in 0..<ticks { server.engine.tick(readersMayPause: false) }
        var ended: [CallID: RPCStatus.Code] = [:]
        for case .ended(let id, let status) in server.takeEvents() { ended[id] = status.code }
        return ended
    }

    @Test func halfAMessageIsWaitedForSoLongAndNothingAsLongAsItTakes() throws {
        let request = try HandMadeRequest()
        // One octet less than the message has, and on another call a whole one.
        let half = try request.call(HandMadeRequest.gRPC, body: [0, 0, 0, 0, 2, 1])
        _ = try request.call(HandMadeRequest.gRPC, body: [0, 0, 0, 0, 1, 1])
        #expect(ended(request.server, after: Self.ticks - 1) == [:])
        #expect(ended(request.server, after: 1) == [half: .resourceExhausted])
        #expect(ended(request.server, after: 10 * Self.ticks) == [:])
    }

    @Test func whoIsNotReadIsNotToBlame() throws {
        let cable = try Cable()
        let id = try cable.open()
        // More than the window holds, for a handler that gives no credit.
        cable.client.send([UInt8](repeating: 1, count: 2 * Limits.streamWindow), on: id)
        try cable.settle()
        #expect(ended(cable.server, after: 2 * Self.ticks) == [:])
    }

    @Test("an answer that nobody reads ends, its handler done or not", arguments: [false, true])
    func unread(isDone: Bool) throws {
        let cable = try Cable()
        let id = try cable.open()
        cable.server.send([UInt8](repeating: 1, count: 2 * Limits.streamWindow), on: id)
        if isDone { cable.server.end(id, .ok) }
        try cable.settle()
        // What its window took counts for the first tick.
        #expect(ended(cable.server, after: Self.ticks) == [:])
        let expected: [CallID: RPCStatus.Code] = isDone ? [:] : [id: .resourceExhausted]
        #expect(ended(cable.server, after: 1) == expected)
        try cable.settle()
        // The client is told, whatever the server knew.
        let told = cable.client.takeEvents().compactMap { event -> RPCStatus.Code? in
            if case .ended(id, let status) = event { status.code } else { nil }
        }
        #expect(told == [.resourceExhausted])
    }
}
