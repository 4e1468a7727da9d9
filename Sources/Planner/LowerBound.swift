import ClusterModel

/// The fewest hosts that any plan could leave occupied: never more than the optimum.
///
/// Hosts fall into parts that no instance can cross between. For each part the largest of four
/// counts holds: hosts that cannot be emptied; hosts needed for the volume in any one resource;
/// instances of which no two can share a host; one, if there is an instance at all. The sum over
/// the parts holds for the cluster. A host above its ceiling may stay as it is, so it counts with
/// what it has.
struct LowerBound {
    private let terrain: Terrain
    private let liberty: Liberty
    private let start: Layout
    /// The instances that the plan leaves on hosts.
    private let counted: [Int]
    /// Ready hosts that the labels, taints and drivers allow, for each class of workloads.
    private var hostsOfClass: [Int: [Int]] = [:]
    private var reaches: [Asks: Reach] = [:]
    private var part: [Int]

    /// What decides where an instance could go, were every host empty.
    private struct Asks: Hashable {
        let hostClass: Int
        let moveClass: Int
        /// Kind of the host it is on; `nil` for one that starts.
        let home: Int?
    }

    /// Hosts that an instance could go to; all of them are joined to one part.
    private struct Reach {
        let kinds: Set<Int>
        let count: Int
        let first: Int?
    }

    /// The bound for all plans that leave on hosts what `layout` does.
    static func hosts(for layout: Layout, in terrain: Terrain, _ liberty: Liberty) -> Int {
        var bound = LowerBound(layout, terrain, liberty)
        return max(bound.sumOfParts(), bound.forSpread(), bound.forReserve())
    }

    private init(_ layout: Layout, _ terrain: Terrain, _ liberty: Liberty) {
        self.terrain = terrain
        self.liberty = liberty
        start = Layout(terrain)
        counted = terrain.instances.indices.filter { layout.host(of: $0) != nil }
        part = Array(terrain.hosts.indices)
    }

    // MARK: Parts

    private mutating func sumOfParts() -> Int {
        var isPinned = terrain.hosts.indices.map { !terrain.ghosts[$0].isEmpty }
        var anchors: [(instance: Int, host: Int)] = []
        for instance in counted {
            let home = terrain.instances[instance].home
            let reach = reach(of: instance)
            let isClosed = reach.map { self.isClosed($0, home) } ?? true
            if isClosed, let home { isPinned[home] = true }
            if !isClosed, let home, let first = reach?.first { join(home, first) }
            if let anchor = home ?? reach?.first { anchors.append((instance, anchor)) }
        }
        var instancesOf: [[Int]] = terrain.hosts.map { _ in [] }
        for (instance, host) in anchors { instancesOf[find(host)].append(instance) }
        var hostsOf: [[Int]] = terrain.hosts.map { _ in [] }
        for host in terrain.hosts.indices { hostsOf[find(host)].append(host) }
        return terrain.hosts.indices.reduce(0) { sum, root in
            let instances = instancesOf[root]
            let pinned = hostsOf[root].filter { isPinned[$0] }
            guard !instances.isEmpty || !pinned.isEmpty else { return sum }
            let free = hostsOf[root].filter { !isPinned[$0] }
            return sum
                + max(
                    1, pinned.count, volume(instances, pinned, free),
                    clique(instances, on: hostsOf[root]))
        }
    }

    /// Whether `reach` has no host but `home`.
    private func isClosed(_ reach: Reach, _ home: Int?) -> Bool {
        guard let home else { return reach.count == 0 }
        let isInside = reach.kinds.contains(terrain.rulebook.kinds.of[home])
        return reach.count == (isInside ? 1 : 0)
    }

    private mutating func join(_ a: Int, _ b: Int) {
        let (one, other) = (find(a), find(b))
        part[max(one, other)] = min(one, other)
    }

    private mutating func find(_ host: Int) -> Int {
        var current = host
        while part[current] != current {
            part[current] = part[part[current]]
            current = part[current]
        }
        return current
    }

    /// Where `instance` could be moved to or started, were all hosts empty; its own host may be
    /// among them. `nil` for one that cannot leave its host.
    private mutating func reach(of instance: Int) -> Reach? {
        let facts = terrain.instances[instance]
        if facts.home != nil {
            guard facts.hold == nil, !(liberty.rests && terrain.rest(of: instance) != nil) else {
                return nil
            }
        }
        let asks = Asks(
            hostClass: terrain.rulebook.hostClass(ofWorkload: facts.workload),
            moveClass: terrain.rulebook.moveClass(ofWorkload: facts.workload),
            home: facts.home.map { terrain.rulebook.kinds.of[$0] })
        if let known = reaches[asks] { return known }
        let members = terrain.rulebook.kinds.members
        let kinds = members.indices.filter { isOpen(members[$0], to: instance) }
        let hosts = kinds.flatMap { members[$0] }
        let made = Reach(kinds: Set(kinds), count: hosts.count, first: hosts.min())
        for host in hosts { join(host, hosts[0]) }
        reaches[asks] = made
        return made
    }

    /// Whether hosts of one kind, of which `members` are all, could have `instance`.
    private func isOpen(_ members: [Int], to instance: Int) -> Bool {
        let facts = terrain.instances[instance]
        guard let host = members.first(where: { $0 != facts.home }), terrain.hosts[host].takes,
            terrain.rulebook.misfit(ofWorkload: facts.workload, on: host) == nil
        else { return false }
        guard let home = facts.home else { return true }
        let architecture = terrain.hosts[home].host.capacity.architecture
        return terrain.hosts[host].host.capacity.architecture == architecture
            && terrain.mode(of: instance, from: home, to: host, liberty) != nil
    }

