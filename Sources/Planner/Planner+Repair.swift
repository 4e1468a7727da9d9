package import ClusterModel

extension Planner {
    /// A plan of the fewest moves after which no rule is broken where instances are; what cannot be
    /// repaired stays, and its rationale says which rule it breaks and why no host can have it.
    ///
    /// Broken are labels, taints and drivers that changed under an instance, instances together or
    /// apart that must not be, a failure domain with more than its share, and a host that has less
    /// than its instances count for. The reserve is not looked at, nor rest unless `calm`: a rule is
    /// the user's word, but nobody asked for this very moment.
    package func repair(
        _ snapshot: Snapshot, id: PlanID, seed: UInt64, calm: Bool = false
    ) throws(PlanningFailure) -> Plan {
        let terrain = try terrain(snapshot)
        var liberty = Liberty.urgent
        liberty.rests = calm
        var repair = Repair(terrain, liberty)
        let target = repair.run()
        var draft = PlanDraft(terrain, liberty)
        _ = draft.reach(target)
        let start = Layout(terrain)
        var grounds: [Int: Misfit] = [:]
        for fault in repair.faults {
            for culprit in terrain.culprits(of: fault, in: start) where grounds[culprit] == nil {
                grounds[culprit] = terrain.misfit(of: fault, for: culprit, in: start)
            }
        }
        let left = Set(
            terrain.faults(in: Repair.State(layout: draft.layout)).flatMap {
                terrain.culprits(of: $0, in: draft.layout)
            })
        for instance in terrain.instances.indices {
            let isMoved = draft.layout.host(of: instance) != terrain.instances[instance].home
            guard isMoved || left.contains(instance),
                let misfit = grounds[instance]
                    ?? (isMoved ? cause(ofMoving: instance, draft, grounds) : nil)
            else { continue }
            draft.decide(instance, draft.change(of: instance, because: .repairs(misfit)))
        }
        return draft.plan(id: id, reason: .repair, policyChanged: changed)
    }

    /// What is repaired by those for whom `instance`, which breaks nothing, makes room.
    private func cause(
        ofMoving instance: Int, _ draft: PlanDraft, _ grounds: [Int: Misfit]
    ) -> Misfit? {
        let moved = grounds.keys.sorted().filter {
            draft.layout.host(of: $0) != draft.terrain.instances[$0].home
        }
        let home = draft.terrain.instances[instance].home
        let first = moved.first { draft.layout.host(of: $0) == home } ?? moved.first
        return first.flatMap { grounds[$0] }
    }
}

extension Sequencer {
    /// Steps that lead to `target`, each instance once if nothing is in the way.
    static func steps(to target: Layout, in terrain: Terrain, _ liberty: Liberty) -> [Step]? {
        steps(
            for: PlanDraft.errands(to: target, in: terrain), in: terrain, liberty,
            from: Layout(terrain))?.steps
    }
}
