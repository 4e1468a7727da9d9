extension Packing {
    /// What is wrong with a packing.
    package enum Violation: Hashable, Sendable {
        case itemsMissing(expected: Int, packed: Int)
        case overfull(bin: Int, resource: Int)
    }

    /// The first thing that makes this no packing of `problem`; knows nothing of how it was found.
    package func violation(of problem: PackingProblem) -> Violation? {
        guard binOf.count == problem.items else {
            return .itemsMissing(expected: problem.items, packed: binOf.count)
        }
        var load = [UInt128](repeating: 0, count: bins * problem.dimensions)
        for (item, bin) in binOf.enumerated() {
            for resource in 0..<problem.dimensions {
                load[bin * problem.dimensions + resource] += UInt128(
                    problem.size(of: item, in: resource))
            }
        }
        let overfull = load.indices.first {
            load[$0] > UInt128(problem.capacities[$0 % problem.dimensions])
        }
        return overfull.map {
            .overfull(bin: $0 / problem.dimensions, resource: $0 % problem.dimensions)
        }
    }
}
