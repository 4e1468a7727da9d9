package import ClusterModel

extension Planner {
    /// A plan that empties `host`; what cannot leave stays, and its rationale says why, also of what waits there stopped.
    ///
    /// `force` allows modes of moving that a spec does not accept. Rest and reserve are not looked
    /// at: an operator who drains a host has a reason.
    package func drain(
        _ host: HostID, in snapshot: Snapshot, id: PlanID, seed: UInt64, force: Bool = false
    ) throws(PlanningFailure) -> Plan {
        let terrain = try terrain(snapshot)
        let source = try self.host(host, in: terrain)
        var liberty = Liberty.urgent
        liberty.force = force
        liberty.shunned = source
        var layout = Layout(terrain)
        let groups = terrain.groups(on: source, in: layout)
        for members in groups {
            let choices = terrain.choices(
                for: members, among: Array(terrain.hosts.indices), in: layout, liberty)
            guard let target = choices.first else { continue }
            for member in members where layout.host(of: member) != target {
                layout.move(member, to: target, terrain)
            }
        }
        var draft = PlanDraft(terrain, liberty)
        let isReached = draft.reach(layout)
        for member in groups.joined() {
            let isMoved = isReached && layout.host(of: member) != terrain.instances[member].home
            draft.decide(
                member, draft.change(of: member, because: isMoved ? .drains(host) : .hostStays))
        }
        // What gave way there and left files waits for room on that host alone. All else is let go of by whoever drains it.
        for (instance, facts) in terrain.instances.enumerated()
        where facts.bound == source && terrain.workload(of: instance).leavesFiles {
            draft.decide(instance, .stopped(on: host, because: .hostStays))
        }
        return draft.plan(id: id, reason: .drain(host), policyChanged: changed)
    }
}
