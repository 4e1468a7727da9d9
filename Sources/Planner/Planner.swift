package import ClusterModel

/// Makes plans: a pure function of a snapshot, a policy and a seed.
///
/// It sees no clock, no log and no order of collection; the same input gives the same plan, byte
/// for byte. A plan that has nothing to do has no steps, and its rationale says why.
package struct Planner: Sendable {
    /// What the operator allows.
    package let policy: Policy
    /// Revision at which the policy last changed; every plan depends on it.
    package let changed: Revision
    /// Pairs of instance and host above which a pack is one sweep instead of a search.
    ///
    /// At this size the constructions of the search, some dozens with a check or more for most
    /// pairs, use up their checks.
    package let searchedPairs: Int

    /// A planner under `policy`, which last changed at revision `changed`.
    package init(policy: Policy, changed: Revision, searchedPairs: Int = 1_000_000) {
        self.policy = policy
        self.changed = changed
        self.searchedPairs = searchedPairs
    }

    /// The snapshot in the planner's own form, if the policy makes sense.
    func terrain(_ snapshot: Snapshot) throws(PlanningFailure) -> Terrain {
        do {
            return Terrain(snapshot, policy: try policy.validated())
        } catch {
            throw .policy(error)
        }
    }

    func host(_ id: HostID, in terrain: Terrain) throws(PlanningFailure) -> Int {
        guard let host = terrain.host(id) else { throw .unknownHost(id) }
        return host
    }

    func instance(_ id: InstanceID, in terrain: Terrain) throws(PlanningFailure) -> Int {
        guard let instance = terrain.instance(id) else { throw .unknownInstance(id) }
        return instance
    }
}
