import ClusterModel

/// Sizes of instances that the reserve refused everywhere since something was last placed, so that
/// the next of the same size need not be tried.
struct RefusedShapes: Sendable {
    private var known: [Shape: [Int: Resources]] = [:]

    private struct Shape: Hashable {
        let hostClass: Int
        let prefer: Labels
        let demand: [UInt64]
    }

    /// What each host lacked for an equal instance; `nil` if none was refused.
    func refusals(of instance: Int, _ terrain: Terrain) -> [Int: Resources]? {
        guard !known.isEmpty else { return nil }
        return shape(of: instance, terrain).flatMap { known[$0] }
    }

    mutating func note(_ instance: Int, _ refusals: [Int: Resources], _ terrain: Terrain) {
        if let shape = shape(of: instance, terrain) { known[shape] = refusals }
    }

    /// Something has changed.
    mutating func forget() { known.removeAll() }

    /// `nil` for one that has rules about other instances.
    private func shape(of instance: Int, _ terrain: Terrain) -> Shape? {
        let facts = terrain.instances[instance]
        // Equal means say nothing about buckets.
        guard terrain.joint == nil, terrain.rulebook.conflicts[facts.workload].isEmpty,
            terrain.rulebook.spreadOf[facts.workload] == nil,
            facts.isWanted, facts.bound == nil
        else { return nil }
        return Shape(
            hostClass: terrain.rulebook.hostClass(ofWorkload: facts.workload),
            prefer: terrain.workload(of: instance).rules.prefer, demand: facts.demand)
    }
}
