import API
import ClusterModel
import Glibc
import RPC
import Testing
import Transport
import Wire

@Suite struct BlockingTests {
    /// Waits as one waits for a disk: the thread does nothing else.
    private struct SlowPeers: PeersService {
        let gate: Int32

        func fetchFile(
            _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
        ) async throws(RPCStatus) {
            try await replies.send(Chunk(bytes: [1]))
            try await replies.send(Chunk(bytes: [opensInTime() ? 2 : 0]))
        }

        func fetchInstance(
            _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<Chunk>
        ) async throws(RPCStatus) {}

        func fetchLog(
            _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<OutputChunk>
        ) async throws(RPCStatus) {}

        private func opensInTime() -> Bool {
            var wait = pollfd(fd: gate, events: Int16(POLLIN), revents: 0)
            return poll(&wait, 1, 30_000) == 1
        }
    }

    @Test("a call that waits for a disk keeps no other call of its connection waiting")
    func others() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (gate, key) = (ends[0], ends[1])
        defer {
            close(gate)
            close(key)
        }
        let router = Router(peers: SlowPeers(gate: gate), authorize: { _, _ in })
        try await Loopback.run(router) { client in
            let file = FetchFileRequest(digest: "00")
            let chunks = try await PeersClient(client: client).fetchFile(file)
            #expect(try await chunks.next() == Chunk(bytes: [1]))
            // By now it is about to block, or does.
            for _ in 0..<20 { _ = try await client.unary(Method.Health.check.path, []) }
            #expect(write(key, "x", 1) == 1)
            #expect(try await chunks.next() == Chunk(bytes: [2]))
        }
    }
}
