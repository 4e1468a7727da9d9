package import ClusterModel

extension Planner {
    /// A plan without steps if `host`, which is empty, may sleep: any host can be lost while it is off.
    package func rest(
        _ host: HostID, in snapshot: Snapshot, id: PlanID
    ) throws(PlanningFailure) -> Plan {
        let terrain = try terrain(snapshot)
        let index = try self.host(host, in: terrain)
        let layout = Layout(terrain)
        guard terrain.hosts[index].takes, !layout.isOccupied(index, terrain) else {
            throw .notEmpty(host)
        }
        let asleep = Terrain(snapshot.resting(host), policy: policy)
        // A loss that cannot be borne as it is would be worse without this host.
        let breaches = Reserve(asleep).breaches(in: Layout(asleep), powered: .ready)
        if let lost = breaches.keys.min() {
            throw .needed(host, forLossOf: terrain.id(ofHost: lost))
        }
        return PlanDraft(terrain, .pack).plan(id: id, reason: .pack, policyChanged: changed)
    }
}
