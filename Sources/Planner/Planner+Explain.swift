package import ClusterModel

extension Planner {
    /// What every host says to `instance`, in the order of their ids; empty for an unknown
    /// instance.
    ///
    /// A host that can have it comes with the room it has left, its rank and what that goes by; one
    /// that cannot, with the first rule that refuses it and the changes that would make it take it.
    /// Its own host is marked, and names the rule that it breaks there, if any.
    package func explain(_ instance: InstanceID, in snapshot: Snapshot) -> [HostVerdict] {
        let terrain = Terrain(snapshot, policy: policy)
        guard let subject = terrain.instance(instance) else { return [] }
        return Explanation(terrain, subject).verdicts()
    }
}

/// The verdicts of all hosts on one instance.
struct Explanation {
    let terrain: Terrain
    let subject: Int
    private let home: Int?
    private let layout: Layout
    private let liberty: Liberty
    private let reserve: Reserve
    /// The instance, and what would come along.
    private let members: [Int]
    /// Hosts that could not be lost as things are.
    private let breached: Set<Int>

    init(_ terrain: Terrain, _ subject: Int) {
        self.terrain = terrain
        self.subject = subject
        home = terrain.instances[subject].home
        layout = Layout(terrain)
        liberty = home == nil ? .place : .pack
        reserve = Reserve(terrain)
        members = terrain.comers(
            with: subject, in: layout, placing: terrain.waitingCompanions(of: subject))
        breached = home == nil ? Set(reserve.breaches(in: layout, powered: .ready).keys) : []
    }

    func verdicts() -> [HostVerdict] {
        let misfits = terrain.hosts.indices.map { misfit(on: $0) }
        let choices = terrain.hosts.indices
            .filter { misfits[$0] == nil && $0 != home }
            .map { terrain.choice(of: $0, for: members, in: layout) }.sorted()
        var ranks: [Int: Int] = [:]
        for (position, choice) in choices.enumerated() { ranks[choice.host] = position + 1 }
        var trials = Limits.trials(among: terrain.instances.count)
        return terrain.hosts.indices.map { host in
            let misfit = misfits[host]
            return HostVerdict(
                host: terrain.id(ofHost: host), current: host == home, misfit: misfit,
                room: terrain.room(on: host, without: subject, in: layout),
                mode: misfit == nil ? mode(to: host) : nil, obstacle: liveObstacle(to: host),
                relocateObstacle: relocateObstacle(to: host),
                exceedance: terrain.exceedance(of: host, with: subject, in: layout),
                rank: ranks[host],
                score: misfit == nil || host == home
                    ? terrain.score(of: host, for: members, in: layout) : nil,
                flips: misfit == nil ? [] : flips(on: host, &trials),
                forecast: misfit == nil ? forecast(to: host) : nil)
        }
    }

    /// The first rule that refuses the instance on `host`.
    private func misfit(on host: Int) -> Misfit? {
        if host == home {
            var without = layout
            without.lift(subject, terrain)
            return terrain.refusal(of: [subject], on: host, in: without, .urgent)
        }
        if let refusal = terrain.refusal(
            ofGroupOf: subject, on: host, in: layout, liberty, placing: Set(members))
        {
            return refusal
        }
        guard home == nil, reserve.hosts > 0 else { return nil }
        var trial = layout
        for member in members { trial.put(member, on: host, terrain) }
        let breaches = reserve.breaches(in: trial, powered: .ready)
        let new = breaches.keys.filter { !breached.contains($0) }.min()
        return new.flatMap { breaches[$0] }.map { .reserve(short: $0) }
    }

    // MARK: Moves

    private func mode(to host: Int) -> MoveMode? {
        guard let home, host != home else { return nil }
        return terrain.mode(of: subject, from: home, to: host, liberty)
    }

    /// What its move to `host` is expected to come to.
    private func forecast(to host: Int) -> MoveForecast? {
        guard let home, let mode = mode(to: host) else { return nil }
        return terrain.snapshot.forecast(
            mode, of: terrain.view(of: subject), from: terrain.id(ofHost: home),
            to: terrain.id(ofHost: host), ceiling: terrain.policy.movesBandwidth)
    }

