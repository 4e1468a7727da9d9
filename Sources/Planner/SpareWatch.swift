import ClusterModel

/// Keeps sure, while instances are placed, that any host could be lost, without trying it each
/// time.
///
/// For each class of instances it names some hosts whose room suffices whatever is lost. Only when
/// one of those takes an instance is that looked at again.
struct SpareWatch: Sendable {
    private let terrain: Terrain
    /// Hosts lost at a time.
    private let losses: Int
    /// The most that the instances of lost hosts can demand, however full hosts get.
    private let most: [UInt128]
    private var largest: [[UInt64]?]
    private var witnesses: [[Int]]
    private var classesOf: [Int: [Int]] = [:]
    /// Classes of which nothing is known without trying.
    private(set) var open = Set<Int>()

    /// Hosts named for each class: few first, because every one that fills is looked at again.
    private static let witnessCounts = [16, 128, Int.max]

    init(_ terrain: Terrain, _ layout: Layout, losses: Int) {
        self.terrain = terrain
        self.losses = min(losses, terrain.hosts.count)
        let times = UInt128(max(0, self.losses))
        most = terrain.dimensions.indices.map { dimension in
            var largest = UInt128(terrain.largest[dimension])
            for host in terrain.hosts.indices {
                largest = max(largest, layout.load(host, dimension))
            }
            return largest * times
        }
        largest = Array(repeating: nil, count: terrain.reserveClasses)
        witnesses = Array(repeating: [], count: terrain.reserveClasses)
        guard losses > 0 else { return }
        for instance in terrain.instances.indices {
            let own = terrain.reserveClass(of: instance)
            let demand = terrain.instances[instance].demand
            guard let known = largest[own] else {
                largest[own] = demand
                continue
            }
            for dimension in demand.indices where demand[dimension] > known[dimension] {
                largest[own]?[dimension] = demand[dimension]
            }
        }
        for own in largest.indices where largest[own] != nil { name(own, layout) }
    }

    /// More is on `host` than before; answers whether that opened a class.
    mutating func filled(_ host: Int, _ layout: Layout) -> Bool {
        let before = open.count
        for own in classesOf[host] ?? [] where !suffices(own, layout) {
            for witness in witnesses[own] { classesOf[witness]?.removeAll { $0 == own } }
            name(own, layout)
        }
        return open.count > before
    }

    private func suffices(_ own: Int, _ layout: Layout) -> Bool {
        guard let largest = largest[own] else { return true }
        return Spare(witnesses[own], largest: largest, in: layout, terrain)
            .suffices(for: most, without: losses)
    }

    /// Names the emptiest hosts that accept class `own`.
    private mutating func name(_ own: Int, _ layout: Layout) {
        let accepting = terrain.hosts.indices.filter {
            terrain.hosts[$0].takes && terrain.accepts(own, kind: terrain.rulebook.kinds.of[$0])
        }
        let free = accepting.map { host in
            terrain.dimensions.indices.reduce(1.0) { least, dimension in
                let room = Double(terrain.hosts[host].allocatable[dimension])
                guard room > 0, terrain.largest[dimension] > 0 else { return least }
                return min(least, 1 - Double(layout.load(host, dimension)) / room)
            }
        }
        let order = accepting.indices.sorted { (free[$1], $1) < (free[$0], $0) }
        for count in Self.witnessCounts {
            witnesses[own] = order.prefix(count).map { accepting[$0] }
            if suffices(own, layout) { break }
        }
        guard suffices(own, layout) else {
            witnesses[own] = []
            open.insert(own)
            return
        }
        for host in witnesses[own] { classesOf[host, default: []].append(own) }
    }
}
