import HTTP2
import Testing

/// What a peer may try, and that it ends at a bound.
@Suite struct HostilePeerTests {
    /// A server that has seen a correct preface and settings.
    private func greetedServer() throws -> End {
        let server = try End(.server)
        try server.receive((preface + frame(type: 4)))
        _ = try server.takeBytes()
        _ = server.takeEvents()
        return server
    }

    /// Expects that the last that a server has to say is GOAWAY with ENHANCE_YOUR_CALM.
    private func expectFarewell(of server: End) throws {
        let farewell = try server.takeBytes().suffix(17)
        #expect(farewell.dropFirst(3).first == 7)
        #expect(farewell.suffix(4) == [0, 0, 0, 0xb])
        #expect(server.isFinished)
    }

    @Test func somethingThatIsNotHTTP2IsRefusedAtOnce() throws {
        let server = try End(.server)
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(throws: HTTP2Failure.self) { try server.receive(bytes) }
    }

    @Test func aFloodOfPingsEndsTheSession() throws {
        let server = try greetedServer()
        let ping = frame(type: 6, [UInt8](repeating: 0, count: 8))
        let flood = Array(repeatElement(ping, count: 1_000).joined())
        #expect(throws: HTTP2Failure.self) { try server.receive(flood) }
        try expectFarewell(of: server)
    }

    @Test func tooManySettingsEndTheSession() throws {
        let server = try greetedServer()
        let entry: [UInt8] = [0, 3, 0, 0, 0, 1]
        let entries = Array(repeatElement(entry, count: Limits.settingsPerFrame + 1).joined())
        try server.receive(frame(type: 4, entries))
        _ = try server.takeBytes()
        #expect(server.isFinished)
    }

    @Test func endlessContinuationsEndTheSession() throws {
        let server = try greetedServer()
        // A literal field that repeats, never ending the block.
        let field: [UInt8] = [0x40, 1, UInt8(ascii: "x"), 1, UInt8(ascii: "y")]
        var bytes = frame(type: 1, stream: 1, field)
        for _ in 0..<100 { bytes += frame(type: 9, stream: 1, field) }
        #expect(throws: HTTP2Failure.self) { try server.receive(bytes) }
        try expectFarewell(of: server)
    }

    @Test func aContinuationThatComesOctetByOctetIsOne() throws {
        // The library alone counts each time that it is given octets of a head.
        let server = try greetedServer()
        let block: [UInt8] = [0x83, 0x86, 0x84]
        for octet in frame(type: 1, stream: 1, block) { try server.receive([octet]) }
        for number in 1...Limits.continuations {
            let flags: UInt8 = number == Limits.continuations ? 4 : 0
            let more = frame(type: 9, flags: flags, stream: 1, [0x01, 1, UInt8(ascii: "h")])
            // One authority only; the others carry nothing.
            let piece = number == 1 ? more : frame(type: 9, flags: flags, stream: 1)
            for octet in piece { try server.receive([octet]) }
        }
        let headers = server.takeEvents().filter { event in
            if case .headers = event { true } else { false }
        }
        #expect(headers.count == 1)
        #expect(!server.isFinished)
    }

    @Test("endless continuations end it, however they are cut", arguments: [true, false])
    func continuationsInPieces(isServer: Bool) throws {
        let end = isServer ? try greetedServer() : try Wire().client
        if !isServer { _ = try end.open() }
        _ = try end.takeBytes()
        let first = frame(type: 1, stream: 1, isServer ? [0x83] : [0x88])
        let empty = frame(type: 9, stream: 1)
        for octet in first { try end.receive([octet]) }
        for _ in 0..<Limits.continuations {
            for octet in empty { try end.receive([octet]) }
        }
        #expect(throws: HTTP2Failure.self) {
            for octet in empty { try end.receive([octet]) }
        }
        try expectFarewell(of: end)
    }

    @Test func anOpenHeaderBlockCanBeSeen() throws {
        let server = try greetedServer()
        try server.receive(frame(type: 1, stream: 1, [0x83]))
        #expect(server.openHeaderBlock == 1)
        try server.receive(frame(type: 9, flags: 4, stream: 1, [0x86, 0x84]))
        #expect(server.openHeaderBlock == nil)
        // One that ends and one that begins: the second is late only by its own time.
        try server.receive(frame(type: 1, stream: 3, [0x83]))
        #expect(server.openHeaderBlock == 2)
    }

    @Test func aHeaderListAboveTheBoundIsDroppedAndReported() throws {
        let wire = try Wire()
        let big = HTTP2Header("x", String(repeating: "a", count: Limits.headerListBytes))
        let stream = try wire.client.open(request + [big])
        try wire.settle()
        #expect(wire.server.takeEvents() == [.headersTooLarge(stream: stream)])
    }

    @Test func rapidResetsEndTheSession() throws {
        let wire = try Wire()
        for _ in 0..<Limits.resetBurst * 2 {
            let stream = try wire.client.open()
            try wire.server.receive(wire.client.takeBytes())
            try wire.client.reset(stream, .cancel)
            try wire.server.receive(wire.client.takeBytes())
        }
        _ = try wire.server.takeBytes()
        #expect(wire.server.isFinished)
    }

    @Test func invalidFramesEndTheSession() throws {
        let server = try greetedServer()
        // `:method POST`, `:scheme http`, `:path /`, `:authority h`.
        let block: [UInt8] = [0x83, 0x86, 0x84, 0x01, 1, UInt8(ascii: "h")]
        func invalid(_ number: Int) -> [UInt8] {
            let stream = UInt32(2 * number + 1)
            // More than a window holds: an error of the stream alone.
            let update = frame(type: 8, stream: stream, [0x7F, 0xFF, 0xFF, 0xFF])
            return frame(type: 1, flags: 4, stream: stream, block) + update
        }
        for number in 0..<Limits.invalidFrames {
            try server.receive(invalid(number))
            _ = try server.takeBytes()
        }
        #expect(throws: HTTP2Failure.self) {
            try server.receive(invalid(Limits.invalidFrames))
        }
        try expectFarewell(of: server)
    }

    @Test("random bytes after a preface never trap", arguments: UInt64(0)..<200)
    func randomBytes(seed: UInt64) throws {
        let server = try greetedServer()
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func byte() -> UInt8 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        for _ in 0..<20 {
            let payload = (0..<Int(byte() % 64)).map { _ in byte() }
            let stream = UInt32(byte() % 8)
            let bytes = frame(type: byte() % 12, flags: byte(), stream: stream, payload)
            do { try server.receive(bytes) } catch { return }
            _ = try? server.takeBytes()
        }
    }
}