    private func liveObstacle(to host: Int) -> String? {
        guard let home, host != home else { return nil }
        return LiveMoveObstacle.between(
            terrain.hosts[home].host, terrain.hosts[host].host,
            for: terrain.workload(of: subject), terrain.snapshot.refusals
        ).map { "\($0)" } ?? terrain.endless(subject, from: home, to: host).map { "\($0)" }
    }

    /// Why it cannot be relocated, where its spec asks for that.
    private func relocateObstacle(to host: Int) -> String? {
        let workload = terrain.workload(of: subject)
        guard let home, host != home, workload.move.allow.contains(.relocate) else { return nil }
        return RelocateObstacle.between(
            terrain.hosts[home].host, terrain.hosts[host].host, for: workload
        ).map { "\($0)" }
    }

    // MARK: Flips

    /// What would make `host` take the instance: by changes of the host, of its spec, and of the
    /// policy, where there is a choice.
    private func flips(on host: Int, _ trials: inout Int) -> [Flip] {
        let supposed = Supposition(
            terrain, host == home ? .urgent : liberty, subject, on: host, in: layout)
        var found: [Flip] = []
        for side in Supposition.Side.allCases {
            // All but the reserve.
            guard var changes = supposed.changes(side) else { continue }
            if home == nil, reserve.hosts > 0 {
                guard trials > 0 else { return found }
                trials -= 1
                let before = changes
                changes += reserveChanges(after: before, on: host)
                if changes.count > before.count, trials > 0,
                    let patient = recoveryChange(after: before, on: host)
                {
                    trials -= 1
                    let flip = Flip(before + [patient])
                    if !found.contains(flip) { found.append(flip) }
                }
            }
            let flip = Flip(changes)
            if terrain.joint != nil {
                // What is needed together is no sum, so whether it fits then is looked at.
                guard !changes.isEmpty else { continue }
                guard trials > 0 else { return found }
                trials -= 1
                guard helps(changes, on: host) else { continue }
            }
            if !changes.isEmpty, !found.contains(flip) { found.append(flip) }
        }
        return found
    }

    /// How far the reserve has to be lowered for what `changes` allow.
    private func reserveChanges(after changes: [Flip.Change], on host: Int) -> [Flip.Change] {
        let most = min(reserve.hosts, terrain.hosts.count)
        for hosts in stride(from: most, through: 1, by: -1).prefix(Limits.reserves) {
            let lowered = hosts < most ? [Flip.Change.reserve(hosts)] : []
            var supposed = Supposed(terrain.snapshot, terrain.policy)
            supposed.make(changes + lowered)
            let terrain = Terrain(supposed.snapshot, policy: supposed.policy)
            guard let subject = terrain.instance(self.terrain.id(of: subject)) else { continue }
            if Explanation(terrain, subject).keepsReserve(on: host) { return lowered }
        }
        return [.reserve(0)]
    }

    /// The shortest recovery time of the instance's workload with which `changes` leave the reserve, because hosts wake
    /// within it.
    private func recoveryChange(after changes: [Flip.Change], on host: Int) -> Flip.Change? {
        let workload = terrain.workload(of: subject)
        guard workload.onHostLoss == .restart else { return nil }
        let wakes = Set(
            reserve.sleepers(in: layout, .ready).map(\.wake).filter {
                $0 > workload.wakePatience ?? .zero
            })
        return wakes.sorted().prefix(Limits.reserves).lazy.map { wake in
            Flip.Change.recovery(workload.name, HostLoss.certainty + wake)
        }.first { helps(changes + [$0], on: host) }
    }

    private func helps(_ changes: [Flip.Change], on host: Int) -> Bool {
        var supposed = Supposed(terrain.snapshot, terrain.policy)
        supposed.make(changes)
        let terrain = Terrain(supposed.snapshot, policy: supposed.policy)
        guard let subject = terrain.instance(self.terrain.id(of: subject)) else { return false }
        return Explanation(terrain, subject).misfit(on: host) == nil
    }

    private func keepsReserve(on host: Int) -> Bool {
        if case .reserve = misfit(on: host) { return false }
        return true
    }
}
