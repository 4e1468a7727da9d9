import ClusterModel

extension Reserve {
    /// A host that is off, or may be once the plan is done, and how long it takes to wake.
    struct Sleeper: Sendable {
        let host: Int
        let wake: Duration
    }

    /// Hosts that are counted on to wake, in the order in which places are looked for.
    ///
    /// One that is waking, too: nothing is known of it before it reports.
    func sleepers(in layout: Layout, _ powered: Powered) -> [Sleeper] {
        terrain.hosts.indices.compactMap { index in
            let facts = terrain.hosts[index]
            guard let wake = facts.host.capacity.wakeTime else { return nil }
            let sleeps =
                facts.host.state == .asleep
                || (powered == .occupied && facts.takes && !layout.isOccupied(index, terrain))
            return sleeps ? Sleeper(host: index, wake: wake) : nil
        }
    }

    /// The longest that a host may take to wake which `instance` restarts on.
    func patience(of instance: Int) -> Duration? {
        terrain.workload(of: instance).wakePatience
    }

    /// What the loss of each host counts on sleepers for, in ascending order of hosts, then of sleepers.
    func standbys(in layout: Layout, powered: Powered) -> [Plan.Standby] {
        let sleepers = sleepers(in: layout, powered)
        guard hosts > 0, !sleepers.isEmpty else { return [] }
        let kept = kept(in: layout, powered)
        let blocks = RoomBlocks(kept, layout, terrain)
        return kept.flatMap { host in
            let lost = lost(with: host, of: kept, in: layout)
            let woken = loss(of: lost, onto: blocks, sleepers, in: layout).woken
            return sleepers.compactMap { sleeper -> Plan.Standby? in
                let saved = woken[sleeper.host] ?? []
                guard let least = saved.compactMap({ patience(of: $0) }).min() else { return nil }
                return Plan.Standby(
                    lost: terrain.id(ofHost: host), sleeper: terrain.id(ofHost: sleeper.host),
                    instances: saved.count, wake: sleeper.wake, margin: least - sleeper.wake)
            }
        }
    }
}

extension Planner {
    /// Sleeping hosts to wake for those of `waiting` that `draft` leaves without a host: where they have room if all are on, or one
    /// that the reserve lacks.
    static func wakes(_ draft: PlanDraft, for waiting: Set<Int>, among hosts: [Int]) -> [HostID] {
        let terrain = draft.terrain
        let sleeping = Set(
            terrain.hosts.indices.filter {
                terrain.hosts[$0].host.state == .asleep
                    && terrain.hosts[$0].host.capacity.wakeTime != nil
            })
        let left = waiting.filter { draft.layout.host(of: $0) == nil }
        guard !sleeping.isEmpty, !left.isEmpty else { return [] }
        let homes = Dictionary(
            uniqueKeysWithValues: waiting.compactMap { instance in
                draft.layout.host(of: instance).map {
                    (terrain.id(of: instance), terrain.id(ofHost: $0))
                }
            })
        let snapshot = terrain.snapshot.awake(
            Set(sleeping.map { terrain.id(ofHost: $0) }), with: homes)
        // Hosts and instances are the same, so are their numbers.
        let awake = Terrain(snapshot, policy: terrain.policy)
        var placing = Placing(awake, hosts, left)
        placing.run(preempting: false)
        let placed = Set(left.compactMap { placing.layout.host(of: $0) })
        let used = placed.intersection(sleeping)
        // Room that is on was refused because of the reserve: one more host that is on, and the next look says whether that is
        // enough.
        let isReserved = used.isEmpty && !placed.isEmpty && Reserve(terrain).hosts > 0
        let woken = isReserved ? Set(sleeping.min().map { [$0] } ?? []) : used
        return woken.sorted().map { awake.id(ofHost: $0) }
    }
}
