/// Fewer bins than these are never enough.
///
/// The larger of: bins needed for the weight of all items (`WeightBound`); items of which no two
/// share a bin (`Clique`).
package enum PackingBound {
    /// Above these many items only their weight is counted.
    private static let mostItems = 20_000

    package static func bins(for problem: PackingProblem) -> Int {
        guard problem.items > 0 else { return 0 }
        let field = BinField(
            items: problem.items, dimensions: problem.dimensions,
            size: { problem.size(of: $0, in: $1) }, rests: [],
            open: [(problem.capacities.map { UInt128($0) }, problem.items)])
        let bound = max(1, WeightBound.bins(for: field))
        return problem.items <= mostItems ? max(bound, clique(problem)) : bound
    }

    // MARK: Conflicts

    /// Size of a set of items of which no two fit one bin, largest first.
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
            Clique.size(
                among: (0..<problem.items).sorted { (measure[$1], $0) < (measure[$0], $1) }
            ) { exclude($0, $1, problem) }
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
