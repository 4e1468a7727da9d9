import HTTP2
import Testing

/// RST_STREAM is an error of the connection on a stream that was never opened, and on no other: whether the server has
/// answered, refused or cut a stream, it was opened all the same.
@Suite struct LateResetTests {
    /// `:method POST`, `:scheme http`, `:path /` and `:authority h`, by the static table.
    private static let fields: [UInt8] = [0x83, 0x86, 0x84, 0x01, 1, UInt8(ascii: "h")]

    /// A field name in upper case, which HTTP/2 does not allow.
    private static let malformed: [UInt8] = fields + [0x00, 1, UInt8(ascii: "X"), 1, 0x31]

    private static func headers(
        _ stream: UInt32, _ block: [UInt8] = fields, flags: UInt8 = 0x4
    ) -> [UInt8] {
        frame(type: 1, flags: flags, stream: stream, block)
    }

    private static func reset(_ stream: UInt32) -> [UInt8] {
        frame(type: 3, stream: stream, [0, 0, 0, 8])
    }

    private func greetedServer() throws -> End {
        let server = try End(.server)
        // Without its acknowledgement of our settings a client need not know how many streams it may open.
        try server.receive(preface + frame(type: 4))
        _ = try server.takeBytes()
        return server
    }

    private func expectLife(of server: End) throws {
        let payload = [UInt8](repeating: 7, count: 8)
        try server.receive(frame(type: 6, payload))
        #expect(try server.takeBytes().suffix(17) == frame(type: 6, flags: 1, payload)[...])
    }

    @Test("a reset of a stream that the library refused comes late", arguments: [false, true])
    func refused(byOctet: Bool) throws {
        let server = try greetedServer()
        for number in UInt32(0)..<20 {
            let stream = 2 * number + 1
            let bytes = Self.headers(stream, Self.malformed) + Self.reset(stream)
            if byOctet {
                for octet in bytes { try server.receive([octet]) }
            } else {
                try server.receive(bytes)
            }
            _ = try server.takeBytes()
            try server.receive(Self.reset(stream))
        }
        try expectLife(of: server)
    }

    @Test func aResetOfAStreamAboveThoseThatMayBeOpenComesLate() throws {
        let server = try greetedServer()
        let streams = (0..<UInt32(Limits.concurrentStreams) + 20).map { 2 * $0 + 1 }
        for stream in streams { try server.receive(Self.headers(stream)) }
        _ = try server.takeBytes()
        for stream in streams.reversed() { try server.receive(Self.reset(stream)) }
        try expectLife(of: server)
    }

    @Test func aResetOfAnAnsweredOrACutStreamComesLate() throws {
        let server = try greetedServer()
        for stream in stride(from: UInt32(1), to: 81, by: 4) {
            try server.receive(Self.headers(stream) + Self.headers(stream + 2, flags: 0x5))
            try server.reset(Int32(stream), .cancel)
            try server.respond(on: Int32(stream) + 2, bodyFollows: false)
            _ = try server.takeBytes()
            try server.receive(Self.reset(stream + 2) + Self.reset(stream))
        }
        try expectLife(of: server)
    }

    @Test func aResetOfAStreamThatWasPassedOverComesLate() throws {
        let server = try greetedServer()
        try server.receive(Self.headers(9) + Self.reset(3))
        try expectLife(of: server)
    }

    /// gRPC's C core does this: it counts a stream from before its HEADERS are written, and a deadline that passes in
    /// between is told to the server. HTTP/2 leaves no choice.
    /// - Source: RFC 9113, 6.4.
    @Test func aResetOfAStreamThatWasNeverOpenedEndsTheConnection() throws {
        let server = try greetedServer()
        try server.receive(Self.headers(1))
        try server.receive(Self.reset(3))
        let bytes = try server.takeBytes()
        let goAway = frame(
            type: 7, [0, 0, 0, 1, 0, 0, 0, 1] + Array("RST_STREAM: stream in idle".utf8))
        #expect(bytes.suffix(goAway.count) == goAway[...])
        #expect(server.isFinished)
    }
}
