import ClusterModel

/// Whether the cluster could lose a host and start its instances on the others.
///
/// "Could" is what the coordinator would do: instances of the lost hosts in descending order of
/// memory, then processor time, then ascending order of ids, each on the first host that its
/// labels, taints and driver allow and whose allocatable room takes it. One that no host on has room
/// for goes to the first such host that sleeps and wakes within its recovery time; those that no
/// sleeper saves in time come first. An instance that no other host of the cluster may have, of those
/// that are ready and those that would wake in time, is not counted: no plan can help it. Relations
/// between instances are not looked at. With a reserve of more than one host, the other lost ones are
/// those with most memory in use.
struct Reserve {
    let terrain: Terrain
    /// How many hosts may be lost at once; zero keeps no room.
    let hosts: Int

    init(_ terrain: Terrain) {
        self.terrain = terrain
        hosts = terrain.policy.reservedHosts(among: terrain.hosts.count)
    }

    /// Which hosts are on and can take part.
    enum Powered {
        /// Those that hold instances: the empty ones may sleep once packing is done.
        case occupied
        case ready
    }

    /// For each host that cannot be lost, what its instances would lack.
    func breaches(in layout: Layout, powered: Powered) -> [Int: Resources] {
        guard hosts > 0 else { return [:] }
        let kept = kept(in: layout, powered)
        // Alone, a lost host needs nobody to be lost with.
        let byMemory =
            hosts == 1
            ? [] : kept.sorted { (layout.load($1, 1), $0) < (layout.load($0, 1), $1) }
        let spares = spares(on: kept, in: layout)
        let blocks = RoomBlocks(kept, layout, terrain)
        let sleepers = sleepers(in: layout, powered)
        var breaches: [Int: Resources] = [:]
        for host in kept where !layout.occupants[host].isEmpty {
            let lost = [host] + byMemory.lazy.filter { $0 != host }.prefix(hosts - 1)
            if isSpared(lost, by: spares, in: layout) { continue }
            breaches[host] = loss(of: lost, onto: blocks, sleepers, in: layout).short
        }
        return breaches
    }

    /// Hosts that are on and take instances, in the order in which places are looked for.
    func kept(in layout: Layout, _ powered: Powered) -> [Int] {
        terrain.hosts.indices.filter {
            terrain.hosts[$0].takes
                && (powered == .ready || layout.isOccupied($0, terrain))
        }
    }

    /// `host`, and the others of `kept` that are lost with it.
    func lost(with host: Int, of kept: [Int], in layout: Layout) -> [Int] {
        guard hosts > 1 else { return [host] }
        let byMemory = kept.sorted { (layout.load($1, 1), $0) < (layout.load($0, 1), $1) }
        return [host] + byMemory.lazy.filter { $0 != host }.prefix(hosts - 1)
    }

    // MARK: What is known without trying

    /// The room on all of `kept` for each class of the instances that are there.
    private func spares(on kept: [Int], in layout: Layout) -> [Spare?] {
        let width = terrain.dimensions.count
        var largest = [UInt64](repeating: 0, count: terrain.reserveClasses * width)
        var isPresent = [Bool](repeating: false, count: terrain.reserveClasses)
        for host in kept {
            for instance in layout.occupants[host] {
                let own = terrain.reserveClass(of: instance)
                let demand = terrain.instances[instance].demand
                isPresent[own] = true
                for dimension in 0..<width
                where largest[own * width + dimension] < demand[dimension] {
                    largest[own * width + dimension] = demand[dimension]
                }
            }
        }
        return isPresent.indices.map { own in
            guard isPresent[own] else { return nil }
            let accepting = kept.filter {
                terrain.accepts(own, kind: terrain.rulebook.kinds.of[$0])
            }
            let demand = Array(largest[(own * width)..<(own * width + width)])
            return Spare(accepting, largest: demand, in: layout, terrain)
        }
    }

    private func isSpared(_ lost: [Int], by spares: [Spare?], in layout: Layout) -> Bool {
        var total = Array(repeating: UInt128(0), count: terrain.dimensions.count)
        for host in lost {
            guard !terrain.ghosts[host].isEmpty else {
                for dimension in total.indices { total[dimension] += layout.load(host, dimension) }
                continue
            }
            for instance in layout.occupants[host] {
                let demand = terrain.instances[instance].demand
                for dimension in total.indices { total[dimension] += UInt128(demand[dimension]) }
            }
        }
        // What holds for whoever is anywhere, holds for those that are here.
        if spares.allSatisfy({ $0?.suffices(for: total, without: lost.count) ?? true }) {
            return true
        }
        var last: Int?
        for host in lost {
            for instance in layout.occupants[host] {
                let own = terrain.reserveClass(of: instance)
                guard own != last else { continue }
                guard spares[own]?.suffices(for: total, without: lost.count) ?? false else {
                    return false
                }
                last = own
            }
        }
        return true
    }

