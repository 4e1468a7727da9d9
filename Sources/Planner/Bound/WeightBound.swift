/// Fewer bins than these cannot hold the weight of all items, however that is weighed.
///
/// Resources are added up in several proportions, and sums are weighed in several ways
/// (`DualFeasible`); the largest bound counts. As bins differ in size, the largest come first.
struct WeightBound {
    private let field: BinField
    /// Bins that do not count, the largest by each weight: those that are lost.
    private let lost: Int

    /// Above these many items resources are weighed by volume alone.
    private static let mostItems = 20_000
    /// Thresholds and units that are tried for a sum.
    private static let thresholds = 512
    private static let units = 48
    private static let staircases: ClosedRange<UInt64> = 1...24
    /// Proportions of resources are whole numbers that add up to this.
    private static let proportion: UInt64 = 64
    /// Above so many resources no two of them are added up.
    private static let mostPaired = 16

    /// The fewest bins, those that count in any case and those that are lost included.
    static func bins(for field: BinField, lost: Int = 0) -> Int {
        guard field.items > 0 else { return field.rests.count }
        return WeightBound(field: field, lost: lost).bins()
    }

    private func bins() -> Int {
        let resources = field.sizes.count
        let singles = (0..<resources).map { single in
            (0..<resources).map { $0 == single ? Self.proportion : 0 }
        }
        var bound = singles.map(volume).max() ?? 0
        // All resources in the proportions that say most, and alike.
        let steered = resources > 1 && field.kinds.count > 1 ? [self.steered(singles)] : []
        for proportions in steered { bound = max(bound, volume(proportions)) }
        guard field.items <= Self.mostItems else { return bound }
        let even = resources > 1 ? [Array(repeating: UInt64(1), count: resources)] : []
        for proportions in singles + steered + even {
            bound = max(bound, Sum(field, proportions, lost).bins(isThorough: true))
        }
        guard resources > 2, resources <= Self.mostPaired else { return bound }
        for one in 0..<resources {
            for other in 0..<one {
                let pair = (0..<resources).map { $0 == one || $0 == other ? UInt64(1) : 0 }
                bound = max(bound, Sum(field, pair, lost).bins(isThorough: false))
            }
        }
        return bound
    }

    // MARK: Proportions

    private func volume(_ proportions: [UInt64]) -> Int {
        Sum(field, proportions, lost, totalsOnly: true).bins(.volume)
    }

    /// Proportions that need more bins by volume than others nearby; bins that differ in what they
    /// have most of make them.
    private func steered(_ singles: [[UInt64]]) -> [UInt64] {
        var best = singles[0]
        var most = 0.0
        let totals = field.sizes.map { $0.reduce(0, +) }
        for single in singles {
            let bins = fraction(single, totals)
            if bins > most { (best, most) = (single, bins) }
        }
        var step = Self.proportion / 2
        while step > 0 {
            var isImproved = false
            for from in best.indices {
                for to in best.indices where to != from && best[from] >= step {
                    var next = best
                    next[from] -= step
                    next[to] += step
                    let bins = fraction(next, totals)
                    if bins > most { (best, most, isImproved) = (next, bins, true) }
                }
            }
            if !isImproved { step /= 2 }
        }
        return best
    }

    /// Bins that the volume fills, with a part of the last one, so that small changes show.
    private func fraction(_ proportions: [UInt64], _ totals: [UInt64]) -> Double {
        func sum(_ amounts: [UInt64]) -> Double {
            zip(proportions, amounts).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        }
        var left = sum(totals)
        for rest in field.rests { left -= sum(rest) }
        var bins = 0.0
        for kind in field.kinds.map({ (room: sum($0.room), count: $0.count) }).sorted(by: {
            $0.room > $1.room
        }) where left > 0 && kind.room > 0 {
            let needed = min(Double(kind.count), left / kind.room)
            bins += needed
            left -= needed * kind.room
        }
        return bins
    }
}

