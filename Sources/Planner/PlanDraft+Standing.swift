import ClusterModel

extension PlanDraft {
    /// How the new host of `instance` compares with the best of the others, in the layout to reach;
    /// `nil` for one that has no new host.
    ///
    /// `refusals` are those that were found for it; `trials` says how often it may still be tried
    /// whether a host that it could go to would leave the reserve.
    func standing(
        of instance: Int, refusals: [Rationale.Refusal], _ trials: inout Int
    ) -> Rationale.Standing? {
        guard let place = layout.host(of: instance), place != terrain.instances[instance].home
        else { return nil }
        let members = terrain.comers(with: instance, in: layout, placing: placing)
        let score = terrain.score(of: place, for: members, in: layout)
        let refused = Set(refusals.compactMap { terrain.host($0.host) })
        let others = hostsAskedAbout.filter {
            $0 != place && $0 != terrain.instances[instance].home && $0 != liberty.shunned
                && !refused.contains($0)
        }
        let ranked = others.map { terrain.choice(of: $0, for: members, in: layout) }.sorted()
        for choice in ranked {
            guard trials > 0 else { return Rationale.Standing(score: score) }
            guard keepsReserve(members, on: choice.host, &trials) else { continue }
            return Rationale.Standing(
                score: score,
                runnerUp: Rationale.RunnerUp(
                    host: terrain.id(ofHost: choice.host),
                    score: terrain.score(of: choice.host, for: members, in: layout)))
        }
        return Rationale.Standing(score: score)
    }

    /// Whether every host that can be lost as things are, or as a pack leaves them, could be lost with
    /// `members` on `host`.
    private func keepsReserve(_ members: [Int], on host: Int, _ trials: inout Int) -> Bool {
        guard liberty.keepsReserve, terrain.policy.reservedHosts(among: terrain.hosts.count) > 0
        else { return true }
        trials -= 1
        let reserve = Reserve(terrain)
        // Of what a pack leaves empty, nothing is counted on.
        let powered: Reserve.Powered = liberty.rests ? .occupied : .ready
        var trial = layout
        for member in members { trial.move(member, to: host, terrain) }
        let before = reserve.breaches(in: liberty.rests ? layout : start, powered: powered)
        return Set(before.keys).isSuperset(of: reserve.breaches(in: trial, powered: powered).keys)
    }
}
