package import ClusterModel

extension Planner {
    /// A plan that starts new instances, which are wanted and have no host.
    ///
    /// With `host`, each is started there or stays pending with that host's refusal. Instances that
    /// must share a host are placed together or not at all. Where the policy lets them, those that
    /// fit nowhere take the place of less important ones (`Preemption`), which go elsewhere if they
    /// may and can, and else stop.
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
        var placing = Placing(terrain, hosts, fresh)
        placing.run(preempting: policy.preempt == .lower)
        var draft = PlanDraft(terrain, .place, placing: fresh)
        if host != nil { draft.ask(only: hosts) }
        var isReached = placing.keepsReserve && draft.reach(placing.layout)
        if !isReached, placing.isDisplacing {
            // Nobody gives way where that leads nowhere.
            placing = Placing(terrain, hosts, fresh)
            placing.run(preempting: false)
            isReached = draft.reach(placing.layout)
        }
        placing.explain(&draft, isReached: isReached, isAsked: host != nil)
        return draft.plan(
            id: id, reason: .place, policyChanged: changed,
            wakes: Self.wakes(draft, for: fresh, among: hosts))
    }
}
