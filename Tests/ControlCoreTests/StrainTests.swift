import ClusterModel
import Testing

@Suite("How much an instance lacked") struct StrainTests {
    private static func series(
        _ throttled: [UInt64], every seconds: Int64 = 5, pressure: Pressure? = nil
    ) -> UseSeries {
        UseSeries(
            throttled.enumerated().map { index, held in
                Use(
                    at: Instant(milliseconds: Int64(index) * seconds * 1_000), cpu: .zero,
                    memory: .zero, throttled: held, pressure: pressure)
            })
    }

    @Test("a part of the time that was seen, what its first report tells of left out")
    func throttled() {
        // 10 s seen, 1 s of it held back.
        let series = Self.series([5_000_000, 500_000, 500_000])
        #expect(series.strain(over: .seconds(10))?.throttled == Share(permille: 100))
        // Only the last window counts.
        let later = Self.series([0, 5_000_000, 5_000_000, 0, 0])
        #expect(later.strain(over: .seconds(10))?.throttled == Share.none)
    }

    @Test("less than half of the window says nothing")
    func tooLittle() {
        #expect(UseSeries.empty.strain(over: .seconds(60)) == nil)
        #expect(Self.series([0]).strain(over: .seconds(60)) == nil)
        #expect(Self.series([0, 0, 0, 0, 0, 0]).strain(over: .seconds(60)) == nil)
        #expect(Self.series([0, 0, 0, 0, 0, 0, 0]).strain(over: .seconds(60)) != nil)
    }

    @Test("pressure of the whole machine decides nothing")
    func scopes() {
        func pressure(_ scope: Pressure.Scope) -> Pressure {
            Pressure(scope: scope, cpu: .percent(20), memory: .percent(10), io: .none)
        }
        let machine = Self.series([0, 0, 0], pressure: pressure(.machine))
        #expect(machine.strain(over: .seconds(10)) == Strain(throttled: .none))
        let own = Self.series([0, 0, 0], pressure: pressure(.cgroup))
        #expect(
            own.strain(over: .seconds(10)) == Strain(throttled: .none, pressure: pressure(.cgroup)))
    }
}
