import ClusterModel

/// The search for the smallest sets of instances on one host that have to leave for others to fit.
///
/// It tries one instance more at a time. What no choice of so many can give back is not tried; where
/// the effort is used up, the smallest set is what is left of everybody once no one of it can stay.
struct DisplacementSearch {
    private let terrain: Terrain
    private let members: [Int]
    /// The least important of those that come: who gives way is below even that.
    private let priority: Int
    private let companions: Set<Int>
    private var layout: Layout

    // MARK: Of the host at hand

    private var host = 0
    /// Who may give way, the least important and cheapest first.
    private var open: [Int] = []
    /// The most that any of `open` from each place on gives back of each resource.
    private var most: [[UInt64]] = []
    private var picked: [Int] = []
    private var found: [[Int]] = []
    private var trialsLeft = 0
    private var reserveTrialsLeft = 0

    init(_ terrain: Terrain, _ members: [Int], _ layout: Layout) {
        self.terrain = terrain
        self.members = members
        self.layout = layout
        priority = members.map { terrain.workload(of: $0).rules.priority }.min() ?? .min
        companions = Set(members.flatMap { terrain.groups[terrain.instances[$0].group] })
    }

    /// The smallest sets on `host` that make room, if they are no larger than `limit`.
    mutating func sets(
        on host: Int, atMost limit: Int, _ trials: inout Int, _ reserveTrials: inout Int,
        keepsReserve: (Layout) -> Bool
    ) -> [[Int]] {
        (trialsLeft, reserveTrialsLeft) = (trials - 1, reserveTrials)
        defer { (trials, reserveTrials) = (trialsLeft, reserveTrialsLeft) }
        begin(on: host)
        guard !open.isEmpty, makesRoom(open, { _ in true }) else { return [] }
        let short = shortages()
        for size in 1...open.count where size <= limit {
            pick(size, from: 0, short, keepsReserve)
            if !found.isEmpty { return found }
            guard trialsLeft > 0 else { break }
        }
        guard trialsLeft <= 0, makesRoom(open, keepsReserve) else { return [] }
        let rest = leastOfAll(keepsReserve)
        return rest.count <= limit ? [rest] : []
    }

    private mutating func begin(on host: Int) {
        self.host = host
        (picked, found) = ([], [])
        open = layout.occupants[host].filter(mayGiveWay).sorted {
            (terrain.workload(of: $0).rules.priority, terrain.cost(of: $0, .place), $0)
                < (terrain.workload(of: $1).rules.priority, terrain.cost(of: $1, .place), $1)
        }
        var largest = terrain.dimensions.map { _ in UInt64(0) }
        most = open.reversed().map { instance in
            for (dimension, amount) in terrain.instances[instance].demand.enumerated() {
                largest[dimension] = max(largest[dimension], amount)
            }
            return largest
        }.reversed()
    }

    private func mayGiveWay(_ instance: Int) -> Bool {
        let facts = terrain.instances[instance]
        let workload = terrain.workload(of: instance)
        return facts.home == host && facts.isWanted && facts.hold != .underway
            && workload.rules.priority < priority && !companions.contains(instance)
            // What may not be moved stays, and what is to run once is not begun a second time.
            && !workload.move.allow.isEmpty && workload.program.restart != .never
    }

    /// What those that come lack of each resource that adds up.
    private func shortages() -> [UInt128] {
        terrain.dimensions.indices.map { dimension in
            guard dimension > 0 || terrain.joint == nil else { return 0 }
            let wanted = members.reduce(UInt128(0)) {
                $0 + UInt128(terrain.instances[$1].demand[dimension])
            }
            let needed = layout.load(host, dimension) + wanted
            let ceiling = UInt128(terrain.hosts[host].ceiling[dimension])
            return wanted > 0 && needed > ceiling ? needed - ceiling : 0
        }
    }

    /// Looks at the sets of `size` that give back all of `short`.
    private mutating func pick(
        _ size: Int, from first: Int, _ short: [UInt128], _ keepsReserve: (Layout) -> Bool
    ) {
        guard trialsLeft > 0, found.count < Limits.displacementSets else { return }
        trialsLeft -= 1
        let left = size - picked.count
        guard left > 0 else {
            guard !short.contains(where: { $0 > 0 }) else { return }
            if makesRoom(picked, keepsReserve) { found.append(picked) }
            return
        }
        guard first + left <= open.count else { return }
        for (dimension, amount) in short.enumerated()
        where amount > UInt128(left) * UInt128(most[first][dimension]) {
            return
        }
        for place in first...(open.count - left) {
            let given = terrain.instances[open[place]].demand
            let rest = short.indices.map {
                $0 < given.count ? short[$0] - min(short[$0], UInt128(given[$0])) : 0
            }
            picked.append(open[place])
            pick(size, from: place + 1, rest, keepsReserve)
            picked.removeLast()
        }
    }

    /// Whether those that come fit once `victims` are gone, and any host can be lost as before.
    private mutating func makesRoom(_ victims: [Int], _ keepsReserve: (Layout) -> Bool) -> Bool {
        for victim in victims { layout.lift(victim, terrain) }
        defer { for victim in victims { layout.put(victim, on: host, terrain) } }
        guard terrain.refusal(of: members, on: host, in: layout, .place) == nil else {
            return false
        }
        guard terrain.policy.reservedHosts(among: terrain.hosts.count) > 0 else { return true }
        guard reserveTrialsLeft > 0 else { return false }
        reserveTrialsLeft -= 1
        for member in members { layout.put(member, on: host, terrain) }
        defer { for member in members { layout.lift(member, terrain) } }
        return keepsReserve(layout)
    }

    /// Of everybody who may give way, those of whom no one can stay, the most important kept first.
    private mutating func leastOfAll(_ keepsReserve: (Layout) -> Bool) -> [Int] {
        var left = open
        for instance in open.reversed() {
            let fewer = left.filter { $0 != instance }
            if makesRoom(fewer, keepsReserve) { left = fewer }
        }
        return left
    }
}
