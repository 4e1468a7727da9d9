import ClusterModel
import Specs
import Testing

@Suite struct NotationTests {
    @Test(
        "processor time",
        arguments: [
            ("500m", 500), ("0.5", 500), ("2", 2000), ("1.250", 1250), ("0.001", 1), ("0", 0),
        ])
    func cpu(text: String, millicores: UInt64) throws {
        #expect(try CPU(notation: text).millicores == millicores)
    }

    @Test(
        "memory",
        arguments: [
            ("256MiB", 256 << 20), ("1GiB", 1 << 30), ("1.5GiB", 3 << 29), ("512MB", 512_000_000),
            ("1GB", 1_000_000_000), ("4kB", 4_000), ("4KB", 4_000), ("7B", 7), ("1 GiB", 1 << 30),
            ("2TiB", 2 << 40),
        ])
    func bytes(text: String, count: UInt64) throws {
        #expect(try Bytes(notation: text).count == count)
    }

    @Test(
        "durations",
        arguments: [
            ("300ms", 300), ("10s", 10_000), ("2m", 120_000), ("2min", 120_000),
            ("15 min", 900_000),
            ("1h", 3_600_000), ("1d", 86_400_000), ("1.5s", 1_500),
        ])
    func durations(text: String, milliseconds: Int64) throws {
        #expect(try Duration(notation: text).milliseconds == milliseconds)
    }

    @Test(
        "shares",
        arguments: [("95%", 950), ("95 %", 950), ("99.9%", 999), ("0%", 0), ("150%", 1500)])
    func shares(text: String, permille: UInt32) throws {
        #expect(try Share(notation: text).permille == permille)
    }

    @Test(
        "what is no quantity says what would be",
        arguments: [
            ("256", "'256' has no unit", "write 256MiB"),
            ("1073741824", "'1073741824' has no unit", "write 1GiB"),
            ("256M", "'M' is not a unit of memory", "write 256MiB"),
            ("1Gi", "'Gi' is not a unit of memory", "write 1GiB"),
            ("1gib", "'gib' is not a unit of memory", "write 1GiB"),
            (
                "3 apples", "'apples' is not a unit of memory",
                "one of: KiB, MiB, GiB, TiB, kB, MB, GB, TB"
            ),
            ("-1GiB", "'-1GiB' is negative", "write a value above zero"),
            ("99999999999999999999GiB", "'99999999999999999999GiB' is too large", nil),
            ("20000000TiB", "'20000000TiB' is no whole number of bytes or too large", nil),
            ("0.3B", "'0.3B' is no whole number of bytes or too large", nil),
            ("GiB", "'GiB' is not a number", nil),
        ] as [(String, String, String?)])
    func refusals(text: String, problem: String, suggestion: String?) {
        #expect(throws: NotationFailure(problem, suggestion: suggestion)) {
            try Bytes(notation: text)
        }
    }

    @Test(
        "what is finer than the model is refused, not rounded",
        arguments: ["0.0005", "0.5m", "1e3"])
    func finer(text: String) {
        #expect(throws: NotationFailure.self) { try CPU(notation: text) }
    }

    @Test("every quantity reads back from its notation", arguments: UInt64(0)..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let number = random.next() >> UInt64.random(in: 0...63, using: &random)
        let cpu = CPU(millicores: number)
        #expect(try CPU(notation: cpu.notation) == cpu)
        #expect(try Bytes(notation: Bytes(number).notation) == Bytes(number))
        let rate = BytesPerSecond(number)
        #expect(try BytesPerSecond(notation: rate.notation) == rate)
        let duration = Duration.milliseconds(Int64(number % 3_000_000_000_000))
        #expect(try Duration(notation: duration.notation) == duration)
        let share = Share(permille: UInt32(number % 100_000))
        #expect(try Share(notation: share.notation) == share)
    }
}