    // MARK: Trying

    /// What comes of losing hosts.
    struct Loss: Sendable {
        /// What the instances that find no place demand; `nil` when all find one.
        let short: Resources?
        /// Hosts on which the others find theirs.
        let used: Set<Int>
        /// Those that find theirs on a host that has to wake first, for each such host.
        let woken: [Int: [Int]]
    }

    /// Looks for a place on the rest of the hosts of `blocks`, and on `sleepers`, for everything on `lost`.
    func loss(
        of lost: [Int], onto blocks: RoomBlocks, _ sleepers: [Sleeper], in layout: Layout
    ) -> Loss {
        let width = terrain.dimensions.count
        var taken: [Int: [UInt128]] = [:]
        var woken: [Int: [Int]] = [:]
        var short = Array(repeating: UInt128(0), count: width)
        let stranded = lost.flatMap { layout.occupants[$0] }.filter {
            countsForReserve($0, lost: lost, sleepers)
        }
        for instance in inOrderOfRestart(stranded, sleepers) {
            let demand = terrain.instances[instance].demand
            let workload = terrain.instances[instance].workload
            func hasRoom(_ host: Int) -> Bool {
                let further = taken[host]
                for dimension in 0..<width where demand[dimension] > 0 {
                    let wanted =
                        layout.load(host, dimension) + (further?[dimension] ?? 0)
                        + UInt128(demand[dimension])
                    if wanted > UInt128(terrain.hosts[host].allocatable[dimension]) { return false }
                }
                return !lost.contains(host)
                    && terrain.rulebook.misfit(ofWorkload: workload, on: host) == nil
            }
            var host = blocks.first(with: demand, hasRoom)
            if host == nil, let patience = patience(of: instance) {
                host = sleepers.first { $0.wake <= patience && hasRoom($0.host) }?.host
                if let host { woken[host, default: []].append(instance) }
            }
            let amounts = demand.map { UInt128($0) }
            if let host {
                taken[host] = taken[host].map { zip($0, amounts).map(+) } ?? amounts
            } else {
                short = zip(short, amounts).map(+)
            }
        }
        return Loss(
            short: short.contains { $0 > 0 } ? Resources(short, of: terrain.dimensions) : nil,
            used: Set(taken.keys), woken: woken)
    }

    private func countsForReserve(
        _ instance: Int, lost: [Int], _ sleepers: [Sleeper]
    ) -> Bool {
        let facts = terrain.instances[instance]
        guard facts.isWanted else { return false }
        let patience = patience(of: instance)
        func couldHave(_ host: Int) -> Bool {
            terrain.rulebook.misfit(ofWorkload: facts.workload, on: host) == nil
                && facts.demand.indices.allSatisfy {
                    facts.demand[$0] <= terrain.hosts[host].allocatable[$0]
                }
        }
        return terrain.hosts.indices.contains {
            !lost.contains($0) && terrain.hosts[$0].takes && couldHave($0)
        }
            || sleepers.contains { sleeper in
                patience.map { sleeper.wake <= $0 } ?? false && couldHave(sleeper.host)
            }
    }

    /// Those first that have to find room on hosts that are on.
    private func inOrderOfRestart(_ stranded: [Int], _ sleepers: [Sleeper]) -> [Int] {
        guard let shortest = sleepers.map(\.wake).min() else {
            return stranded.sorted(by: restartsBefore)
        }
        let waiting = Set(
            stranded.filter { instance in patience(of: instance).map { $0 >= shortest } ?? false })
        let urgent = stranded.filter { !waiting.contains($0) }
        return urgent.sorted(by: restartsBefore) + waiting.sorted(by: restartsBefore)
    }

    private func restartsBefore(_ a: Int, _ b: Int) -> Bool {
        let (one, other) = (terrain.instances[a].demand, terrain.instances[b].demand)
        return (other[1], other[0], a) < (one[1], one[0], b)
    }
}
