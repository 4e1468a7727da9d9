import ClusterModel

/// Every host that takes instances, ordered by what is taken of it, so that the fullest host that
/// still has room is found without looking at each.
///
/// Hosts of one kind and one ceiling share a shelf: among them, the fuller by amount is the fuller
/// by share. The host that is fullest with an instance is, for the resource in which it is, the
/// first with room in the order of that resource; so the best of the first of every order is the
/// best of all, exactly.
struct RoomIndex: Sendable {
    private let width: Int
    /// Dimensions of which anything is demanded by anyone.
    private let active: [Int]
    /// What is taken of each host, a dimension after the other; saturated.
    private var loads: [UInt64]
    private var isOccupied: [Bool]
    /// Whether a host is looked for at present.
    private var isShelved: [Bool]
    private(set) var shelves: [Shelf]
    /// The shelf of each host; `nil` for one that is not looked for.
    private let shelfOf: [Int?]

    /// Hosts of one kind that have the same ceilings.
    struct Shelf: Sendable {
        let kind: Int
        let ceiling: [UInt64]
        /// Those that hold instances, by each active dimension.
        fileprivate var occupied: [RoomOrder]
        fileprivate var empty: RoomOrder
    }

    /// A host with how full it would be.
    struct Find: Sendable {
        let host: Int
        let fullness: Fullness

        func isFuller(than other: Find?) -> Bool {
            guard let other else { return true }
            if fullness == other.fullness { return host < other.host }
            return other.fullness < fullness
        }

        func isRoomier(than other: Find?) -> Bool {
            guard let other else { return true }
            if fullness == other.fullness { return host < other.host }
            return fullness < other.fullness
        }
    }

    /// An index of those of `hosts` that take instances.
    init(_ terrain: Terrain, _ layout: Layout, _ hosts: [Int]) {
        struct Key: Hashable {
            let kind: Int
            let ceiling: [UInt64]
        }
        let width = terrain.dimensions.count
        self.width = width
        let active = terrain.dimensions.indices.filter { dimension in
            terrain.instances.contains { $0.demand[dimension] > 0 }
        }
        self.active = active
        loads = Array(repeating: 0, count: terrain.hosts.count * width)
        isOccupied = Array(repeating: false, count: terrain.hosts.count)
        isShelved = isOccupied
        var index: [Key: Int] = [:]
        var shelves: [Shelf] = []
        var shelfOf = [Int?](repeating: nil, count: terrain.hosts.count)
        for host in hosts where terrain.hosts[host].takes {
            let ceiling = terrain.hosts[host].ceiling
            let key = Key(kind: terrain.rulebook.kinds.of[host], ceiling: ceiling)
            let shelf = index[key] ?? shelves.count
            if shelf == shelves.count {
                index[key] = shelf
                shelves.append(
                    Shelf(
                        kind: key.kind, ceiling: ceiling,
                        occupied: active.map { RoomOrder($0, width: width) },
                        empty: RoomOrder(0, width: width)))
            }
            shelfOf[host] = shelf
        }
        self.shelves = shelves
        self.shelfOf = shelfOf
        for host in hosts { add(host, layout, terrain) }
    }

    /// Looks for `host` from now on, if it takes instances.
    mutating func add(_ host: Int, _ layout: Layout, _ terrain: Terrain) {
        guard shelfOf[host] != nil, !isShelved[host] else { return }
        isShelved[host] = true
        note(host, layout, terrain)
        shelve(host)
    }

    /// Does not look for `host` any more.
    mutating func remove(_ host: Int) {
        guard isShelved[host] else { return }
        unshelve(host)
        isShelved[host] = false
    }

    /// What is on `host` has changed.
    mutating func update(_ host: Int, _ layout: Layout, _ terrain: Terrain) {
        guard isShelved[host] else { return }
        unshelve(host)
        note(host, layout, terrain)
        shelve(host)
    }

    private mutating func note(_ host: Int, _ layout: Layout, _ terrain: Terrain) {
        for dimension in 0..<width {
            loads[host * width + dimension] = UInt64(clamping: layout.load(host, dimension))
        }
        isOccupied[host] = layout.isOccupied(host, terrain)
    }

    private mutating func shelve(_ host: Int) {
        guard let shelf = shelfOf[host] else { return }
        guard isOccupied[host] else { return shelves[shelf].empty.insert(host, loads) }
        for index in active.indices { shelves[shelf].occupied[index].insert(host, loads) }
    }

