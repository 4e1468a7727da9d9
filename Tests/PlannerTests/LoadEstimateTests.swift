import ClusterModel
import Planner
import Testing

@Suite("Load of one and of many") struct LoadEstimateTests {
    @Test("mean and variance are those of the definition", arguments: UInt64(0)..<100)
    func definition(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let samples = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
            UInt64.random(in: 0...3_000, using: &generator)
        }
        let mean = Double(samples.reduce(0, +)) / Double(samples.count)
        let variance =
            samples.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            / Double(samples.count)
        let estimate = LoadEstimate(of: samples)
        #expect(estimate.mean == Int64(mean))
        #expect(abs(Double(estimate.variance) - variance) <= 1, "seed \(seed)")
    }

    @Test("a prior counts for its weight, and for all where there is nothing else")
    func prior() {
        let prior = LoadEstimate(mean: 100, variance: 50)
        #expect(LoadEstimate(of: [], prior: prior, weight: 3) == prior)
        #expect(LoadEstimate(of: [], prior: prior, weight: 0) == prior)
        let drawn = LoadEstimate(of: [200, 200, 200], prior: prior, weight: 1)
        #expect(drawn == LoadEstimate(mean: 175, variance: 12))
    }

    @Test(
        "the root is the largest whole one",
        arguments: [Int64]([0, 1, 2, 3, 4, 24, 25, 26, 1 << 40, (1 << 62) - 1, .max, -5]))
    func root(number: Int64) {
        let root = LoadEstimate.root(of: number)
        guard number > 0 else {
            #expect(root == 0)
            return
        }
        #expect(root * root <= number)
        let next = (root + 1).multipliedReportingOverflow(by: root + 1)
        #expect(next.overflow || next.partialValue > number)
    }

    @Test("absurd samples are cut, and sums saturate")
    func absurd() {
        let estimate = LoadEstimate(of: [UInt64.max, UInt64.max, 0])
        #expect(estimate.mean <= Int64(LoadEstimate.largest))
        let huge = LoadEstimate(mean: .max, variance: .max)
        #expect((huge + huge) == huge)
        #expect(huge.demand(deviations: 3_000) == .max)
    }

    @Test("a joint percentile is the percentile of the sums", arguments: UInt64(0)..<100)
    func joint(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let buckets = Int.random(in: 1...30, using: &generator)
        let series = (0..<Int.random(in: 1...8, using: &generator)).map { _ in
            (0..<buckets).map { _ in UInt64.random(in: 0...1_000, using: &generator) }
        }
        let sums = (0..<buckets).map { bucket in series.reduce(0) { $0 + $1[bucket] } }
        let load = JointLoad(of: series, buckets: buckets)
        #expect(load.sums == sums)
        let sorted = sums.sorted()
        for percent in [1, 50, 95, 100] {
            let rank = (buckets * percent + 99) / 100
            #expect(load.percentile(.percent(UInt32(percent))) == sorted[rank - 1], "seed \(seed)")
        }
        let ceiling = sorted[buckets / 2]
        #expect(load.breaches(of: ceiling) == sums.count { $0 > ceiling })
        // Never more than the sum of the single percentiles needs to be kept when loads do not rise together.
        let single = series.reduce(UInt64(0)) { $0 + ($1.max() ?? 0) }
        #expect(load.percentile(.whole) <= single)
    }

    @Test("loads that alternate need less than loads that rise together")
    func correlation() {
        let up: [UInt64] = [0, 100, 0, 100]
        let down: [UInt64] = [100, 0, 100, 0]
        #expect(JointLoad(of: [up, down], buckets: 4).percentile(.whole) == 100)
        #expect(JointLoad(of: [up, up], buckets: 4).percentile(.whole) == 200)
        #expect(JointLoad(of: [up, up], buckets: 4).chance(of: 150) == Share(permille: 500))
    }

    @Test(
        "a short record counts with its mean before it began, and what is added can be taken away")
    func alignment() {
        #expect(JointLoad.aligned([10, 30], buckets: 4) == [20, 20, 10, 30])
        #expect(JointLoad.aligned([1, 2, 3], buckets: 2) == [2, 3])
        #expect(JointLoad.aligned([], buckets: 2) == [0, 0])
        var load = JointLoad(of: [[5, 6]], buckets: 2)
        load.add([1, 2])
        load.remove([1, 2])
        #expect(load == JointLoad(of: [[5, 6]], buckets: 2))
        load.add([.max, .max])
        #expect(load.sums == [.max, .max])
        #expect(JointLoad(buckets: 0).chance(of: 0) == .none)
    }

    @Test("a power curve is linear between tenths, and refuses what is none")
    func power() throws {
        let curve = try #require(
            PowerCurve(milliwatts: [100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 300]))
        #expect(curve.power(load: -1, of: 1_000) == 100)
        #expect(curve.power(load: 0, of: 1_000) == 100)
        #expect(curve.power(load: 50, of: 1_000) == 105)
        #expect(curve.power(load: 950, of: 1_000) == 245)
        #expect(curve.power(load: 1_000, of: 1_000) == 300)
        #expect(curve.power(load: .max, of: .max - 1) == 300)
        #expect(curve.power(load: 5, of: 0) == 100)
        #expect(PowerCurve(milliwatts: [1, 2]) == nil)
        #expect(PowerCurve(milliwatts: Array(repeating: -1, count: 11)) == nil)
        #expect(PowerCurve(milliwatts: Array(repeating: .max, count: 11)) == nil)
    }
}
