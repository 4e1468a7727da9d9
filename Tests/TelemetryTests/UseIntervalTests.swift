import ClusterModel
import Telemetry
import Testing

@Suite struct UseIntervalTests {
    private static let second: UInt64 = 1_000_000_000

    private static func instant(_ seconds: Int64) -> Instant {
        Instant(milliseconds: seconds * 1000)
    }

    @Test(
        "samples become mean, maximum and last; throttled time adds up; the last pressure stays"
    )
    func figures() {
        var interval = UseInterval(beginningAtNanoseconds: 0)
        let pressures = [Share.percent(9), .percent(1)].map {
            Pressure(scope: .cgroup, cpu: $0, memory: .none, io: .none)
        }
        let samples = [
            Sample(memory: Bytes(100), pressure: pressures[0]),
            Sample(
                cpu: CPU(millicores: 100), memory: Bytes(300), throttled: 5,
                network: BytesPerSecond(8),
                disk: BytesPerSecond(1), pressure: pressures[1]),
            Sample(
                cpu: CPU(millicores: 500), memory: Bytes(200), throttled: 6,
                network: BytesPerSecond(2)),
            Sample(cpu: CPU(millicores: 0), memory: Bytes(200), throttled: 0),
        ]
        for (index, sample) in samples.enumerated() {
            let use = interval.add(
                sample, at: Self.instant(Int64(index)),
                atNanoseconds: UInt64(index + 1) * Self.second)
            #expect(use == nil)
        }
        let last = Sample(cpu: CPU(millicores: 200), memory: Bytes(200), throttled: 1)
        let use = interval.add(last, at: Self.instant(5), atNanoseconds: 5 * Self.second)
        #expect(
            use
                == Use(
                    at: Self.instant(5), cpu: Use.Figure(mean: 200, maximum: 500, last: 200),
                    memory: Use.Figure(mean: 200, maximum: 300, last: 200), throttled: 12,
                    network: Use.Figure(mean: 5, maximum: 8, last: 2),
                    disk: Use.Figure(mean: 1, maximum: 1, last: 1), pressure: pressures[1]))
    }

    @Test(
        "an interval ends with the sample nearest to its end",
        arguments: [
            (4_499_999_999, false), (4_500_000_000, true), (5_003_000_000, true),
            (9_000_000_000, true),
        ]
            as [(UInt64, Bool)])
    func jitter(moment: UInt64, ends: Bool) {
        var interval = UseInterval(beginningAtNanoseconds: 0)
        let use = interval.add(Sample(memory: Bytes(1)), at: Self.instant(5), atNanoseconds: moment)
        #expect((use != nil) == ends)
    }

    @Test("the next interval begins empty where the last one ended")
    func next() {
        var interval = UseInterval(beginningAtNanoseconds: 0)
        let high = Sample(cpu: CPU(millicores: 900), throttled: 7)
        #expect(
            interval.add(high, at: Self.instant(5), atNanoseconds: 5 * Self.second)?.throttled == 7)
        let low = Sample(cpu: CPU(millicores: 1))
        #expect(interval.add(low, at: Self.instant(9), atNanoseconds: 9 * Self.second) == nil)
        let use = interval.add(low, at: Self.instant(10), atNanoseconds: 10 * Self.second)
        #expect(use?.cpu == Use.Figure(mean: 1, maximum: 1, last: 1))
        #expect(use?.throttled == 0)
    }

    @Test("an interval without a sample has no use, one that is cut short has")
    func early() {
        var interval = UseInterval(beginningAtNanoseconds: 0)
        #expect(interval.finish(at: Self.instant(1), atNanoseconds: Self.second) == nil)
        _ = interval.add(
            Sample(memory: Bytes(4)), at: Self.instant(2), atNanoseconds: 2 * Self.second)
        #expect(
            interval.finish(at: Self.instant(3), atNanoseconds: 3 * Self.second)?.memory.last == 4)
    }
}
