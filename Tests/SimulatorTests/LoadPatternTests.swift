import ClusterModel
import Simulator
import Testing

@Suite("Made and recorded load") struct LoadPatternTests {
    private static func series(
        _ pattern: LoadPattern, every seconds: Int64 = 60, seed: UInt64 = 1,
        instance: String = "web-0"
    ) -> [UInt64] {
        (0..<(86_400 / seconds)).map { step in
            pattern.demand(
                of: InstanceID(instance), reserving: CPU(millicores: 1000),
                at: step * seconds * 1000, isSharing: false, seed: seed
            ).millicores
        }
    }

    @Test("a day is lowest at midnight and highest at noon")
    func daily() {
        let day = Self.series(
            LoadPattern(
                .daily(low: .percent(10), high: .percent(70), noise: .none, period: .hours(24))))
        #expect(day.first == 100 && day[720] == 700)
        #expect(abs(Int(day[360]) - 400) <= 2 && abs(Int(day[1080]) - 400) <= 2)
        #expect(day.min() == 100 && day.max() == 700)
    }

    @Test("noise stays within its width, and is another for each instance and seed")
    func noise() {
        let pattern = LoadPattern(
            .daily(low: .percent(50), high: .percent(50), noise: .percent(5), period: .hours(24)))
        let day = Self.series(pattern)
        #expect(day.allSatisfy { (450...550).contains($0) } && Set(day).count > 50)
        #expect(day == Self.series(pattern))
        #expect(day != Self.series(pattern, seed: 2))
        #expect(day != Self.series(pattern, instance: "web-1"))
    }

    @Test("a square is high for half of its period")
    func square() {
        let day = Self.series(
            LoadPattern(.square(low: .none, high: .whole, period: .hours(2)), isScattered: true))
        #expect(day.count { $0 == 1000 } == 720 && day.count { $0 == 0 } == 720)
    }

    @Test("there is one spike in each period")
    func spikes() {
        let day = Self.series(
            LoadPattern(
                .spikes(
                    low: .percent(10), high: .percent(200), period: .hours(1), length: .seconds(300)
                )), every: 10)
        for hour in 0..<24 {
            #expect(day[(hour * 360)..<(hour * 360 + 360)].count { $0 == 2000 } == 30)
        }
    }

    @Test("a recorded series begins anew at its end")
    func recorded() {
        let amounts = [100, 200, 300].map { CPU(millicores: $0) }
        let day = Self.series(LoadPattern(.recorded(amounts, every: .seconds(60))))
        #expect(day.prefix(7) == [100, 200, 300, 100, 200, 300, 100])
    }
}