    private mutating func classHosts(_ workload: Int) -> [Int] {
        let key = terrain.rulebook.hostClass(ofWorkload: workload)
        if let known = hostsOfClass[key] { return known }
        let hosts = terrain.hosts.indices.filter {
            terrain.hosts[$0].takes && terrain.rulebook.misfit(ofWorkload: workload, on: $0) == nil
        }
        hostsOfClass[key] = hosts
        return hosts
    }

    // MARK: Volume

    /// The most of a resource that a host can hold at the end of any plan.
    private func most(_ host: Int, _ dimension: Int) -> UInt128 {
        let load = start.load(host, dimension)
        return terrain.hosts[host].takes
            ? max(UInt128(terrain.hosts[host].ceiling[dimension]), load) : load
    }

    private func volume(_ instances: [Int], _ pinned: [Int], _ free: [Int]) -> Int {
        terrain.dimensions.indices.map { dimension in
            var demand: UInt128 = 0
            for instance in instances {
                demand += UInt128(terrain.instances[instance].demand[dimension])
            }
            // A host with ghosts is pinned.
            for host in pinned {
                for ghost in terrain.ghosts[host] {
                    demand += UInt128(terrain.instances[ghost].demand[dimension])
                }
            }
            var room: UInt128 = 0
            for host in pinned { room += most(host, dimension) }
            var count = pinned.count
            for next in free.map({ most($0, dimension) }).sorted(by: >) {
                guard room < demand else { break }
                room += next
                count += 1
            }
            return count
        }.max() ?? 0
    }

    // MARK: Conflicts

    /// Size of a set of instances of which no two can share a host: found greedily, so not always
    /// the largest.
    private func clique(_ instances: [Int], on hosts: [Int]) -> Int {
        let most = terrain.dimensions.indices.map { dimension in
            hosts.map { self.most($0, dimension) }.max() ?? 0
        }
        var width: [Double] = []
        width.reserveCapacity(instances.count)
        for instance in instances {
            var widest = 0.0
            for dimension in most.indices where most[dimension] > 0 {
                let demand = Double(terrain.instances[instance].demand[dimension])
                widest = max(widest, demand / Double(most[dimension]))
            }
            width.append(widest)
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
        var chosen = [instances[first]]
        for position in others.sorted(by: comes).prefix(Limits.cliqueCandidates) {
            let instance = instances[position]
            if chosen.allSatisfy({ exclude(instance, $0, most) }) { chosen.append(instance) }
        }
        return chosen.count
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

    // MARK: Spread

    /// Failure domains over which the instances of some workload have to be spread.
    private func forSpread() -> Int {
        terrain.rulebook.spreads.enumerated().map { index, spread in
            var left = counted.count {
                terrain.rulebook.spreadOf[terrain.instances[$0].workload] == index
            }
            let most = spread.values.indices.map {
                max(spread.share, start.instances(of: index, in: $0))
            }
            var count = 0
            for next in most.sorted(by: >) where left > 0 {
                left -= next
                count += 1
            }
            return count
        }.max() ?? 0
    }

    // MARK: Reserve

    /// Hosts needed so that the largest of those kept can be lost; zero where that cannot be said.
    ///
    /// It holds if every host can be lost before the plan, because then every kept host has to be
    /// afterwards.
    private mutating func forReserve() -> Int {
        let reserve = Reserve(terrain)
        guard liberty.rests, liberty.keepsReserve, reserve.hosts > 0,
            terrain.ghosts.allSatisfy(\.isEmpty),
            reserve.breaches(in: start, powered: .occupied).isEmpty
        else { return 0 }
        let saved = counted.filter { isSavedAnywhere($0, afterLossOf: reserve.hosts) }
        guard !saved.isEmpty else { return 0 }
        let ready = terrain.hosts.indices.filter { terrain.hosts[$0].takes }
        let needed = terrain.dimensions.indices.map { dimension -> Int in
            var demand: UInt128 = 0
            for instance in saved {
                demand += UInt128(terrain.instances[instance].demand[dimension])
            }
            let rooms = ready.map { host in
                max(
                    UInt128(terrain.hosts[host].allocatable[dimension]), start.load(host, dimension)
                )
            }.sorted(by: >)
            var room: UInt128 = 0
            var count = 1
            for next in rooms.dropFirst() {
                guard room < demand else { break }
                room += next
                count += 1
            }
            return count
        }
        return max(2, needed.max() ?? 0)
    }

    /// Whether the reserve has to hold room for `instance`, wherever it is.
    private mutating func isSavedAnywhere(_ instance: Int, afterLossOf reserve: Int) -> Bool {
        let facts = terrain.instances[instance]
        guard let home = facts.home, terrain.hosts[home].takes,
            facts.view.instance.desired == .running
        else { return false }
        var saviours = 0
        for host in classHosts(facts.workload) {
            let isLarge = facts.demand.indices.allSatisfy {
                facts.demand[$0] <= terrain.hosts[host].allocatable[$0]
            }
            if isLarge { saviours += 1 }
            // One more than are lost with its own: any of them may be among those.
            if saviours > reserve { return true }
        }
        return false
    }
}
