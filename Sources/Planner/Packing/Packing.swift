/// Which bin each item of a problem is in.
package struct Packing: Hashable, Sendable {
    /// The bin of each item, counted from zero without gaps.
    package let binOf: [Int]
    package let bins: Int

    package init(binOf: [Int]) {
        var names: [Int: Int] = [:]
        var dense: [Int] = []
        dense.reserveCapacity(binOf.count)
        for bin in binOf {
            let name = names[bin] ?? names.count
            names[bin] = name
            dense.append(name)
        }
        self.binOf = dense
        bins = names.count
    }
}
