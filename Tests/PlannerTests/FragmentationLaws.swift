import ClusterModel
import Planner
import Testing

@Suite("Fragmentation") struct FragmentationLaws {
    private static func demand(
        _ amounts: [Int64], _ count: Int = 0, of share: Int64 = 0, kinds: [Int]? = nil
    ) -> DemandShape {
        DemandShape(
            amounts: amounts, devices: [DemandShape.Devices(count: count, share: share)],
            kinds: kinds)
    }

    private static func leftover(seed: UInt64) -> Leftover {
        var generator = SplitMix64(seed: seed)
        return Leftover(
            amounts: [
                Int64.random(in: 0...96, using: &generator),
                Int64.random(in: 0...400, using: &generator),
            ],
            devices: [
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    Int64.random(in: 0...10, using: &generator) * 100
                }
            ])
    }

    private static let mix: [(demand: DemandShape, count: Int64)] = [
        (demand([8, 30], 1, of: 500), 40), (demand([12, 48], 1, of: 1_000), 30),
        (demand([32, 50]), 10), (demand([64, 256], 8, of: 1_000), 3),
    ]

    private static var scorer: FragmentationScorer {
        FragmentationScorer(mix: mix, capacity: [960, 4_000, 80_000])
    }

    @Test(
        "a placement takes what is asked for and leaves a leftover that the demand fitted",
        arguments: UInt64(0)..<300)
    func outcomes(seed: UInt64) {
        let room = Self.leftover(seed: seed)
        for (demand, _) in Self.mix {
            let outcomes = demand.outcomes(in: room)
            #expect(outcomes.isEmpty == !demand.fits(in: room), "seed \(seed)")
            let asked =
                demand.amounts + demand.devices.map { Int64($0.count) * $0.share }
            for outcome in outcomes {
                #expect(outcome.totals == zip(room.totals, asked).map { $0 - $1 }, "seed \(seed)")
                #expect(outcome.devices[0] == outcome.devices[0].sorted())
            }
        }
    }

    @Test(
        "the outcome chosen is the one of least loss, and remembered ones are the computed ones",
        arguments: UInt64(0)..<200)
    func least(seed: UInt64) {
        var scorer = Self.scorer
        let room = Self.leftover(seed: seed)
        let shape = scorer.shape(of: room)
        for (place, entry) in Self.mix.enumerated() {
            let losses = entry.demand.outcomes(in: room).map {
                scorer.loss(of: $0) - scorer.loss(of: room)
            }
            let chosen = scorer.outcome(of: place, on: shape)
            #expect(chosen?.loss == losses.min(), "seed \(seed)")
            #expect(scorer.outcome(of: place, on: shape) == chosen, "seed \(seed)")
            if let chosen {
                #expect(scorer.shape(of: scorer.leftover(of: chosen.shape)) == chosen.shape)
            }
        }
    }

    @Test("nothing free loses nothing; what no demand can use is lost as a whole")
    func ends() {
        let scorer = Self.scorer
        #expect(scorer.loss(of: Leftover(amounts: [0, 0], devices: [[0, 0]])) == 0)
        let stranded = Leftover(amounts: [0, 0], devices: [[400, 400]])
        let usable = Leftover(amounts: [96, 384], devices: [[400, 400]])
        let whole = Leftover(amounts: [96, 384], devices: [[0, 800]])
        #expect(scorer.loss(of: stranded) > 0)
        // For demands of half a device, two parts of 400 are lost and one of 800 is not.
        #expect(scorer.loss(of: whole) < scorer.loss(of: usable))
    }

    @Test(
        "resources have no names: in another order the choice is the same",
        arguments: UInt64(0)..<100)
    func blind(seed: UInt64) {
        func swapped(_ demand: DemandShape) -> DemandShape {
            DemandShape(amounts: demand.amounts.reversed(), devices: demand.devices)
        }
        var scorer = Self.scorer
        var other = FragmentationScorer(
            mix: Self.mix.map { (demand: swapped($0.demand), count: $0.count) },
            capacity: [4_000, 960, 80_000])
        let room = Self.leftover(seed: seed)
        let turned = Leftover(amounts: room.amounts.reversed(), devices: room.devices)
        let shape = scorer.shape(of: room)
        let turnedShape = other.shape(of: turned)
        for place in Self.mix.indices {
            let own = scorer.outcome(of: place, on: shape).map { scorer.leftover(of: $0.shape) }
            let its = other.outcome(of: place, on: turnedShape).map { other.leftover(of: $0.shape) }
            #expect(own?.devices == its?.devices, "seed \(seed)")
            #expect(own?.amounts == its?.amounts.reversed(), "seed \(seed)")
        }
    }

    @Test("a kind that is asked for is a kind that is needed")
    func kinds() {
        let demand = Self.demand([1, 1], 1, of: 500, kinds: [2])
        let room = Leftover(amounts: [4, 4], devices: [[1_000]], kind: 1)
        #expect(!demand.fits(in: room))
        #expect(demand.fits(in: Leftover(amounts: [4, 4], devices: [[1_000]], kind: 2)))
    }

    @Test("absurd amounts are cut, and neither trap nor overflow")
    func absurd() {
        let demand = Self.demand([.max, .min], .max, of: .max)
        var scorer = FragmentationScorer(
            mix: [(demand: demand, count: .max), (demand: Self.demand([0, 0]), count: -1)],
            capacity: [.max, 0, .max])
        let room = Leftover(amounts: [.max, .max], devices: [[.max, .min]])
        let shape = scorer.shape(of: room)
        #expect(scorer.outcome(of: 0, on: shape) == nil)
        #expect(scorer.loss(of: room) >= 0)
        var empty = FragmentationScorer(mix: [], capacity: [])
        #expect(empty.loss(of: room) == 0)
        #expect(empty.shape(of: room) == 0)
    }
}
