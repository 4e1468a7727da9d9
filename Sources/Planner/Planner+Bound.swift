package import ClusterModel

extension Planner {
    /// The fewest hosts that any pack of `snapshot` could leave occupied: what a plan is measured by afterwards.
    package func fewestHosts(in snapshot: Snapshot) throws(PlanningFailure) -> Int {
        let terrain = try terrain(snapshot)
        return LowerBound.hosts(for: Layout(terrain), in: terrain, .pack)
    }
}
