import HTTP2
import RPC
import Synchronization
import Testing
import Transport

/// Messages that are much larger than what their sender paid for them.
@Suite(.timeLimit(.minutes(1))) struct BombTests {
    @Test(
        "a message that cannot be decoded ends its call, whatever the handler makes of it",
        arguments: [false, true])
    func bomb(isDamaged: Bool) async throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: Limits.messageBytes + 1))
        let message = isDamaged ? [1, 2, 3] : bomb
        let expected: RPCStatus.Code = isDamaged ? .internal : .resourceExhausted
        let reader = Swallower()
        let refused = Mutex("")
        let server = Server(host: "127.0.0.1", port: 0, tls: nil, handler: reader) { event in
            if case .refused(_, let reason) = event { refused.withLock { $0 = reason } }
        }
        let port = try await server.bind()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await onThread {
                let peer = try RawPeer(port: port, patience: .seconds(20))
                try peer.greet()
                let head = [Field].request("/a.B/C") + [Field("grpc-encoding", "gzip")]
                try peer.send(RawFrame.headers(1, head.block, end: false).bytes)
                let frame = RawFrame.data(
                    1, [1] + octets(UInt32(message.count)) + message, end: false)
                try peer.send(frame.bytes)
                // The answer ends the stream, though the handler says that all is well.
                try peer.expect(.endOfStream(1))
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(reader.seen.withLock { $0 } == expected)
        #expect(refused.withLock { $0 }.hasPrefix("/a.B/C: a message"))
        #expect(server.counters.refusedCalls == 1)
    }
}

/// Reads one message, and takes no notice of why there is none.
private final class Swallower: CallHandler {
    let seen = Mutex<RPCStatus.Code?>(nil)

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        do throws(RPCStatus) {
            _ = try await requests.next()
        } catch {
            seen.withLock { $0 = error.code }
        }
    }
}
