package import ClusterModel

extension Planner {
    /// A plan that brings instances back to the hosts they were on before; what cannot go back
    /// stays, and its rationale says why.
    ///
    /// Rest and reserve are not looked at: what is undone was like this before.
    package func undo(
        _ returns: [Release.Return], in snapshot: Snapshot, id: PlanID, seed: UInt64
    ) throws(PlanningFailure) -> Plan {
        let terrain = try terrain(snapshot)
        var layout = Layout(terrain)
        var waiting = units(returns, in: layout, terrain)
        let members = waiting.flatMap(\.members)
        // One may make room for another, or be what another must not meet.
        while let next = waiting.firstIndex(where: {
            terrain.refusal(of: $0.members, on: $0.host, in: layout, .urgent) == nil
        }) {
            let unit = waiting.remove(at: next)
            for member in unit.members { layout.move(member, to: unit.host, terrain) }
        }
        var draft = PlanDraft(terrain, .urgent)
        let isReached = draft.reach(layout)
        draft.ask(only: Set(returns.compactMap { terrain.host($0.host) }).sorted())
        for member in members.sorted() {
            let isMoved = isReached && layout.host(of: member) != terrain.instances[member].home
            draft.decide(
                member, draft.change(of: member, because: isMoved ? .returns : .hostStays))
        }
        return draft.plan(id: id, reason: .repair, policyChanged: changed)
    }

    /// Those of `returns` that are elsewhere, each with the others of its group that go to the same
    /// host.
    private func units(
        _ returns: [Release.Return], in layout: Layout, _ terrain: Terrain
    ) -> [(members: [Int], host: Int)] {
        var units: [(members: [Int], host: Int)] = []
        for back in returns.sorted(by: { $0.instance < $1.instance }) {
            guard let member = terrain.instance(back.instance), let host = terrain.host(back.host),
                let place = layout.host(of: member), place != host
            else { continue }
            let group = terrain.instances[member].group
            let mate = units.firstIndex {
                $0.host == host && $0.members.contains { terrain.instances[$0].group == group }
            }
            if let mate {
                units[mate].members.append(member)
            } else {
                units.append(([member], host))
            }
        }
        return units
    }
}
