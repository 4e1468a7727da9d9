package import ClusterModel

extension Planner {
    /// A plan that starts new instances, which are wanted and have no host.
    ///
    /// With `host`, each is started there or stays pending with that host's refusal. Instances that
    /// must share a host are placed together or not at all.
    package func place(
        _ instances: [InstanceID], in snapshot: Snapshot, on host: HostID? = nil, id: PlanID,
        seed: UInt64
    ) throws(PlanningFailure) -> Plan {
        let terrain = try terrain(snapshot)
        var hosts = Array(terrain.hosts.indices)
        if let host { hosts = [try self.host(host, in: terrain)] }
        var fresh = Set<Int>()
        for instanceID in instances {
            let index = try instance(instanceID, in: terrain)
            guard terrain.isWaiting(index) else { throw .notWaiting(instanceID) }
            fresh.insert(index)
        }
        var placement = Placement(terrain, hosts)
        let groups = Set(fresh.map { terrain.instances[$0].group }).sorted().map { group in
            terrain.groups[group].filter { fresh.contains($0) }
        }
        for members in terrain.byImportance(groups) { placement.place(members) }
        var draft = PlanDraft(terrain, .place, placing: fresh)
        if host != nil { draft.ask(only: hosts) }
        let isReached = draft.reach(placement.layout)
        for instance in fresh.sorted() {
            draft.decide(
                instance,
                isReached
                    ? draft.change(of: instance, because: host == nil ? .fullest : .asked)
                    : .pending)
        }
        for (instance, refusals) in placement.reserveRefusals.sorted(by: { $0.key < $1.key }) {
            for (host, short) in refusals.sorted(by: { $0.key < $1.key }) {
                draft.refuse(instance, on: host, .reserve(short: short))
            }
        }
        return draft.plan(id: id, reason: .place, policyChanged: changed)
    }
}
