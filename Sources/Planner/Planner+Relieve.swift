package import ClusterModel

extension Planner {
    /// A plan that moves the least costly instances off `host` until it is below its ceilings.
    ///
    /// How hot it is, is what its instances count for or what was last measured on it, whichever is
    /// more. Rest and reserve are not looked at: a host that is too hot hurts now. In a `calm` plan,
    /// one that nobody asked for, rest binds until the host is above its hard limit: else two hosts
    /// that are hot in turn would pass an instance to and fro.
    package func relieve(
        _ host: HostID, in snapshot: Snapshot, id: PlanID, seed: UInt64, calm: Bool = false
    ) throws(PlanningFailure) -> Plan {
        let plain = try terrain(snapshot)
        let source = try self.host(host, in: plain)
        let terrain = plain.heedingUse(except: source).expectingUse()
        var liberty = Liberty.urgent
        liberty.shunned = source
        liberty.rests = calm && !terrain.isAboveHardLimit(source)
        var relief = Relief(terrain, liberty, source)
        relief.run()
        var draft = PlanDraft(terrain, liberty)
        let isReached = draft.reach(relief.layout)
        for member in terrain.groups(on: source, in: Layout(terrain)).joined() {
            let home = terrain.instances[member].home
            let isMoved = isReached && relief.layout.host(of: member) != home
            draft.decide(
                member,
                draft.change(of: member, because: isMoved ? .relieves(host) : .freesNothing))
        }
        return draft.plan(id: id, reason: .relieve(host), policyChanged: changed)
    }
}
