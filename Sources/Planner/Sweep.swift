import ClusterModel

/// Packs a cluster that is too large to try every host for every instance: chooses by volume which
/// hosts are kept, and fits everything else onto those, the largest instances first, each onto the
/// fullest host that has room.
///
/// What is on a kept host stays there, so each move fits when it begins, whatever else is under
/// way. Where not everything fits, further hosts are kept, and what was on them is where it was.
struct Sweep {
    private let search: PackSearch
    private let terrain: Terrain
    private(set) var layout: Layout
    private var index: RoomIndex
    private var isKept: [Bool]
    /// Hosts that may be kept, those first that hold most.
    private let ranked: [Int]
    private var nextRank = 0
    private var shelves: [Asks: [Int]] = [:]

    /// What decides which shelves a unit may go to.
    private struct Asks: Hashable {
        let hostClass: Int
        let moveClass: Int
        let home: Int
    }

    init(_ search: PackSearch) {
        self.search = search
        let terrain = search.terrain
        self.terrain = terrain
        let layout = search.start
        self.layout = layout
        let emptyable = Set(search.emptyable(in: layout))
        isKept = terrain.hosts.indices.map { host in
            layout.isOccupied(host, terrain) && !emptyable.contains(host)
        }
        let kept = isKept
        ranked = Self.ranked(terrain.hosts.indices.filter { !kept[$0] }, search)
        index = RoomIndex(terrain, layout, Array(terrain.hosts.indices))
        for host in terrain.hosts.indices where !kept[host] { index.remove(host) }
    }

    /// Larger in the scarcest resource first, then occupied ones, then those that cost most to
    /// empty.
    private static func ranked(_ hosts: [Int], _ search: PackSearch) -> [Int] {
        let terrain = search.terrain
        let scarcest = Self.scarcest(search)
        let keyed = hosts.filter { terrain.hosts[$0].takes || !search.start.occupants[$0].isEmpty }
            .map { host in
                (
                    size: terrain.hosts[host].takes ? terrain.hosts[host].ceiling[scarcest] : 0,
                    cost: search.costToEmpty(host, in: search.start), host: host
                )
            }
        return keyed.sorted { ($1.size, $1.cost, $0.host) < ($0.size, $0.cost, $1.host) }
            .map(\.host)
    }

    /// The resource of which the largest part is taken.
    private static func scarcest(_ search: PackSearch) -> Int {
        let terrain = search.terrain
        let shares = terrain.dimensions.indices.map { dimension -> Double in
            var room: UInt128 = 0
            var taken: UInt128 = 0
            for host in terrain.hosts.indices {
                if terrain.hosts[host].takes {
                    room += UInt128(terrain.hosts[host].ceiling[dimension])
                }
                taken += search.start.load(host, dimension)
            }
            return room > 0 ? Double(taken) / Double(room) : 0
        }
        return shares.indices.max { shares[$0] < shares[$1] } ?? 0
    }

    // MARK: Keeping

    /// Packs, and answers whether a layout that leaves the reserve was found.
    mutating func run() -> Bool {
        keep(forVolume: volume())
        var waiting = unitsOffKeptHosts()
        while true {
            waiting = placed(waiting)
            guard !waiting.isEmpty else { break }
            let before = nextRank
            keep(forFurther: waiting)
            guard nextRank > before else { return false }
            waiting = waiting.filter { !isAtHomeOnKept($0) }
        }
        squeeze()
        return givesWayToReserve()
    }

    /// What everything together demands.
    private func volume() -> [UInt128] {
        terrain.dimensions.indices.map { dimension in
            terrain.hosts.indices.reduce(UInt128(0)) { $0 + layout.load($1, dimension) }
        }
    }

    private mutating func keep(forVolume volume: [UInt128]) {
        var room = volume.map { _ in UInt128(0) }
        for host in terrain.hosts.indices where isKept[host] {
            for dimension in room.indices { room[dimension] += most(host, dimension) }
        }
        while nextRank < ranked.count, zip(room, volume).contains(where: { $0 < $1 }) {
            let host = ranked[nextRank]
            keepNext()
            for dimension in room.indices { room[dimension] += most(host, dimension) }
        }
    }

    private func most(_ host: Int, _ dimension: Int) -> UInt128 {
        let load = layout.load(host, dimension)
        return terrain.hosts[host].takes
            ? max(load, UInt128(terrain.hosts[host].ceiling[dimension])) : load
    }

    /// Keeps so many more hosts that what they have left is as much as `waiting` demand; one at
    /// least.
    private mutating func keep(forFurther waiting: [Int]) {
        var demand = terrain.dimensions.map { _ in UInt128(0) }
        for unit in waiting {
            for (dimension, amount) in search.units[unit].demand.enumerated() {
                demand[dimension] += UInt128(amount)
            }
        }
        repeat {
            guard nextRank < ranked.count else { return }
            let host = ranked[nextRank]
            keepNext()
            for dimension in demand.indices {
                let left = most(host, dimension) - layout.load(host, dimension)
                demand[dimension] -= min(demand[dimension], left)
            }
        } while demand.contains { $0 > 0 }
    }

