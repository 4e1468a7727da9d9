import HTTP2
import RPC
import Testing

/// A client's trailers, which gRPC does not have, on a call whose answer is already under way.
@Suite struct LateTrailersTests {
    @Test("the answer arrives whole", arguments: [1, Limits.headerListBytes + 1])
    func late(size: Int) throws {
        var client = try HTTP2Session(role: .client)
        let server = try ServerEnd(messageLimit: Limits.messageBytes)
        let stream = try client.submitRequest(HandMadeRequest.gRPC, bodyFollows: true)
        try exchange(&client, server)
        guard case .opened(let id, _) = server.takeEvents().last else {
            Issue.record("no call")
            return
        }
        // More than the client's window, so that part of it waits.
        let message = [UInt8](repeating: 1, count: 2 * Limits.streamWindow)
        server.send(message, on: id)
        server.end(id, .ok)
        try exchange(&client, server)

        client.finish(stream, trailers: [HTTP2Header("x", String(repeating: "a", count: size))])
        try exchange(&client, server)
        var received = 0
        var blocks: [[HTTP2Header]] = []
        for _ in 0..<4 {
            for event in client.takeEvents() {
                switch event {
                case .data(_, let bytes):
                    received += bytes.count
                    try client.credit(bytes.count, on: stream)
                case .headers(_, let fields, _): blocks.append(fields)
                default: break
                }
            }
            try exchange(&client, server)
        }
        #expect(received == message.count + MessageFraming.prefixBytes)
        #expect(blocks.count == 2)
        #expect(blocks.last == [HTTP2Header("grpc-status", "0")])
    }

    private func exchange(_ client: inout HTTP2Session, _ server: ServerEnd) throws {
        for _ in 0..<4 {
            var bytes: [UInt8] = []
            _ = try client.drain(limit: .max) { frame in
                frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
            }
            try server.receive(bytes)
            let answer = try server.takeBytes()
            try client.receive(answer.span.bytes)
        }
    }
}