extension WeightBound {
    /// One sum of resources: sizes as runs of equal ones, and bins, both in order.
    private struct Sum {
        /// Sizes in ascending order, and how many items have each.
        private var runs: [(size: UInt64, count: UInt64)] = []
        /// Items and volume of all runs before each, and of all.
        private var counts: [UInt64] = [0]
        private var volumes: [UInt64] = [0]
        private let total: UInt64
        private let rests: [UInt64]
        /// The largest first.
        private let kinds: [(room: UInt64, count: Int)]
        /// The largest room of any bin.
        private let whole: UInt64
        private let lost: Int

        init(_ field: BinField, _ proportions: [UInt64], _ lost: Int, totalsOnly: Bool = false) {
            func sum(_ amounts: [UInt64]) -> UInt64 {
                zip(proportions, amounts).reduce(0) { $0 + $1.0 * $1.1 }
            }
            self.lost = lost
            rests = field.rests.map(sum)
            kinds = field.kinds.map { (sum($0.room), $0.count) }.sorted { $0.room > $1.room }
            whole = max(kinds.first?.room ?? 0, rests.max() ?? 0, 1)
            guard !totalsOnly else {
                total = sum(field.sizes.map { $0.reduce(0, +) })
                return
            }
            var sizes = [UInt64](repeating: 0, count: field.items)
            for (resource, proportion) in proportions.enumerated() where proportion > 0 {
                for item in sizes.indices {
                    sizes[item] += proportion * field.sizes[resource][item]
                }
            }
            total = sizes.reduce(0, +)
            for size in sizes.sorted() {
                if let last = runs.last, last.size == size {
                    runs[runs.count - 1].count += 1
                } else {
                    runs.append((size, 1))
                }
            }
            for run in runs {
                counts.append(counts[counts.count - 1] + run.count)
                volumes.append(volumes[volumes.count - 1] + run.count * run.size)
            }
        }

        func bins(isThorough: Bool) -> Int {
            var bound = bins(.volume)
            let small = runs.count.partitioned { runs[$0].size > whole / 2 }
            for index in picked(small, WeightBound.thresholds) {
                bound = max(bound, bins(.threshold(runs[index].size)))
            }
            guard isThorough else { return bound }
            for steps in WeightBound.staircases { bound = max(bound, bins(.staircase(steps))) }
            for index in picked(small, WeightBound.units) where runs[index].size > 0 {
                bound = max(bound, bins(.rounded(runs[index].size)))
            }
            // Of units just above a part of a bin, one less fits than of the part itself.
            for part in UInt64(2)...16 where whole / part + 1 <= whole / 2 {
                bound = max(bound, bins(.rounded(whole / part + 1)))
            }
            return bound
        }

        /// At most `limit` of the first `count` numbers, evenly, the last included.
        private func picked(_ count: Int, _ limit: Int) -> [Int] {
            guard count > limit else { return Array(0..<count) }
            return (1...limit).map { $0 * count / limit - 1 }
        }

        /// The fewest bins by one way of weighing.
        func bins(_ function: DualFeasible) -> Int {
            var left = demand(function)
            for rest in rests {
                let weight = function.weight(of: rest, in: whole)
                if weight >= left { return rests.count + lost }
                left -= weight
            }
            guard left > 0 else { return rests.count + lost }
            var bins = rests.count + lost
            var skipped = lost
            for kind in kinds {
                let count = kind.count - min(kind.count, skipped)
                skipped -= kind.count - count
                let weight = function.weight(of: kind.room, in: whole)
                guard weight > 0, count > 0 else { continue }
                let needed = (left + weight - 1) / weight
                guard needed > UInt64(count) else { return bins + Int(needed) }
                bins += count
                left -= UInt64(count) * weight
            }
            // No number of bins is enough, so nothing is said.
            return bins
        }

        private func demand(_ function: DualFeasible) -> UInt64 {
            switch function {
            case .volume:
                return total
            case .threshold(let threshold):
                let first = runs.count.partitioned { runs[$0].size >= threshold }
                let large = runs.count.partitioned { whole - min(whole, runs[$0].size) < threshold }
                return volumes[large] - volumes[min(first, large)]
                    + (counts[runs.count] - counts[large]) * whole
            case .staircase, .rounded:
                return runs.reduce(0) {
                    $0 + $1.count * function.weight(of: $1.size, in: whole)
                }
            }
        }
    }
}
