/// A packing search over vectors of one width: constructions, then ejections.
struct SearchRun<Vector: PackedVector>: Sendable {
    private(set) var best: [Int]

    private let field: PackingField<Vector>
    private let bound: Int
    private let seed: UInt64
    /// Most items that one bin can hold.
    private let slots: Int
    private var bins: Int
    private var constructions: ArraySlice<PackingConstruction>
    private var phase = Phase.constructing

    private enum Phase: Sendable {
        case constructing  // → ejecting, done
        case ejecting(EjectionSearch<Vector, FreeBins>)  // → ejecting, done
        case done  // terminal
    }

    /// More than these places for items of bins are not worth their memory.
    private static var mostPlaces: Int { 1 << 24 }

    init(_ problem: PackingProblem, _ layout: LaneLayout, bound: Int, seed: UInt64) {
        field = PackingField(problem, layout)
        self.bound = bound
        self.seed = seed
        slots = PackingBound.mostInBin(problem)
        best = Array(0..<problem.items)
        bins = problem.items
        constructions = PackingConstruction.all(items: problem.items)[...]
    }

    var isDone: Bool { if case .done = phase { true } else { false } }

    /// Does `steps` steps, fewer if done; how many.
    mutating func advance(steps: Int) -> Int {
        var left = steps
        while left > 0 {
            let current = phase
            phase = .done
            switch consume current {
            case .constructing:
                left -= 1
                phase = construct()
            case .ejecting(var search):
                phase = eject(&search, &left)
            case .done:
                return steps - left
            }
        }
        return steps
    }

    private mutating func construct() -> Phase {
        if let construction = constructions.popFirst() {
            let packing = construction.packing(field)
            let count = (packing.max() ?? -1) + 1
            if count < bins { (best, bins) = (packing, count) }
        }
        guard bins > bound else { return .done }
        guard constructions.isEmpty else { return .constructing }
        guard bins * slots <= Self.mostPlaces else { return .done }
        var search = EjectionSearch(
            field, capacity: ContiguousArray(repeating: field.empty, count: bins),
            rules: FreeBins(), binOf: best, slots: slots, seed: seed)
        return search.dropBin() ? .ejecting(search) : .done
    }

    private mutating func eject(
        _ search: inout EjectionSearch<Vector, FreeBins>, _ left: inout Int
    ) -> Phase {
        while left > 0 {
            left -= 1
            guard search.step() else { continue }
            best = search.binOf.map(Int.init)
            bins = search.bins
            guard bins > bound else { return .done }
            guard search.dropBin() else { return .done }
        }
        return .ejecting(search)
    }
}
