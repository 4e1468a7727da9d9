import ClusterModel

/// The fewest hosts that any plan could leave occupied: never more than the optimum.
///
/// Hosts fall into parts that no instance can cross between (`HostParts`). For each part the largest
/// of these counts holds: hosts that cannot be emptied; hosts needed for the weight of everything
/// (`WeightBound`); instances of which no two can share a host (`Clique`); the same for regions of
/// the part that some instances cannot leave; one, if there is an instance at all. The sum over the
/// parts holds for the cluster. A host above its ceiling may stay as it is, so it counts with what it
/// has.
struct LowerBound {
    let terrain: Terrain
    let liberty: Liberty
    let start: Layout
    /// The instances that the plan leaves on hosts.
    let counted: [Int]

    /// The bound for all plans that leave on hosts what `layout` does.
    ///
    /// - Parameters:
    ///   - isBearable: whether every host could be lost before the plan, where that is known.
    ///   - start: everything at home, where that is made already.
    static func hosts(
        for layout: Layout, in terrain: Terrain, _ liberty: Liberty, isBearable: Bool? = nil,
        start: Layout? = nil
    ) -> Int {
        let bound = LowerBound(layout, terrain, liberty, start ?? Layout(terrain))
        return max(bound.sumOfParts(), bound.forSpread(), bound.forReserve(isBearable))
    }

    private init(_ layout: Layout, _ terrain: Terrain, _ liberty: Liberty, _ start: Layout) {
        self.terrain = terrain
        self.liberty = liberty
        self.start = start
        counted = terrain.instances.indices.filter { layout.host(of: $0) != nil }
    }

    private func sumOfParts() -> Int {
        let parts = HostParts(counted, terrain, liberty)
        return parts.parts.reduce(0) { sum, part in
            guard !part.instances.isEmpty || part.hosts.contains(where: { parts.isPinned[$0] })
            else { return sum }
            return sum
                + max(
                    1, weight(part.free.map(\.instance), on: part.hosts, parts),
                    clique(part.instances, on: part.hosts), forRegions(of: part, parts))
        }
    }

    // MARK: Regions

    /// Hosts needed in regions that have no host in common, each for the instances that cannot
    /// leave it, and hosts elsewhere that cannot be emptied.
    private func forRegions(of part: HostParts.Part, _ parts: HostParts) -> Int {
        let kinds = terrain.rulebook.kinds
        let used = Set(part.free.map(\.reach)).sorted()
        let regions = Set(used.map { parts.reaches[$0].kinds.sorted() })
        let all = Set(part.hosts.map { kinds.of[$0] }).sorted()
        guard regions.count <= Limits.regions, regions != [all] else { return 0 }
        let needed = regions.sorted { $0.lexicographicallyPrecedes($1) }.map { region in
            let inside = Set(region)
            let bound = part.free.filter { instance, reach in
                parts.reaches[reach].kinds.isSubset(of: inside)
                    && terrain.instances[instance].home.map { inside.contains(kinds.of[$0]) }
                        ?? true
            }.map(\.instance)
            let hosts = region.flatMap { kinds.members[$0] }.sorted()
            let count =
                bound.isEmpty
                ? 0 : max(1, weight(bound, on: hosts, parts), clique(bound, on: hosts))
            return (kinds: inside, count: count)
        }
        var covered = Set<Int>()
        var sum = 0
        for (region, count) in needed.sorted(by: { $0.count > $1.count })
        where covered.isDisjoint(with: region) {
            covered.formUnion(region)
            sum += count
        }
        return sum
            + part.hosts.count { parts.isPinned[$0] && !covered.contains(kinds.of[$0]) }
    }

    // MARK: Weight

    /// The most of a resource that a host can hold at the end of any plan.
    private func most(_ host: Int, _ dimension: Int) -> UInt128 {
        let load = start.load(host, dimension)
        return terrain.hosts[host].takes
            ? max(UInt128(terrain.hosts[host].ceiling[dimension]), load) : load
    }

    /// Hosts among `hosts` needed for the weight of `free`, which can leave theirs, beside what
    /// cannot; hosts that hold such things count in any case.
    private func weight(_ free: [Int], on hosts: [Int], _ parts: HostParts) -> Int {
        let dimensions = terrain.dimensions.indices
        let pinned = hosts.filter { parts.isPinned[$0] }
        let rests = pinned.map { host in
            dimensions.map { dimension in
                let (most, pinned) = (most(host, dimension), parts.pinnedLoad(host, dimension))
                return most > pinned ? most - pinned : 0
            }
        }
        let open = hosts.filter { !parts.isPinned[$0] }.map { host in
            dimensions.map { most(host, $0) }
        }
        return WeightBound.bins(
            for: BinField(
                items: free.count, dimensions: dimensions.count,
                size: { terrain.instances[free[$0]].demand[$1] }, rests: rests,
                open: alike(open)))
    }

    /// Rooms, each once with how many there are.
    func alike(_ rooms: [[UInt128]]) -> [(room: [UInt128], count: Int)] {
        var index: [[UInt128]: Int] = [:]
        var kinds: [(room: [UInt128], count: Int)] = []
        for room in rooms {
            if let known = index[room] {
                kinds[known].count += 1
            } else {
                index[room] = kinds.count
                kinds.append((room, 1))
            }
        }
        return kinds
    }

    // MARK: Conflicts

    /// Size of a set of instances of which no two can share a host.
    private func clique(_ instances: [Int], on hosts: [Int]) -> Int {
        let most = terrain.dimensions.indices.map { dimension in
            hosts.map { self.most($0, dimension) }.max() ?? 0
        }
        // Turning 128 bits into a fraction is slow, and the same for all.
        let whole = most.map { Double($0) }
        let width = instances.map { instance in
            let demand = terrain.instances[instance].demand
            return whole.indices.reduce(0.0) { widest, dimension in
                guard whole[dimension] > 0 else { return widest }
                return max(widest, Double(demand[dimension]) / whole[dimension])
            }
        }
        let foes = instances.map {
            terrain.rulebook.conflicts[terrain.instances[$0].workload].count
        }
        let byWidth = chain(instances, most) { (width[$1], $0) < (width[$0], $1) }
        guard foes.contains(where: { $0 > 0 }) else { return byWidth }
        return max(
            byWidth,
            chain(instances, most) { (foes[$1], width[$1], $0) < (foes[$0], width[$0], $1) })
    }

    /// Size of the set that is found by going through `instances` in an order; whoever is in it
    /// excludes the first, so only such are sorted.
    private func chain(
        _ instances: [Int], _ most: [UInt128], _ comes: (Int, Int) -> Bool
    ) -> Int {
        guard let first = instances.indices.min(by: comes) else { return 0 }
        let others = instances.indices.filter {
            $0 != first && exclude(instances[$0], instances[first], most)
        }
        let order = [first] + others.sorted(by: comes).prefix(Limits.cliqueCandidates)
        return Clique.size(among: order) { exclude(instances[$0], instances[$1], most) }
    }

    /// Whether the two can be on no host together at the end of any plan.
    private func exclude(_ a: Int, _ b: Int, _ most: [UInt128]) -> Bool {
        let (one, other) = (terrain.instances[a], terrain.instances[b])
        for dimension in most.indices
        where UInt128(one.demand[dimension]) + UInt128(other.demand[dimension]) > most[dimension] {
            return true
        }
        // A breach that is there already may stay.
        guard one.home == nil || one.home != other.home else { return false }
        return terrain.rulebook.conflicts[one.workload].contains(other.workload)
    }
}
