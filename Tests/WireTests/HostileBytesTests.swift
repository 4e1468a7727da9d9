import ClusterModel
import Testing
import Wire

/// Bytes that a peer may send and that no encoder of ours would.
@Suite struct HostileBytesTests {
    @Test("a truncated message is refused or read, never more", arguments: Subject.all)
    func truncated(_ subject: Subject) {
        for seed in UInt64(0)..<10 {
            let bytes = subject.bytes(seed)
            for end in 0..<min(bytes.count, 400) { _ = outcome(subject, Array(bytes[..<end])) }
        }
    }

    @Test("mutated messages only ever throw a fault", arguments: Subject.all)
    func mutated(_ subject: Subject) {
        var random = SplitMix64(seed: 42)
        for seed in UInt64(0)..<10_000 / 80 {
            let original = subject.bytes(seed)
            for _ in 0..<10 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    Self.mutate(&bytes, &random)
                }
                _ = outcome(subject, bytes)
            }
        }
    }

    @Test("random bytes only ever throw a fault")
    func noise() {
        var random = SplitMix64(seed: 7)
        for round in 0..<10_000 {
            let length = Int.random(in: 0..<64, using: &random)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = outcome(Subject.all[round % Subject.all.count], bytes)
        }
    }

    @Test("the same field over and over merges into one")
    func merged() throws {
        let bytes = instance().encoded()
        let merged = try Instance(decoding: bytes + bytes + bytes)
        #expect(merged == instance())
    }

    @Test("fields of a newer protocol are skipped, wherever they stand", arguments: Subject.all)
    func unknownFields(_ subject: Subject) throws {
        let more = Draft().number(900, 5).text(901, "later").adding(
            Draft.varint(902 << 3 | 5) + [1, 2, 3, 4] + Draft.varint(903 << 3 | 1)
                + [1, 2, 3, 4, 5, 6, 7, 8]
        ).content((1 << 29) - 1, [0xFF, 0xFE]).bytes
        for seed in UInt64(0)..<20 {
            let bytes = subject.bytes(seed)
            #expect(try subject.reads(more + bytes, seed), "seed \(seed)")
            #expect(try subject.reads(bytes + more, seed), "seed \(seed)")
        }
    }

    @Test("what a newer agent probed is left out")
    func unknownCapability() throws {
        let known = Draft().text(1, "kvm").number(2, 1)
        let bytes = Draft().message(1, Draft()).message(7, known)
            .message(7, Draft().text(1, "teleport"))
        let capacity = try Capacity(decoding: bytes.bytes)
        #expect(capacity.capabilities == [Capability(.kvm, available: true, detail: "")])
    }

    @Test(
        "bytes that are no message are malformed",
        arguments: [
            [0x0A], [0x0A, 0x05, 0x61], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01],  // a length of 2⁶⁴ − 1
            [0x0B, 0x0C],  // a group
            [0x00, 0x01],  // field number 0
            [0x0A, 0x02, 0xC3, 0x28], [0x0A, 0x01, 0xFF],  // not UTF-8
            [0x12, 0x03, 0xED, 0xA0, 0x80],  // a surrogate
            [UInt8](repeating: 0x80, count: 11),  // a number without end
            [0x08, 0x01],  // a number where text belongs
        ])
    func malformed(_ bytes: [UInt8]) {
        #expect(throws: WireFault.malformed) { try Label(decoding: bytes) }
    }

    @Test("text with a NUL is refused, not cut short")
    func nul() {
        let bytes = Draft().text(1, "web\0-evil").bytes
        #expect(throws: WireFault.invalid(InvalidValue("name", "contains a NUL character"))) {
            try Label(decoding: bytes)
        }
    }

    @Test("a message above the limit is refused before it is unpacked")
    func tooLarge() {
        let bytes = [UInt8](repeating: 0, count: Limits.messageBytes + 1)
        #expect(throws: WireFault.tooLarge) { try Chunk(decoding: bytes) }
    }

    @Test("endless repetition is refused")
    func tooMany() {
        let bytes = Array(repeatElement([0x0A, 0x00] as [UInt8], count: 500_001).joined())
        #expect(throws: WireFault.tooMany(field: "instances")) { try Statuses(decoding: bytes) }
    }

    @Test("small bytes that unpack to much memory are refused")
    func expansion() {
        // Unknown fields of two bytes, 0x78 for field 15, every one of which libprotobuf-c keeps.
        let bytes = [UInt8](repeating: 0x78, count: 6 << 20)
        #expect(throws: WireFault.tooLarge) { try Chunk(decoding: bytes) }
    }

    private func instance() -> Instance {
        Instance(
            id: "web-0", workload: "web", index: 0, host: "a",
            movedAt: Instant(milliseconds: 5))
    }

    /// What came of `bytes`; the coding of what was read is read again.
    private func outcome(_ subject: Subject, _ bytes: [UInt8]) -> WireFault? {
        do {
            let recoded = try subject.recoded(bytes)
            #expect(throws: Never.self, "\(subject.name) \(bytes)") {
                try subject.recoded(recoded)
            }
            return nil
        } catch {
            return error
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let position = Int.random(in: 0...bytes.count, using: &random)
        let byte = UInt8.random(in: 0...255, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where position < bytes.count: bytes[position] = byte
        case 1 where position < bytes.count: bytes[position] ^= 1 << (byte & 7)
        case 2 where position < bytes.count: bytes.remove(at: position)
        default: bytes.insert(byte, at: position)
        }
    }
}

extension ID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
