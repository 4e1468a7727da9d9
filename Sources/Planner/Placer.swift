package import ClusterModel

/// A snapshot that is kept ready for placing: instances are placed into it one after the other,
/// and it is read only once.
///
/// What it decides for an instance is what `Planner.place` decides in a snapshot in which all
/// earlier decisions are carried out; a law tests that.
package struct Placer: Sendable {
    private let planner: Planner
    private var placement: Placement

    /// Ready to place what waits in `snapshot`.
    package init(_ planner: Planner, _ snapshot: Snapshot) throws(PlanningFailure) {
        self.planner = planner
        let terrain = try planner.terrain(snapshot)
        placement = Placement(terrain, Array(terrain.hosts.indices))
    }

    /// Decides where `instance`, which waits for a host, goes, and counts it there from now on.
    package mutating func place(
        _ instance: InstanceID
    ) throws(PlanningFailure) -> Rationale.Decision {
        let index = try waiting(instance)
        placement.begin()
        placement.place([index])
        guard let host = placement.layout.host(of: index) else { return .pending }
        return .placed(on: placement.terrain.id(ofHost: host), because: .fullest)
    }

    /// Counts `instance` nowhere any more; it may be placed again.
    package mutating func release(_ instance: InstanceID) throws(PlanningFailure) {
        let index = try planner.instance(instance, in: placement.terrain)
        placement.release(index)
    }

    /// Every host that cannot have `instance` as things are now, with the first rule that refuses
    /// it; one that it must be with, and that was placed here, counts as one that comes along.
    package func refusals(
        of instance: InstanceID
    ) throws(PlanningFailure) -> [Rationale.Refusal] {
        let index = try planner.instance(instance, in: placement.terrain)
        return placement.refusals(of: index)
    }

    /// Hosts that hold something, and the fewest that could hold all that is placed.
    package var bound: Plan.Bound {
        let terrain = placement.terrain
        return Plan.Bound(
            before: Layout(terrain).occupiedHosts(terrain),
            after: placement.layout.occupiedHosts(terrain),
            lower: LowerBound.hosts(for: placement.layout, in: terrain, .place))
    }

    private func waiting(_ instance: InstanceID) throws(PlanningFailure) -> Int {
        let index = try planner.instance(instance, in: placement.terrain)
        guard placement.layout.host(of: index) == nil, placement.terrain.isWaiting(index) else {
            throw .notWaiting(instance)
        }
        return index
    }
}
