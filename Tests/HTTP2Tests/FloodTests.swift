import HTTP2
import Testing

/// Frames that carry nothing: a flood of any kind ends at the same bound, and who has reason to send them is not hit.
@Suite struct FloodTests {
    /// A server with stream 1 open, and a request that opens it.
    private func server() throws -> End {
        let server = try End(.server)
        try server.receive(preface + frame(type: 4) + Self.request(1))
        _ = try server.takeBytes()
        _ = server.takeEvents()
        return server
    }

    /// `:method POST`, `:scheme http`, `:path /`, `:authority h`.
    private static func request(_ stream: UInt32, flags: UInt8 = 4) -> [UInt8] {
        frame(
            type: 1, flags: flags, stream: stream, [0x83, 0x86, 0x84, 0x01, 1, UInt8(ascii: "h")])
    }

    private static func expectFarewell(of server: End) throws {
        let farewell = try server.takeBytes().suffix(17)
        #expect(farewell.dropFirst(3).first == 7 && farewell.suffix(4) == [0, 0, 0, 0xb])
        #expect(server.isFinished)
    }

    struct Flood: CustomTestStringConvertible {
        let name: String
        let frame: [UInt8]
        /// Octets that the frames take from the bucket.
        var cost = 1
        var testDescription: String { name }
    }

    private static let floods = [
        Flood(name: "empty DATA", frame: frame(type: 0, stream: 1, [])),
        Flood(name: "DATA of one octet", frame: frame(type: 0, stream: 1, [0])),
        Flood(
            name: "DATA of nothing but padding",
            frame: frame(type: 0, flags: 8, stream: 1, [9] + [UInt8](repeating: 0, count: 9))),
        Flood(name: "PRIORITY", frame: frame(type: 2, stream: 1, [0, 0, 0, 0, 1])),
        Flood(name: "SETTINGS", frame: frame(type: 4), cost: Limits.settingsCost),
        Flood(name: "PING", frame: frame(type: 6, [UInt8](repeating: 0, count: 8))),
        Flood(
            name: "acknowledged PING",
            frame: frame(type: 6, flags: 1, [UInt8](repeating: 0, count: 8))),
        Flood(name: "WINDOW_UPDATE", frame: frame(type: 8, [0, 0, 0, 1])),
        Flood(
            name: "WINDOW_UPDATE on a stream that was",
            frame: frame(type: 8, stream: 99, [0, 0, 0, 1])),
        Flood(name: "an unknown type", frame: frame(type: 0x4a, [1, 2, 3])),
        Flood(name: "GOAWAY", frame: frame(type: 7, [UInt8](repeating: 0, count: 8))),
    ]

    @Test("a flood ends the session, though its answers are read", arguments: floods)
    func flood(_ flood: Flood) throws {
        let server = try server()
        if flood.name.contains("that was") {
            try server.receive(Self.request(99) + frame(type: 3, stream: 99, [0, 0, 0, 8]))
        }
        let allowed = Limits.idleFrames / flood.cost
        for _ in 0..<allowed - 8 {
            try server.receive(flood.frame)
            _ = try server.takeBytes()
        }
        #expect(throws: HTTP2Failure.self) {
            for _ in 0..<16 {
                try server.receive(flood.frame)
                _ = try server.takeBytes()
            }
        }
        try Self.expectFarewell(of: server)
    }

    @Test func timeFillsTheBucketAgain() throws {
        let server = try server()
        let ping = frame(type: 6, [UInt8](repeating: 0, count: 8))
        let perTick = Limits.idleFramesPerSecond * Int(Limits.tick / .seconds(1))
        for _ in 0..<100 {
            for _ in 0..<perTick {
                try server.receive(ping)
                _ = try server.takeBytes()
            }
            _ = server.tick()
        }
        #expect(!server.isFinished)
    }

    @Test func aClientThatIsSentMuchMayAnswerMuch() throws {
        let wire = try Wire()
        let stream = try wire.client.open()
        try wire.settle()
        try wire.server.respond(on: stream, bodyFollows: true)
        let ping = frame(type: 6, [UInt8](repeating: 0, count: 8))
        let update = frame(type: 8, [0, 0, 0, 10])
        for _ in 0..<5_000 {
            // Each message is answered by a window and by the ping of a client that measures.
            wire.server.send([UInt8](repeating: 1, count: 10), on: stream)
            try wire.client.receive(wire.server.takeBytes())
            try wire.client.credit(wire.client.takeDataBytes(), on: stream)
            try wire.server.receive(wire.client.takeBytes() + ping + update)
        }
        #expect(!wire.server.isFinished)
    }

    @Test func windowsOpenedByteByByteEndTheSession() throws {
        let server = try End(.server)
        // No window for streams; then one octet at a time for a body that has more.
        try server.receive(
            preface + frame(type: 4, [0, 4, 0, 0, 0, 0]) + Self.request(1, flags: 5))
        try server.respond(on: 1, bodyFollows: true)
        server.send([UInt8](repeating: 1, count: 100_000), on: 1)
        let update = frame(type: 8, stream: 1, [0, 0, 0, 1])
        #expect(throws: HTTP2Failure.self) {
            for _ in 0..<Limits.idleFrames + 8 {
                try server.receive(update)
                _ = try server.takeBytes()
            }
        }
        try Self.expectFarewell(of: server)
    }

    @Test func oneFieldNamedAgainAndAgainEndsTheSession() throws {
        let server = try server()
        // A field of 4,000 octets for the table, then its number: one octet each.
        let value = [UInt8](repeating: UInt8(ascii: "b"), count: 4_000)
        // 127 and 3,873 more, in HPACK's integers.
        let field: [UInt8] = [0x40, 1, UInt8(ascii: "x"), 0x7F, 0xA1, 0x1E] + value
        let block = [0x83, 0x86, 0x84] + field + [UInt8](repeating: 0xBE, count: 10_000)
        #expect(throws: HTTP2Failure.self) {
            try server.receive(frame(type: 1, flags: 5, stream: 3, block))
        }
        try Self.expectFarewell(of: server)
    }

    @Test func outputThatNoWindowTakesIsStalledAfterItsTimeAndSilenceIsNot() throws {
        let server = try End(.server)
        try server.receive(preface + frame(type: 4, [0, 4, 0, 0, 0, 100]))
        try server.receive(Self.request(1, flags: 5) + Self.request(3, flags: 5) + Self.request(5))
        for stream in [Int32(1), 3, 5] { try server.respond(on: stream, bodyFollows: true) }
        let waiting = [UInt8](repeating: 1, count: 100_000)
        server.send(waiting, on: 1)
        server.send(waiting, on: 3)
        // Stream 5 has said all that it has to say for now.
        server.send([1], on: 5)
        let ticks = Limits.ticks(within: Limits.stalledStream)
        for tick in 1..<ticks {
            _ = try server.takeBytes()
            #expect(server.tick() == [], "tick \(tick)")
            // Stream 3's client reads, though slowly.
            if tick == 5 { try server.receive(frame(type: 8, stream: 3, [0, 0, 8, 0])) }
            // Stream 1's opens its window by one octet: that is no reading.
            try server.receive(frame(type: 8, stream: 1, [0, 0, 0, 1]))
        }
        #expect(server.tick() == [1])
    }
}
