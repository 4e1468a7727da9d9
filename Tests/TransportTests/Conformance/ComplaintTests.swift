import Synchronization
import Testing
import Transport

/// What the operator reads when a peer's error ends its connection.
@Suite(.timeLimit(.minutes(1))) struct ComplaintTests {
    @Test(
        "the reason names the error",
        arguments: [
            (RawFrame.data(0), "HTTP/2 error 1: DATA: stream_id == 0"),
            (RawFrame.headers(1, [0x80]), "HTTP/2 error 9"),
            (RawFrame.goAway(), "the connection is finished"),
        ])
    func reason(frame: RawFrame, expected: String) async throws {
        let reason = Mutex("")
        let isGone = Signal()
        let server = Server(host: "127.0.0.1", port: 0, tls: nil, handler: Responder()) { event in
            guard case .disconnected(_, let text) = event else { return }
            reason.withLock { $0 = text }
            isGone.set()
        }
        let port = try await server.bind()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await onThread {
                let peer = try RawPeer(port: port, patience: .seconds(20))
                try peer.greet()
                try peer.send(frame.bytes)
                try peer.expect(.closed)
            }
            await isGone.wait()
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(reason.withLock { $0 } == expected)
    }
}
