package import ClusterModel

extension Planner {
    /// What every host says to `instance`, in the order of their ids; empty for an unknown
    /// instance.
    ///
    /// A host that can have it comes with the room it has left; one that cannot, with the first
    /// rule that refuses it. Its own host is marked, and names the rule that it breaks there, if
    /// any.
    package func explain(_ instance: InstanceID, in snapshot: Snapshot) -> [HostVerdict] {
        let terrain = Terrain(snapshot, policy: policy)
        guard let subject = terrain.instance(instance) else { return [] }
        let home = terrain.instances[subject].home
        let layout = Layout(terrain)
        let liberty = home == nil ? Liberty.place : Liberty.pack
        let reserve = Reserve(terrain)
        let breached = Set(reserve.breaches(in: layout, powered: .ready).keys)
        return terrain.hosts.indices.map { host in
            let misfit: Misfit?
            if host == home {
                misfit = breach(of: subject, on: host, in: layout, terrain)
            } else if let refusal = terrain.refusal(
                ofGroupOf: subject, on: host, in: layout, liberty)
            {
                misfit = refusal
            } else if home == nil {
                var trial = layout
                trial.put(subject, on: host, terrain)
                let breaches = reserve.breaches(in: trial, powered: .ready)
                let new = breaches.keys.filter { !breached.contains($0) }.min()
                misfit = new.flatMap { breaches[$0] }.map { .reserve(short: $0) }
            } else {
                misfit = nil
            }
            return HostVerdict(
                host: terrain.id(ofHost: host), current: host == home, misfit: misfit,
                room: terrain.room(on: host, without: subject, in: layout),
                mode: home.flatMap {
                    host == $0 || misfit != nil
                        ? nil : terrain.mode(of: subject, from: $0, to: host, liberty)
                },
                obstacle: home.flatMap { home in
                    host == home
                        ? nil
                        : LiveMoveObstacle.between(
                            terrain.hosts[home].host, terrain.hosts[host].host,
                            for: terrain.workload(of: subject).kind
                        ).map { "\($0)" }
                },
                relocateObstacle: home.flatMap { home in
                    host == home
                        ? nil : relocateObstacle(of: subject, from: home, to: host, terrain)
                }, exceedance: terrain.exceedance(of: host, with: subject, in: layout))
        }
    }

    /// Why `instance` cannot be relocated, where its spec asks for that.
    private func relocateObstacle(
        of instance: Int, from home: Int, to host: Int, _ terrain: Terrain
    ) -> String? {
        let workload = terrain.workload(of: instance)
        guard workload.move.allow.contains(.relocate) else { return nil }
        return RelocateObstacle.between(
            terrain.hosts[home].host, terrain.hosts[host].host, for: workload
        ).map { "\($0)" }
    }

    /// The rule that `instance` breaks where it is.
    private func breach(
        of instance: Int, on host: Int, in layout: Layout, _ terrain: Terrain
    ) -> Misfit? {
        var without = layout
        without.lift(instance, terrain)
        return terrain.refusal(of: [instance], on: host, in: without, .urgent)
    }
}
