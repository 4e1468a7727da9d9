import HTTP2
import Testing

/// Frames on streams that are closed: who closed them decides.
@Suite struct ClosedStreamTests {
    /// `:method POST`, `:scheme http`, `:path /` and `:authority h`, by the static table.
    private static let block: [UInt8] = [0x83, 0x86, 0x84, 0x01, 1, UInt8(ascii: "h")]

    private static let endStream: UInt8 = 0x1
    private static let endHeaders: UInt8 = 0x4

    private static func headers(_ stream: Int32, ends: Bool) -> [UInt8] {
        frame(type: 1, flags: endHeaders | (ends ? endStream : 0), stream: UInt32(stream), block)
    }

    private static func data(_ stream: Int32, ends: Bool = false) -> [UInt8] {
        frame(type: 0, flags: ends ? endStream : 0, stream: UInt32(stream), [1, 2, 3])
    }

    private static func reset(_ stream: Int32) -> [UInt8] {
        frame(type: 3, stream: UInt32(stream), [0, 0, 0, 8])
    }

    /// A server that has seen a correct preface and settings, and its settings acknowledged.
    private func greetedServer(acknowledging: Bool = true) throws -> End {
        let server = try End(.server)
        try server.receive(preface + frame(type: 4))
        _ = try server.takeBytes()
        if acknowledging { try server.receive(frame(type: 4, flags: 1)) }
        _ = server.takeEvents()
        return server
    }

    /// Expects that the frame ends the connection, and that the GOAWAY names the error.
    private func expectError(_ code: UInt8, from server: End, on bytes: [UInt8]) throws {
        #expect(throws: HTTP2Failure.self) { try server.receive(bytes) }
        let goAway = try server.takeBytes()
        try #require(goAway.count >= 17)
        let frame = goAway.suffix(17)
        #expect(frame.dropFirst(3).first == 7)
        #expect(frame.last == code)
        #expect(server.isFinished)
    }

    /// Expects that the session goes on: a ping is answered.
    private func expectLife(of server: End, after bytes: [UInt8]) throws {
        try server.receive(bytes + frame(type: 6, [UInt8](repeating: 7, count: 8)))
        let answer = try server.takeBytes()
        #expect(answer.suffix(17) == frame(type: 6, flags: 1, [UInt8](repeating: 7, count: 8))[...])
    }

    @Test("what follows a client's own end is an error", arguments: [true, false])
    func endedByClient(byOctet: Bool) throws {
        for late in [Self.data(1), Self.headers(1, ends: true)] {
            for end in [Self.headers(1, ends: true), Self.headers(1, ends: false) + Self.reset(1)] {
                let server = try greetedServer()
                try server.receive(end)
                try? server.respond(on: 1, bodyFollows: false)
                _ = try server.takeBytes()
                if byOctet {
                    for octet in late.prefix(8) { try server.receive([octet]) }
                    try expectError(5, from: server, on: [late[8]])
                } else {
                    try expectError(5, from: server, on: late)
                }
            }
        }
    }

    @Test func aResetAndDataInTheSameBytesAreToldApart() throws {
        let server = try greetedServer()
        let bytes = Self.headers(1, ends: false) + Self.data(1) + Self.reset(1) + Self.data(1)
        try expectError(5, from: server, on: bytes)
        // It came and went in the same bytes.
        #expect(server.takeEvents().allSatisfy { $0.stream == nil })
    }

    @Test(
        "the largest numbers there are end the connection, and nothing else", arguments: [1, 2, 3])
    func largestNumbers(first: Int32) throws {
        // In the same bytes, so that each is seen before anything is answered.
        let numbers = [first, .max - 1, .max, .max - 2]
        let server = try greetedServer()
        let bytes = numbers.flatMap { Self.headers($0, ends: false) }
        #expect(throws: HTTP2Failure.self) { try server.receive(bytes) }
        let other = try greetedServer()
        try? other.receive(numbers.flatMap { frame(type: 1, stream: UInt32($0)) })
        _ = try? other.takeBytes()
    }

    @Test func aNumberThatWasPassedOverCannotBeUsed() throws {
        let server = try greetedServer()
        try server.receive(Self.headers(5, ends: true))
        try expectError(1, from: server, on: Self.headers(3, ends: true))
    }

    @Test func aClientMayNotKnowYetThatWeReset() throws {
        let server = try greetedServer()
        try server.receive(Self.headers(1, ends: false))
        try server.reset(1, .cancel)
        _ = try server.takeBytes()
        try expectLife(of: server, after: Self.data(1) + Self.headers(1, ends: true))
    }

    @Test func aClientMayNotKnowYetThatWeHaveAnswered() throws {
        let server = try greetedServer()
        try server.receive(Self.headers(1, ends: false) + Self.data(1))
        try server.respond(on: 1, bodyFollows: false)
        _ = try server.takeBytes()
        try expectLife(of: server, after: Self.data(1) + Self.data(1, ends: true))
    }

    @Test func aClientMayNotKnowYetThatWeRefused() throws {
        // Without its acknowledgement the client need not know the limit.
        let server = try greetedServer(acknowledging: false)
        let last = Int32(2 * Limits.concurrentStreams + 1)
        for stream in stride(from: Int32(1), through: last, by: 2) {
            try server.receive(Self.headers(stream, ends: false))
        }
        _ = try server.takeBytes()
        try expectLife(of: server, after: Self.data(last))
    }

    @Test func aClientMayNotKnowYetThatWeGoAway() throws {
        let server = try greetedServer()
        try server.receive(Self.headers(1, ends: false))
        try server.shutDown()
        _ = try server.takeBytes()
        try expectLife(of: server, after: Self.headers(3, ends: false) + Self.data(3))
    }

    @Test func ofManyStreamsThatWeResetTheOldestAreForgotten() throws {
        let server = try greetedServer()
        let streams = Limits.cutStreams + 10
        for number in 0..<streams {
            let stream = Int32(2 * number + 1)
            try server.receive(Self.headers(stream, ends: false))
            try server.reset(stream, .cancel)
            _ = try server.takeBytes()
        }
        for number in 0..<streams {
            try expectLife(of: server, after: Self.data(Int32(2 * number + 1)))
        }
    }

    @Test func dataOfManyStreamsInTurnArrives() throws {
        let server = try greetedServer()
        let streams = stride(from: Int32(1), to: 41, by: 2)
        for stream in streams { try server.receive(Self.headers(stream, ends: false)) }
        let round = streams.flatMap { Self.data($0) }
        try server.receive(round + round + streams.flatMap { Self.data($0, ends: true) })
        #expect(server.takeDataBytes() == 20 * 3 * 3)
        #expect(!server.isFinished)
    }
}
