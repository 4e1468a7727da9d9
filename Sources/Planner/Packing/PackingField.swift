/// A problem laid out for searching: packed sizes for the question "does it fit", shares of the
/// capacity for the question "how well".
struct PackingField<Vector: PackedVector>: Sendable {
    let items: Int
    let dimensions: Int
    /// Packed sizes of each item.
    let size: ContiguousArray<Vector>
    /// The room of an empty bin.
    let empty: Vector
    let guards: Vector
    /// Sizes as shares of the capacity, item after item.
    let share: ContiguousArray<Float>
    /// Sum of an item's shares.
    let weight: ContiguousArray<Float>

    init(_ problem: PackingProblem, _ layout: LaneLayout) {
        items = problem.items
        dimensions = problem.dimensions
        let dimensions = problem.dimensions
        guards = layout.guards(capacities: problem.capacities)
        empty = layout.packed(problem.capacities) &+ guards
        let starts = stride(from: 0, to: problem.sizes.count, by: dimensions)
        size = ContiguousArray(
            starts.map { layout.packed(problem.sizes[$0..<$0 + dimensions]) })
        share = ContiguousArray(
            problem.sizes.indices.map { index in
                let capacity = problem.capacities[index % dimensions]
                return capacity > 0 ? Float(Double(problem.sizes[index]) / Double(capacity)) : 0
            })
        let share = share
        weight = ContiguousArray(
            starts.map { start in share[start..<start + dimensions].reduce(0, +) })
    }

    @inline(__always) func fits(_ item: Int, in room: Vector) -> Bool {
        (room &- size[item]).covers(guards)
    }
}
