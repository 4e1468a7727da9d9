/// Fewer bins than these are never enough.
///
/// The largest of: Martello and Toth's bound for one resource, on each resource and on sums of
/// several; items of which no two share a bin. Sizes are only ever rounded down, so each holds for
/// every packing.
/// - Source: Martello and Toth, "Lower bounds and reduction procedures for the bin packing problem",
///   Discrete Applied Mathematics 28, 1990; Fekete and Schepers, "New classes of fast lower bounds
///   for bin packing problems", Mathematical Programming 91, 2001.
package enum PackingBound {
    /// Parts of a bin that sizes are counted in: fine enough for any size that matters, and
    /// 2 million items of 64 resources do not overflow.
    private static let parts = UInt64(1) << 24
    /// Above these many items only the volume in each resource is counted.
    private static let mostItems = 20_000

    package static func bins(for problem: PackingProblem) -> Int {
        guard problem.items > 0 else { return 0 }
        let shares = problem.capacities.indices.map { Self.shares(of: problem, in: $0) }
        var bound = 1
        for resource in shares.indices {
            bound = max(bound, ceiling(shares[resource].reduce(0, +), parts))
        }
        guard problem.items <= mostItems else { return bound }
        for sum in sums(shares) {
            bound = max(bound, martelloToth(sum.sizes, capacity: sum.capacity))
        }
        return max(bound, clique(problem))
    }

    private static func ceiling(_ amount: UInt64, _ unit: UInt64) -> Int {
        Int((amount + unit - 1) / unit)
    }

    /// Sizes in one resource, in parts of the capacity, rounded down.
    private static func shares(of problem: PackingProblem, in resource: Int) -> [UInt64] {
        let capacity = problem.capacities[resource]
        guard capacity > 0 else { return Array(repeating: 0, count: problem.items) }
        return (0..<problem.items).map { item in
            let product = problem.size(of: item, in: resource).multipliedFullWidth(by: parts)
            return capacity.dividingFullWidth(product).quotient
        }
    }

    // MARK: One resource

    /// Each resource alone, each two, and all together.
    private static func sums(_ shares: [[UInt64]]) -> [(sizes: [UInt64], capacity: UInt64)] {
        var sets = shares.indices.map { [$0] }
        if shares.count <= 16 {
            for one in shares.indices { for other in 0..<one { sets.append([other, one]) } }
        }
        if shares.count > 2 { sets.append(Array(shares.indices)) }
        return sets.map { set in
            let sizes = shares[0].indices.map { item in
                set.reduce(UInt64(0)) { $0 + shares[$1][item] }
            }
            return (sizes, parts * UInt64(set.count))
        }
    }

    private static func martelloToth(_ sizes: [UInt64], capacity: UInt64) -> Int {
        let sorted = sizes.sorted(by: >)
        var sums: [UInt64] = [0]
        for size in sorted { sums.append(sums[sums.count - 1] + size) }
        let overHalf = sorted.prefix { $0 > capacity - $0 }.count
        var bound = ceiling(sums[sorted.count], capacity)
        // Items smaller than the threshold are left out; those that leave no room for it are alone.
        var alone = overHalf
        for end in stride(from: overHalf + 1, through: sorted.count, by: 1) {
            let threshold = sorted[end - 1]
            while alone > 0, capacity - sorted[alone - 1] >= threshold { alone -= 1 }
            let room = UInt64(overHalf - alone) * capacity - (sums[overHalf] - sums[alone])
            let small = sums[end] - sums[overHalf]
            bound = max(bound, overHalf + (small > room ? ceiling(small - room, capacity) : 0))
        }
        return max(bound, overHalf)
    }

    // MARK: Conflicts

    /// Size of a set of items of which no two fit one bin: found greedily, largest first.
    private static func clique(_ problem: PackingProblem) -> Int {
        let dimensions = problem.dimensions
        func share(_ item: Int, _ resource: Int) -> Double {
            let capacity = problem.capacities[resource]
            return capacity > 0
                ? Double(problem.size(of: item, in: resource)) / Double(capacity) : 0
        }
        let widest = (0..<problem.items).map { item in
            (0..<dimensions).reduce(0.0) { max($0, share(item, $1)) }
        }
        let heaviest = (0..<problem.items).map { item in
            (0..<dimensions).reduce(0.0) { $0 + share(item, $1) }
        }
        return [widest, heaviest].map { measure in
            var chosen: [Int] = []
            for item in (0..<problem.items).sorted(by: { (measure[$1], $0) < (measure[$0], $1) })
            where chosen.allSatisfy({ exclude(item, $0, problem) }) {
                chosen.append(item)
            }
            return chosen.count
        }.max() ?? 0
    }

    private static func exclude(_ one: Int, _ other: Int, _ problem: PackingProblem) -> Bool {
        (0..<problem.dimensions).contains { resource in
            problem.size(of: one, in: resource)
                > problem.capacities[resource] - problem.size(of: other, in: resource)
        }
    }

    // MARK: Items of one bin

    /// The most items that any bin can hold.
    static func mostInBin(_ problem: PackingProblem) -> Int {
        problem.capacities.indices.reduce(max(1, problem.items)) { most, resource in
            let sizes = (0..<problem.items).map { problem.size(of: $0, in: resource) }.sorted()
            var left = problem.capacities[resource]
            let count = sizes.prefix { size in
                guard size <= left else { return false }
                left -= size
                return true
            }.count
            return min(most, max(1, count))
        }
    }
}
