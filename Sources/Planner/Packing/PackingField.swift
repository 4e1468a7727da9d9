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
        self.init(
            items: problem.items, sizes: problem.sizes, capacities: problem.capacities, layout)
    }

    /// - Parameters:
    ///   - sizes: of all items, item after item, none above the capacity.
    ///   - capacities: of the largest bin, one for each resource.
    init(items: Int, sizes: [UInt64], capacities: [UInt64], _ layout: LaneLayout) {
        self.items = items
        let dimensions = capacities.count
        self.dimensions = dimensions
        guards = layout.guards(capacities: capacities)
        empty = layout.packed(capacities) &+ guards
        let starts = stride(from: 0, to: sizes.count, by: dimensions)
        size = ContiguousArray(
            starts.map { layout.packed(sizes[$0..<$0 + dimensions]) })
        share = ContiguousArray(
            sizes.indices.map { index in
                let capacity = capacities[index % dimensions]
                return capacity > 0 ? Float(Double(sizes[index]) / Double(capacity)) : 0
            })
        let share = share
        weight = ContiguousArray(
            starts.map { start in share[start..<start + dimensions].reduce(0, +) })
    }

    @inline(__always) func fits(_ item: Int, in room: Vector) -> Bool {
        (room &- size[item]).covers(guards)
    }
}