    private mutating func unshelve(_ host: Int) {
        guard let shelf = shelfOf[host] else { return }
        guard isOccupied[host] else { return shelves[shelf].empty.remove(host, loads) }
        for index in active.indices { shelves[shelf].occupied[index].remove(host, loads) }
    }

    // MARK: Finding

    /// The fullest occupied host on `among` that takes `demand` and `accepts`, else the roomiest empty one.
    func best(with demand: [UInt64], among: [Int], _ accepts: (Int) -> Bool) -> Int? {
        let find =
            fullest(with: demand, among: among, accepts)
            ?? roomiest(with: demand, among: among, accepts)
        return find?.host
    }

    /// Of the occupied hosts on `among` that `accepts`, the one that is fullest with `demand`; the
    /// first of equals.
    private func fullest(
        with demand: [UInt64], among: [Int], _ accepts: (Int) -> Bool
    ) -> Find? {
        let needed = active.filter { demand[$0] > 0 }
        var best: Find?
        for shelf in among where isLarge(shelf, demand, needed) {
            for index in active.indices {
                search(index, of: shelf, demand, needed, accepts, &best)
            }
        }
        return best
    }

    /// Of the empty hosts on `among` that `accepts`, the one that is least full with `demand`; the
    /// first of equals.
    private func roomiest(
        with demand: [UInt64], among: [Int], _ accepts: (Int) -> Bool
    ) -> Find? {
        let needed = active.filter { demand[$0] > 0 }
        var best: Find?
        for shelf in among where isLarge(shelf, demand, needed) {
            guard let host = first(of: shelf, demand, needed, accepts) else { continue }
            let find = Find(host: host, fullness: fullness(of: host, shelf, demand))
            if find.isRoomier(than: best) { best = find }
        }
        return best
    }

    private func isLarge(_ shelf: Int, _ demand: [UInt64], _ needed: [Int]) -> Bool {
        needed.allSatisfy { demand[$0] <= shelves[shelf].ceiling[$0] }
    }

    private func search(
        _ index: Int, of shelf: Int, _ demand: [UInt64], _ needed: [Int],
        _ accepts: (Int) -> Bool, _ best: inout Find?
    ) {
        let order = shelves[shelf].occupied[index]
        guard !order.isEmpty else { return }
        let ceiling = shelves[shelf].ceiling
        let dimension = active[index]
        let own = demand[dimension]
        let start =
            own > 0 ? order.firstBlock(withAtMost: ceiling[dimension] - own, loads) : 0
        for block in start..<order.blockCount {
            if let best, ceiling[dimension] > 0 {
                let most = order.most(from: block, loads).saturatingSum(own)
                guard Fullness(taken: most, ceiling: ceiling[dimension]) >= best.fullness else {
                    return
                }
            }
            guard order.mayFit(demand, needed, below: ceiling, in: block) else { continue }
            for candidate in order.hosts(of: block) {
                let host = Int(candidate)
                guard fits(host, demand, needed, ceiling), accepts(host) else { continue }
                let find = Find(host: host, fullness: fullness(of: host, shelf, demand))
                if find.isFuller(than: best) { best = find }
                return
            }
        }
    }

    /// The first empty host of `shelf` that has room and is accepted.
    private func first(
        of shelf: Int, _ demand: [UInt64], _ needed: [Int], _ accepts: (Int) -> Bool
    ) -> Int? {
        let order = shelves[shelf].empty
        for block in 0..<order.blockCount {
            for candidate in order.hosts(of: block) {
                let host = Int(candidate)
                if fits(host, demand, needed, shelves[shelf].ceiling), accepts(host) {
                    return host
                }
            }
        }
        return nil
    }

    private func fits(
        _ host: Int, _ demand: [UInt64], _ needed: [Int], _ ceiling: [UInt64]
    ) -> Bool {
        for dimension in needed
        where loads[host * width + dimension] > ceiling[dimension] - demand[dimension] {
            return false
        }
        return true
    }

    private func fullness(of host: Int, _ shelf: Int, _ demand: [UInt64]) -> Fullness {
        var fullest = Fullness.empty
        for dimension in active where shelves[shelf].ceiling[dimension] > 0 {
            fullest = max(
                fullest,
                Fullness(
                    taken: loads[host * width + dimension].saturatingSum(demand[dimension]),
                    ceiling: shelves[shelf].ceiling[dimension]))
        }
        return fullest
    }
}