    /// Keeps the next host; what was on it comes back, unless it went to another domain of its spread, where its place may
    /// be taken by now.
    private mutating func keepNext() {
        let host = ranked[nextRank]
        nextRank += 1
        for unit in search.units(on: host, in: search.start) where mayReturn(unit) {
            put(unit, on: host)
        }
        isKept[host] = true
        index.add(host, layout, terrain)
    }

    private func mayReturn(_ unit: Int) -> Bool {
        terrain.rulebook.spreads.isEmpty
            || search.units[unit].members.allSatisfy {
                terrain.rulebook.spreadOf[terrain.instances[$0].workload] == nil
            }
    }

    private func isAtHomeOnKept(_ unit: Int) -> Bool {
        guard let home = search.units[unit].home else { return true }
        return isKept[home]
    }

    private func unitsOffKeptHosts() -> [Int] {
        search.order(search.units.indices.filter { !isAtHomeOnKept($0) }, .widest)
    }

    // MARK: Placing

    /// Places what it can of `waiting` and answers the rest.
    private mutating func placed(_ waiting: [Int]) -> [Int] {
        waiting.filter { unit in
            guard let host = target(for: unit, off: nil) else { return true }
            put(unit, on: host)
            return false
        }
    }

    private mutating func put(_ unit: Int, on host: Int) {
        for member in search.units[unit].members where layout.host(of: member) != host {
            let source = layout.host(of: member)
            layout.move(member, to: host, terrain)
            if let source { index.update(source, layout, terrain) }
        }
        index.update(host, layout, terrain)
    }

    /// The fullest kept host but `source` that takes `unit`; an empty one only if no other does.
    private mutating func target(for unit: Int, off source: Int?) -> Int? {
        let facts = search.units[unit]
        guard facts.isMovable, let first = facts.members.first, let home = facts.home else {
            return nil
        }
        let shelves = shelves(for: first, home)
        let workload = terrain.instances[first].workload
        let isFree =
            facts.members.count == 1
            && terrain.groups[terrain.instances[first].group].count == 1
            && terrain.rulebook.conflicts[workload].isEmpty
            && terrain.rulebook.spreadOf[workload] == nil
            && terrain.snapshot.instances[first].undone.isEmpty
        // Most units; a closure that asks more than this copies what it asks, for each of them.
        if isFree, terrain.joint == nil {
            return index.best(with: facts.demand, among: shelves) { $0 != source }
        }
        return host(for: facts, among: shelves, off: source, isFree: isFree)
    }

    private func host(
        for unit: PackSearch.Unit, among shelves: [Int], off source: Int?, isFree: Bool
    ) -> Int? {
        if isFree {
            return index.best(with: unit.demand, among: shelves) {
                $0 != source && terrain.fitsJointly(unit.members, on: $0, in: layout)
            }
        }
        return index.best(with: unit.demand, among: shelves) {
            $0 != source
                && terrain.refusal(of: unit.members, on: $0, in: layout, search.liberty) == nil
        }
    }

    /// Shelves of hosts to which `instance` could be moved from `home` if they were empty.
    private mutating func shelves(for instance: Int, _ home: Int) -> [Int] {
        let workload = terrain.instances[instance].workload
        let asks = Asks(
            hostClass: terrain.rulebook.hostClass(ofWorkload: workload),
            moveClass: terrain.rulebook.moveClass(ofWorkload: workload),
            home: terrain.rulebook.kinds.of[home])
        if let known = shelves[asks] { return known }
        let made = index.shelves.indices.filter {
            terrain.isOpen(kind: index.shelves[$0].kind, to: instance, search.liberty)
        }
        shelves[asks] = made
        return made
    }

    // MARK: Improving

    /// Empties further hosts, the smallest of those kept first, until several in a row cannot be.
    private mutating func squeeze() {
        var failures = 0
        for host in ranked.prefix(nextRank).reversed() where failures < Limits.squeezeFailures {
            guard !layout.occupants[host].isEmpty else { continue }
            if empty(host) { failures = 0 } else { failures += 1 }
        }
    }

    private mutating func empty(_ host: Int) -> Bool {
        var moved: [(unit: Int, from: Int)] = []
        index.remove(host)
        for unit in search.order(search.units(on: host, in: layout), UnitOrder.widest) {
            guard let target = target(for: unit, off: host), !isEmpty(target) else {
                for (unit, from) in moved { put(unit, on: from) }
                index.add(host, layout, terrain)
                return false
            }
            moved.append((unit, host))
            put(unit, on: target)
        }
        isKept[host] = false
        return true
    }

    private func isEmpty(_ host: Int) -> Bool { !layout.isOccupied(host, terrain) }

    // MARK: Reserve

    /// Keeps hosts again, twice as many each time, until the loss of any host can be borne.
    private mutating func givesWayToReserve() -> Bool {
        var count = 1
        while search.shortOfReserve(layout) != nil {
            let before = nextRank
            for _ in 0..<count where nextRank < ranked.count { keepNext() }
            guard nextRank > before else { return false }
            count *= 2
        }
        return true
    }
}
