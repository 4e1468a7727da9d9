import ClusterModel

extension LowerBound {
    /// Hosts needed so that any one of those kept can be lost; zero where that cannot be said.
    ///
    /// It holds if every host can be lost before the plan, because then every kept host has to be
    /// afterwards.
    func forReserve(_ isBearable: Bool?) -> Int {
        let reserve = Reserve(terrain)
        guard liberty.rests, liberty.keepsReserve, reserve.hosts > 0,
            terrain.ghosts.allSatisfy(\.isEmpty),
            isBearable ?? reserve.breaches(in: start, powered: .occupied).isEmpty
        else { return 0 }
        var saviours: [Int: [Int]] = [:]
        let saved = counted.filter { isSavedAnywhere($0, afterLossOf: reserve.hosts, &saviours) }
        guard !saved.isEmpty else { return 0 }
        let ready = terrain.hosts.indices.filter { terrain.hosts[$0].takes }
        let dimensions = terrain.dimensions.indices
        let rooms = ready.map { host in
            dimensions.map { dimension in
                max(
                    UInt128(terrain.hosts[host].allocatable[dimension]), start.load(host, dimension)
                )
            }
        }
        // Whichever host is lost, so by each weight the largest.
        let needed = WeightBound.bins(
            for: BinField(
                items: saved.count, dimensions: dimensions.count,
                size: { terrain.instances[saved[$0]].demand[$1] }, rests: [], open: alike(rooms)),
            lost: 1)
        return max(2, needed)
    }

    /// Whether the reserve has to hold room for `instance`, wherever it is.
    private func isSavedAnywhere(
        _ instance: Int, afterLossOf reserve: Int, _ hostsOfClass: inout [Int: [Int]]
    ) -> Bool {
        let facts = terrain.instances[instance]
        guard let home = facts.home, terrain.hosts[home].takes,
            facts.isWanted, !isSavedAsleep(instance)
        else { return false }
        var saviours = 0
        for host in classHosts(facts.workload, &hostsOfClass) {
            let isLarge = facts.demand.indices.allSatisfy {
                facts.demand[$0] <= terrain.hosts[host].allocatable[$0]
            }
            if isLarge { saviours += 1 }
            // One more than are lost with its own: any of them may be among those.
            if saviours > reserve { return true }
        }
        return false
    }

    /// Whether a host may save it that is off until then.
    private func isSavedAsleep(_ instance: Int) -> Bool {
        guard let patience = terrain.workload(of: instance).wakePatience else { return false }
        return terrain.hosts.contains { facts in
            (facts.takes || facts.host.state == .asleep)
                && facts.host.capacity.wakeTime.map { $0 <= patience } ?? false
        }
    }

    /// Ready hosts that the labels, taints and drivers allow, for each class of workloads.
    private func classHosts(_ workload: Int, _ known: inout [Int: [Int]]) -> [Int] {
        let key = terrain.rulebook.hostClass(ofWorkload: workload)
        if let hosts = known[key] { return hosts }
        let hosts = terrain.hosts.indices.filter {
            terrain.hosts[$0].takes && terrain.rulebook.misfit(ofWorkload: workload, on: $0) == nil
        }
        known[key] = hosts
        return hosts
    }
}
