import ClusterModel

/// New instances on their way to hosts, the most important first, with those that give way to them.
struct Placing {
    private let terrain: Terrain
    private let fresh: Set<Int>
    private var placement: Placement
    private var preemption: Preemption?
    private let hosts: [Int]
    /// For each that was to give way, the first of those that it was for.
    private var displacedFor: [Int: Int] = [:]

    init(_ terrain: Terrain, _ hosts: [Int], _ fresh: Set<Int>) {
        self.terrain = terrain
        self.hosts = hosts
        self.fresh = fresh
        placement = Placement(terrain, hosts)
    }

    var layout: Layout { placement.layout }

    /// Whether anybody was to give way.
    var isDisplacing: Bool { !displacedFor.isEmpty }

    /// Whether any host that could be lost before can be lost in the end; placing by itself sees to
    /// that.
    var keepsReserve: Bool { !isDisplacing || preemption?.keepsReserve(layout) ?? true }

    mutating func run(preempting: Bool) {
        let groups = Set(fresh.map { terrain.instances[$0].group }).sorted().map { group in
            terrain.groups[group].filter { fresh.contains($0) }
        }
        var queue = terrain.byImportance(groups)
        var next = 0
        while next < queue.count {
            let members = queue[next]
            next += 1
            if let first = members.first, let home = terrain.instances[first].home {
                placement.settle(first, home: home)
                continue
            }
            placement.place(members)
            guard preempting, members.allSatisfy(isUnplaced) else { continue }
            let victims = displace(for: members)
            if !victims.isEmpty {
                queue = terrain.byImportance(queue[next...] + victims.map { [$0] })
                next = 0
            }
        }
    }

    private func isUnplaced(_ instance: Int) -> Bool {
        layout.host(of: instance) == nil && terrain.instances[instance].hold != .underway
    }

    /// Puts `members` where others give way to them, and answers those.
    private mutating func displace(for members: [Int]) -> [Int] {
        var preemption = self.preemption ?? Preemption(terrain, hosts)
        let found = preemption.choice(for: members, in: layout)
        self.preemption = preemption
        guard let found else { return [] }
        placement.displace(found.victims)
        guard placement.put(members, on: found.host) else {
            placement.restore(found.victims, on: found.host)
            return []
        }
        for victim in found.victims { displacedFor[victim] = members.first }
        return found.victims
    }

    // MARK: What is told

    /// Those that left for `members`.
    private func displaced(for instance: Int) -> [Int] {
        let group = terrain.instances[instance].group
        return displacedFor.keys.sorted().filter { victim in
            displacedFor[victim].map { terrain.instances[$0].group == group } ?? false
                && layout.host(of: victim) != terrain.instances[victim].home
        }
    }

    func explain(_ draft: inout PlanDraft, isReached: Bool, isAsked: Bool) {
        for instance in fresh.sorted() {
            let victims = isDisplacing ? displaced(for: instance) : []
            let grounds: Rationale.Grounds =
                if !victims.isEmpty {
                    .displaces(victims.map { terrain.id(of: $0) })
                } else if terrain.instances[instance].bound != nil {
                    .returns
                } else {
                    isAsked ? .asked : .fullest
                }
            draft.decide(
                instance,
                isReached ? draft.change(of: instance, because: grounds) : .pending)
        }
        for (victim, cause) in displacedFor.sorted(by: { $0.key < $1.key })
        where isReached && layout.host(of: victim) != terrain.instances[victim].home {
            let grounds = Rationale.Grounds.displaced(by: terrain.id(of: cause))
            draft.decide(victim, draft.change(of: victim, because: grounds))
        }
        for (instance, refusals) in placement.reserveRefusals.sorted(by: { $0.key < $1.key }) {
            for (host, short) in refusals.sorted(by: { $0.key < $1.key }) {
                draft.refuse(instance, on: host, .reserve(short: short))
            }
        }
    }
}
