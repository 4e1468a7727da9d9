import ClusterModel

/// What an ejection search works on: hosts as bins, and units that may change between them.
///
/// A host above its ceiling, or that takes nothing, is no bin: what is on it stays, unless it is the
/// host that is given up.
struct ChainGround {
    /// The unit of each item.
    private(set) var units: [Int] = []
    /// The host of each bin.
    let hosts: [Int]
    /// The bin of each item at first; -1 for one that is left over.
    private(set) var binOf: [Int] = []
    /// Bins that are to be left.
    let kept: Int
    /// Room of each bin in each resource that a unit asks for.
    private(set) var rooms: [[UInt64]] = []
    /// Sizes of units in those, unit after unit.
    private(set) var sizes: [UInt64] = []
    /// The largest room in each.
    private(set) var largest: [UInt64] = []
    /// Most units that any host can hold.
    private(set) var slots = 0
    /// What is on hosts without the units.
    private(set) var base: Layout
    /// What it is worth to keep each host; `nil` for one that cannot be emptied.
    let worths: [Float?]

    /// `nil` where no host can be given up, or amounts are too large to be packed into words.
    init?(_ search: PackSearch, _ layout: Layout, _ keeps: KeepOrder) {
        let terrain = search.terrain
        let isEmptyable = Set(search.emptyable(in: layout))
        guard !isEmptyable.isEmpty else { return nil }
        let occupied = terrain.hosts.indices.filter { layout.isOccupied($0, terrain) }
        func isBin(_ host: Int) -> Bool {
            terrain.hosts[host].takes
                && terrain.dimensions.indices.allSatisfy {
                    layout.load(host, $0) <= UInt128(terrain.hosts[host].ceiling[$0])
                }
        }
        let worths = terrain.hosts.indices.map { host in
            layout.isOccupied(host, terrain) && !isEmptyable.contains(host)
                ? nil : Float(4 * search.size(of: host))
        }
        self.worths = worths
        var bins: [Int]
        var left = Set<Int>()
        switch keeps {
        case .costliest:
            bins = occupied.filter(isBin)
            let others = occupied.filter { !isBin($0) && isEmptyable.contains($0) }
            if let first = others.first { left = [first] }
            kept = bins.count - (left.isEmpty ? 1 : 0)
        case .largest:
            let fixed = occupied.filter { !isEmptyable.contains($0) }
            let open = terrain.hosts.indices.filter { host in
                isEmptyable.contains(host) || !layout.isOccupied(host, terrain)
            }
            let ranked = open.filter(isBin).map {
                (search.size(of: $0), search.costToEmpty($0, in: search.start), $0)
            }
            .sorted { ($1.0, $1.1, $0.2) < ($0.0, $0.1, $1.2) }.map(\.2)
            bins = (fixed.filter(isBin) + ranked.prefix(max(0, occupied.count - 1 - fixed.count)))
                .sorted()
            left = isEmptyable.subtracting(bins)
            kept = bins.count
        }
        guard kept > 0 else { return nil }
        hosts = bins
        base = layout
        fill(search, layout, left)
        guard measure(search), !units.isEmpty else { return nil }
    }

    private mutating func fill(_ search: PackSearch, _ layout: Layout, _ left: Set<Int>) {
        var bin: [Int: Int] = [:]
        for (index, host) in hosts.enumerated() { bin[host] = index }
        for (index, unit) in search.units.enumerated() where unit.isMovable {
            guard let host = search.host(of: unit, in: layout) else { continue }
            guard bin[host] != nil || left.contains(host) else { continue }
            units.append(index)
            binOf.append(bin[host] ?? -1)
            for member in unit.members { base.lift(member, search.terrain) }
        }
    }

    /// Works out sizes and rooms; whether all of them can be packed.
    private mutating func measure(_ search: PackSearch) -> Bool {
        let terrain = search.terrain
        let active = terrain.dimensions.indices.filter { dimension in
            units.contains { search.units[$0].demand[dimension] > 0 }
        }
        rooms = hosts.map { host in
            active.map { dimension in
                let room = UInt128(terrain.hosts[host].ceiling[dimension])
                let load = base.load(host, dimension)
                return room > load ? UInt64(clamping: room - load) : 0
            }
        }
        largest = active.indices.map { index in rooms.reduce(0) { max($0, $1[index]) } }
        sizes = units.flatMap { unit in active.map { search.units[unit].demand[$0] } }
        guard !active.isEmpty, largest.allSatisfy({ $0 <= PackingProblem.largestCapacity }),
            sizes.indices.allSatisfy({ sizes[$0] <= largest[$0 % active.count] })
        else { return false }
        slots = active.indices.reduce(units.count) { most, index in
            var left = largest[index]
            let sorted = stride(from: index, to: sizes.count, by: active.count).map { sizes[$0] }
                .sorted()
            let count = sorted.prefix { size in
                guard size <= left else { return false }
                left -= size
                return true
            }.count
            return min(most, max(1, count))
        }
        return true
    }
}
