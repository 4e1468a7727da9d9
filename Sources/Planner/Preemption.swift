import ClusterModel

/// The choice of who gives way to instances of higher priority that fit nowhere.
///
/// All who give way are on one host, which is where those that come go. They are as few as on any
/// host, and of as few those of the lowest priority, then of the least cost; of the best sets, the
/// one that leaves fewest without another host.
struct Preemption {
    private let terrain: Terrain
    private let hosts: [Int]
    private let reserve: Reserve
    /// Hosts that could not be lost before the plan.
    private let breached: Set<Int>
    /// Sets that may still be looked at.
    private var trialsLeft = Limits.displacements
    /// Sets for which it may still be tried whether the reserve remains.
    private var reserveTrialsLeft: Int

    /// Who gives way, and where.
    struct Choice {
        let host: Int
        /// In ascending order.
        let victims: [Int]
        /// The highest priority among them.
        let priority: Int
        let cost: UInt64
        /// Preferred labels that the host lacks.
        let dislikes: Int
    }

    init(_ terrain: Terrain, _ hosts: [Int]) {
        self.terrain = terrain
        self.hosts = hosts
        reserve = Reserve(terrain)
        breached = Set(reserve.breaches(in: Layout(terrain), powered: .ready).keys)
        reserveTrialsLeft = Limits.trials(among: terrain.instances.count)
    }

    /// Whether every host that could be lost before the plan can be lost in `layout`.
    func keepsReserve(_ layout: Layout) -> Bool {
        breached.isSuperset(of: reserve.breaches(in: layout, powered: .ready).keys)
    }

    /// The best set for `members`, which are on no host; `nil` where nobody may give way, or not
    /// enough to make room.
    mutating func choice(for members: [Int], in layout: Layout) -> Choice? {
        var search = DisplacementSearch(terrain, members, layout)
        var found: [Choice] = []
        var fewest = Int.max
        for host in hosts where terrain.hosts[host].takes && trialsLeft > 0 {
            let preemption = self
            let sets = search.sets(on: host, atMost: fewest, &trialsLeft, &reserveTrialsLeft) {
                preemption.keepsReserve($0)
            }
            guard let size = sets.first?.count else { continue }
            if size < fewest { found = [] }
            fewest = size
            found += sets.map { choice($0, host, members) }
        }
        let best = found.sorted(by: Self.isBetter).prefix(Limits.displacementTrials)
        let tried = best.map { (stops: stops(of: $0, members, layout), choice: $0) }
        // Sorting is stable as far as it matters here: of equal ones the first is the better.
        guard let fewestStops = tried.map(\.stops).min() else { return nil }
        return tried.first { $0.stops == fewestStops }?.choice
    }

    private func choice(_ victims: [Int], _ host: Int, _ members: [Int]) -> Choice {
        Choice(
            host: host, victims: victims.sorted(),
            priority: victims.map { terrain.workload(of: $0).rules.priority }.max() ?? .min,
            cost: victims.reduce(0) { $0.saturatingSum(terrain.cost(of: $1, .place)) },
            dislikes: members.reduce(0) { $0 + terrain.dislikes(of: $1, host) })
    }

    /// How many of those that give way would find no other host.
    private func stops(of choice: Choice, _ members: [Int], _ layout: Layout) -> Int {
        var trial = layout
        for victim in choice.victims { trial.lift(victim, terrain) }
        for member in members { trial.put(member, on: choice.host, terrain) }
        return choice.victims.count { victim in
            let target = terrain.refuges(for: victim, in: trial).first
            if let target { trial.put(victim, on: target, terrain) }
            return target == nil
        }
    }

    private static func isBetter(_ a: Choice, _ b: Choice) -> Bool {
        guard (a.victims.count, a.priority, a.cost) == (b.victims.count, b.priority, b.cost) else {
            return (a.victims.count, a.priority, a.cost) < (b.victims.count, b.priority, b.cost)
        }
        guard (a.dislikes, a.host) == (b.dislikes, b.host) else {
            return (a.dislikes, a.host) < (b.dislikes, b.host)
        }
        return a.victims.lexicographicallyPrecedes(b.victims)
    }
}
