import ClusterModel

/// Parts of a cluster between which no instance can move, and what cannot move at all.
struct HostParts {
    private let terrain: Terrain
    private let liberty: Liberty
    private(set) var parts: [Part] = []
    /// Whether something on a host cannot leave it.
    private(set) var isPinned: [Bool]
    /// What that takes, host after host.
    private var pinnedLoads: [UInt128]
    private(set) var reaches: [Reach] = []
    private var reachOf: [Asks: Int] = [:]
    private var root: [Int]

    /// Hosts and the instances on them.
    struct Part {
        var hosts: [Int]
        var instances: [Int] = []
        /// Those that may move, with the index of their reach.
        var free: [(instance: Int, reach: Int)] = []
    }

    /// Hosts that an instance could go to, beside its own; all of them are in one part.
    struct Reach {
        let kinds: Set<Int>
        fileprivate let count: Int
        fileprivate let first: Int?
    }

    /// What decides where an instance could go, were every host empty.
    private struct Asks: Hashable {
        let hostClass: Int
        let moveClass: Int
        /// Kind of the host it is on; `nil` for one that starts.
        let home: Int?
    }

    init(_ counted: [Int], _ terrain: Terrain, _ liberty: Liberty) {
        self.terrain = terrain
        self.liberty = liberty
        isPinned = terrain.ghosts.map { !$0.isEmpty }
        pinnedLoads = Array(repeating: 0, count: terrain.hosts.count * terrain.dimensions.count)
        root = Array(terrain.hosts.indices)
        for (host, ghosts) in terrain.ghosts.enumerated() {
            for ghost in ghosts { pin(ghost, to: host) }
        }
        var anchors: [(instance: Int, host: Int, reach: Int?)] = []
        for instance in counted {
            let home = terrain.instances[instance].home
            let reach = reach(of: instance).flatMap { isClosed(reaches[$0], home) ? nil : $0 }
            if reach == nil, let home {
                isPinned[home] = true
                pin(instance, to: home)
            }
            let first = reach.flatMap { reaches[$0].first }
            if let home, let first { join(home, first) }
            if let anchor = home ?? first { anchors.append((instance, anchor, reach)) }
        }
        collect(anchors)
    }

    /// What cannot leave `host` takes of it.
    func pinnedLoad(_ host: Int, _ dimension: Int) -> UInt128 {
        pinnedLoads[host * terrain.dimensions.count + dimension]
    }

    private mutating func pin(_ instance: Int, to host: Int) {
        let width = terrain.dimensions.count
        for dimension in 0..<width {
            pinnedLoads[host * width + dimension] += UInt128(
                terrain.instances[instance].demand[dimension])
        }
    }

    private mutating func collect(_ anchors: [(instance: Int, host: Int, reach: Int?)]) {
        var index: [Int: Int] = [:]
        for host in terrain.hosts.indices {
            let root = find(host)
            if let known = index[root] {
                parts[known].hosts.append(host)
            } else {
                index[root] = parts.count
                parts.append(Part(hosts: [host]))
            }
        }
        for (instance, host, reach) in anchors {
            guard let part = index[find(host)] else { continue }
            parts[part].instances.append(instance)
            if let reach { parts[part].free.append((instance, reach)) }
        }
    }

    // MARK: Joining

    private mutating func join(_ a: Int, _ b: Int) {
        let (one, other) = (find(a), find(b))
        root[max(one, other)] = min(one, other)
    }

    private mutating func find(_ host: Int) -> Int {
        var current = host
        while root[current] != current {
            root[current] = root[root[current]]
            current = root[current]
        }
        return current
    }

    // MARK: Reach

    /// Whether `reach` has no host but `home`.
    private func isClosed(_ reach: Reach, _ home: Int?) -> Bool {
        guard let home else { return reach.count == 0 }
        let isInside = reach.kinds.contains(terrain.rulebook.kinds.of[home])
        return reach.count == (isInside ? 1 : 0)
    }

    /// Where `instance` could be moved to or started, were all hosts empty; its own host may be
    /// among them. `nil` for one that cannot leave its host.
    private mutating func reach(of instance: Int) -> Int? {
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
        if let known = reachOf[asks] { return known }
        let members = terrain.rulebook.kinds.members
        let kinds = members.indices.filter { terrain.isOpen(kind: $0, to: instance, liberty) }
        let hosts = kinds.flatMap { members[$0] }
        for host in hosts { join(host, hosts[0]) }
        reachOf[asks] = reaches.count
        reaches.append(Reach(kinds: Set(kinds), count: hosts.count, first: hosts.min()))
        return reaches.count - 1
    }
}
