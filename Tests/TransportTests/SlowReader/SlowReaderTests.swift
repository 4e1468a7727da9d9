import HTTP2
import RPC
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(2))) struct SlowReaderTests {
    private static let calls = 16

    /// A tenth of all deadlines: a socket has to take half of what it holds, 128 KiB, within two seconds, unless its reader may
    /// be slow. That is six times what the relay takes.
    private static let deadlines = Deadlines(dividedBy: 10)
    private static let slowness = Duration.seconds(5)

    @Test func aReaderWithACertificateMayBeSlow() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        try await Self.readSlowly(cast, as: cast.client(cast.agent)) { relay, calls in
            try await Task.sleep(for: Self.slowness)
            let taken = relay.taken.load(ordering: .relaxed)
            #expect(taken < Limits.socketLowWater, "the relay was quick")
            relay.isSlow.store(false, ordering: .relaxed)
            for call in calls { try await call.value }
        }
    }

    @Test func aStrangerMayNot() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        try await Self.readSlowly(cast, as: cast.client()) { _, calls in
            for call in calls {
                let ended = await #expect(throws: RPCStatus.self) { try await call.value }
                #expect(ended?.code == .unavailable)
            }
        }
    }

    /// Begins calls over a relay that is slow from then on.
    private static func readSlowly(
        _ cast: Cast, as tls: ClientTLS,
        _ body: (SlowRelay, [Task<Void, any Error>]) async throws -> Void
    ) async throws {
        try await serving(Bulk(), tls: cast.server, deadlines: deadlines) { _, port in
            let relay = try SlowRelay(to: port)
            let running = Task { try await relay.run() }
            let client = try await connect(relay.port, tls)
            relay.isSlow.store(true, ordering: .relaxed)
            let calls = (0..<Self.calls).map { _ in Task { try await readAll(client) } }
            defer { for call in calls { call.cancel() } }
            try await body(relay, calls)
            relay.isSlow.store(false, ordering: .relaxed)
            await client.close()
            try await running.value
        }
    }

    private static func readAll(_ client: Client) async throws(RPCStatus) {
        let call = try await client.open("/slow.S/Bulk")
        call.finish()
        var count = 0
        while let message = try await call.responses.next() { count += message.count }
        #expect(count == Bulk.messages * Bulk.bytes)
    }
}

/// Answers with one default window.
private struct Bulk: CallHandler {
    static let messages = 8
    static let bytes = 32 * 1_024

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        let chunk = [UInt8](repeating: 7, count: Self.bytes)
        for _ in 0..<Self.messages { try await responses.send(chunk) }
    }
}
