package import ClusterModel

extension Planner {
    /// A plan to the fewest occupied hosts, at the least cost of moves.
    ///
    /// Each round starts from the layout that the one before reached, until none gains a host: so a
    /// pack after a pack finds nothing that the first could have done.
    ///
    /// A `calm` pack is one that nobody asked for: its moves have to pay for themselves within the
    /// policy's `payback`, and of those that do it takes the one that gains most; and it heeds what is
    /// used on hosts beyond what demands explain.
    package func pack(
        _ snapshot: Snapshot, id: PlanID, seed: UInt64, calm: Bool = false
    ) throws(PlanningFailure) -> Plan {
        let plain = try terrain(snapshot)
        let terrain = calm ? plain.heedingUse().expectingUse() : plain
        var draft = PlanDraft(terrain, .pack)
        var current = terrain
        var known: Int?
        for _ in 0..<Limits.rounds {
            var search = PackSearch(
                current, .pack, checks: Limits.checks, start: known == nil ? draft.start : nil)
            let lower = LowerBound.hosts(
                for: search.start, in: current, .pack, isBearable: search.breachedBefore.isEmpty,
                start: search.start)
            // A pack leaves the same instances on hosts, whatever it does.
            known = known ?? lower
            let isLarge = search.units.count * terrain.hosts.count > searchedPairs
            var candidates =
                isLarge ? search.swept() : search.candidates(atLeast: lower, seed: seed)
            if calm { candidates = search.paying(candidates) }
            var isGained = false
            for candidate in candidates.prefix(Limits.sequenced) where !isGained {
                isGained = draft.reach(candidate)
            }
            guard isGained, !isLarge else { break }
            current = terrain.settled(in: draft.layout)
        }
        if terrain.instances.count * terrain.hosts.count > Limits.explainedPairs {
            explainLargePack(&draft)
        } else {
            var search = PackSearch(current, .pack, checks: Limits.checks)
            explainPack(&draft, stoppedByReserve: search.stoppedByReserve())
        }
        return draft.plan(id: id, reason: .pack, policyChanged: changed, lower: known)
    }

    private func explainPack(_ draft: inout PlanDraft, stoppedByReserve: [Int: Resources]) {
        let terrain = draft.terrain
        let occupied = terrain.hosts.indices.filter { draft.layout.isOccupied($0, terrain) }
        let taking = occupied.filter { terrain.hosts[$0].takes }
        for host in occupied {
            if let short = stoppedByReserve[host] {
                for instance in draft.layout.occupants[host] {
                    for target in taking where target != host {
                        draft.refuse(instance, on: target, .reserve(short: short))
                    }
                }
            }
            // One instance that no other kept host takes keeps its host on for all the others.
            let stays = draft.layout.occupants[host].contains { instance in
                taking.contains { $0 != host }
                    && taking.allSatisfy { target in
                        target == host
                            || terrain.refusal(
                                ofGroupOf: instance, on: target, in: draft.layout, draft.liberty)
                                != nil
                    }
            }
            decide(&draft, host, stays ? .hostStays : .freesNothing)
        }
    }

    /// The same where trying every host for every instance is too much: only what cannot be moved
    /// at all keeps its host on.
    private func explainLargePack(_ draft: inout PlanDraft) {
        for host in draft.terrain.hosts.indices {
            let isHeld = draft.layout.occupants[host].contains {
                draft.terrain.instances[$0].hold != nil || draft.terrain.rest(of: $0) != nil
            }
            decide(
                &draft, host,
                isHeld || !draft.terrain.ghosts[host].isEmpty ? .hostStays : .freesNothing)
        }
    }

    /// What is decided of everything on `host`; whoever was there before is there for `grounds`.
    private func decide(_ draft: inout PlanDraft, _ host: Int, _ staying: Rationale.Grounds) {
        for instance in draft.layout.occupants[host] {
            let home = draft.terrain.instances[instance].home
            let grounds: Rationale.Grounds
            if let home, home != host {
                grounds =
                    draft.layout.isOccupied(home, draft.terrain)
                    ? .fullest : .empties(draft.terrain.id(ofHost: home))
            } else {
                grounds = staying
            }
            draft.decide(instance, draft.change(of: instance, because: grounds))
        }
    }
}
