import HTTP2
import Testing

/// TCP cuts a client's bytes where it likes; what a server makes of them may not depend on it.
@Suite struct ChunkingTests {
    /// What a server has done after some bytes: all that can be told apart from outside.
    private struct Outcome: Equatable {
        var events: [HTTP2Event] = []
        var output: [UInt8] = []
        var failure: HTTP2Failure?
    }

    private enum Cut { case nowhere, everywhere, somewhere }

    @Test("how bytes are cut does not matter", arguments: UInt64(0)..<150)
    func cuts(seed: UInt64) throws {
        let whole = try outcomes(seed, .nowhere)
        #expect(try outcomes(seed, .everywhere) == whole, "seed \(seed), octet by octet")
        #expect(try outcomes(seed, .somewhere) == whole, "seed \(seed), cut at random")
    }

    @Test func theScriptsReachEveryEnd() throws {
        // Else the law above would compare nothing with nothing.
        let all = try (UInt64(0)..<150).flatMap { try outcomes($0, .nowhere) }
        let codes = Set(all.filter { $0.failure != nil }.compactMap(\.output.last))
        #expect(codes.isSuperset(of: [1, 5]), "PROTOCOL_ERROR and STREAM_CLOSED")
        #expect(all.contains { $0.failure == nil && !$0.events.isEmpty && !$0.output.isEmpty })
    }

    /// Plays a script of segments to a server, each cut as said, with answers and resets between.
    private func outcomes(_ seed: UInt64, _ cut: Cut) throws -> [Outcome] {
        var script = Xorshift(seed: seed)
        var knife = Xorshift(seed: seed &+ 1)
        let server = try End(.server)
        var outcomes: [Outcome] = []
        var bytes = preface + frame(type: 4) + frame(type: 4, flags: 1)
        for _ in 0..<8 {
            for _ in 0..<script.next() % 6 { bytes += randomFrame(&script) }
            let outcome = try play(Self.cut(bytes, cut, &knife), to: server)
            outcomes.append(outcome)
            if outcome.failure != nil || server.isFinished { break }
            let stream = Int32(script.next() % 10) * 2 + 1
            if script.next() % 2 == 0 {
                try? server.reset(stream, .cancel)
            } else {
                try? server.respond(on: stream, bodyFollows: false)
            }
            bytes = []
        }
        return outcomes
    }

    private func play(_ chunks: [[UInt8]], to server: End) throws -> Outcome {
        var outcome = Outcome()
        do {
            for chunk in chunks { try server.receive(chunk) }
        } catch let failure as HTTP2Failure {
            outcome.failure = failure
        }
        outcome.output = try server.takeBytes()
        for event in server.takeEvents() {
            // The parts of one DATA frame are one.
            if case .data(let stream, let more) = event,
                case .data(stream, let before) = outcome.events.last
            {
                outcome.events[outcome.events.count - 1] = .data(
                    stream: stream, before + more)
            } else {
                outcome.events.append(event)
            }
        }
        return outcome
    }

    private static func cut(
        _ bytes: [UInt8], _ cut: Cut, _ knife: inout Xorshift
    ) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length =
                switch cut {
                case .nowhere: rest.count
                case .everywhere: 1
                case .somewhere: Int(knife.next() % 30) + 1
                }
            chunks.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return chunks
    }

    /// Mostly what a client may send, on ten streams, so that many come late or are passed over.
    private func randomFrame(_ random: inout Xorshift) -> [UInt8] {
        let stream = UInt32(random.next() % 10) * 2 + 1
        let payload = (0..<Int(random.next() % 40)).map { UInt8($0) }
        let ends: UInt8 = random.next() % 3 == 0 ? 1 : 0
        let block: [UInt8] = [0x83, 0x86, 0x84, 0x01, 1, UInt8(ascii: "h")]
        return switch random.next() % 10 {
        case 0...3: frame(type: 1, flags: 4 | ends, stream: stream, block)
        case 4...6: frame(type: 0, flags: ends, stream: stream, payload)
        case 7: frame(type: 3, stream: stream, [0, 0, 0, 8])
        case 8: frame(type: 6, [UInt8](repeating: 7, count: 8))
        default: frame(type: 0x20, flags: 0xFF, stream: stream, payload)
        }
    }
}
