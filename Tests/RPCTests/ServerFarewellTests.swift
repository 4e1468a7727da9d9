import HTTP2
import RPC
import Testing

/// Servers that end a call or a connection before our client has said all.
@Suite struct ServerFarewellTests {
    @Test func anEarlyAnswerEndsWhatWeHaveNotSent() throws {
        let client = try ClientEnd()
        var server = try HTTP2Session(role: .server)
        _ = try client.open(RequestHead(path: "/a.B/C"))
        let request = try client.takeBytes()
        try server.receive(request.span.bytes)
        let headers = [
            HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
            HTTP2Header("grpc-status", "0"),
        ]
        try server.submitResponse(headers, on: 1, bodyFollows: false)
        // Frame by frame, up to the answer: what our session would add to it stays behind.
        var frames: [[UInt8]] = []
        _ = try server.drain(limit: .max) { frame in
            frames.append(frame.withUnsafeBytes { Array($0) })
        }
        for frame in frames where frame[3] != 3 { try client.receive(frame) }
        _ = server.takeEvents()
        let reply = try client.takeBytes()
        #expect(reply.suffix(13) == [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    }

    @Test func aServersLastWordIsKept() throws {
        let client = try ClientEnd()
        var server = try HTTP2Session(role: .server)
        let request = try client.takeBytes()
        try server.receive(request.span.bytes)
        try server.terminate(.enhanceYourCalm)
        _ = try server.drain(limit: .max) { frame in
            frame.withUnsafeBytes { try? client.receive(Array($0)) }
        }
        let complaint = client.engine.complaint
        #expect(complaint == "the server ended it with HTTP/2 error 11")
    }
}
