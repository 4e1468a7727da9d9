import ClusterModel

/// Looks for a layout with fewer occupied hosts: several constructions, then improvements of the
/// best.
///
/// The effort is counted in fit checks, never in time, so that the same input gives the same plan
/// on every machine. Every construction is a pure function of the terrain and its own three
/// choices.
struct PackSearch {
    let terrain: Terrain
    let liberty: Liberty
    let units: [Unit]
    /// Index of the unit of each instance; `nil` for one that is nowhere.
    let unitOf: [Int?]
    let reserve: Reserve
    let start: Layout
    let breachedBefore: Set<Int>
    var checksLeft: Int

    /// Instances that move together or not at all.
    struct Unit: Sendable {
        let members: [Int]
        /// Where all of them are; `nil` for a group that is split.
        let home: Int?
        let demand: [UInt64]
        /// Largest share of a host that it takes in any dimension.
        let width: Double
        /// What moving all of it costs.
        let cost: UInt64
        let isMovable: Bool
    }

    /// A layout with what it is judged by; smaller is better.
    struct Candidate {
        var layout: Layout
        var hosts: Int
        var cost: UInt64
        /// Preferred labels that the hosts of instances lack.
        var dislikes: Int

        func isBetter(than other: Candidate) -> Bool {
            (hosts, cost, dislikes) < (other.hosts, other.cost, other.dislikes)
        }
    }

    /// - Parameter start: everything at home, where that is made already.
    init(_ terrain: Terrain, _ liberty: Liberty, checks: Int, start known: Layout? = nil) {
        self.terrain = terrain
        self.liberty = liberty
        checksLeft = checks
        let reserve = Reserve(terrain)
        self.reserve = reserve
        let layout = known ?? Layout(terrain)
        start = layout
        breachedBefore =
            liberty.keepsReserve
            ? Set(reserve.breaches(in: layout, powered: .occupied).keys) : []
        let largest = terrain.largest.map(Double.init)
        var units: [Unit] = []
        var unitOf: [Int?] = terrain.instances.map { _ in nil }
        units.reserveCapacity(terrain.groups.count)
        for group in terrain.groups {
            let isWhole = group.allSatisfy { terrain.instances[$0].home != nil }
            let members = isWhole ? group : group.filter { terrain.instances[$0].home != nil }
            guard !members.isEmpty else { continue }
            for member in members { unitOf[member] = units.count }
            units.append(Self.unit(members, terrain, liberty, largest))
        }
        self.units = units
        self.unitOf = unitOf
    }

    private static func unit(
        _ members: [Int], _ terrain: Terrain, _ liberty: Liberty, _ largest: [Double]
    ) -> Unit {
        var demand = terrain.instances[members[0]].demand
        var width = 0.0
        for dimension in demand.indices {
            for member in members.dropFirst() {
                demand[dimension] = demand[dimension].saturatingSum(
                    terrain.instances[member].demand[dimension])
            }
            if largest[dimension] > 0 {
                width = max(width, Double(demand[dimension]) / largest[dimension])
            }
        }
        let first = members.first.flatMap { terrain.instances[$0].home }
        let isWhole = members.allSatisfy { terrain.instances[$0].home == first }
        let isFree = members.allSatisfy {
            terrain.instances[$0].hold == nil && !(liberty.rests && terrain.rest(of: $0) != nil)
        }
        return Unit(
            members: members, home: isWhole ? first : nil, demand: demand,
            width: width,
            cost: members.reduce(0) { $0.saturatingSum(terrain.cost(of: $1, liberty)) },
            isMovable: isWhole && isFree)
    }

    /// Layouts with fewer occupied hosts than now, best first; empty when none was found.
    mutating func candidates(atLeast lower: Int, seed: UInt64) -> [Layout] {
        let before = start.occupiedHosts(terrain)
        guard before > lower else { return [] }
        var found: [Candidate] = []
        var best: Candidate?
        func note(_ layout: Layout) {
            let candidate = judged(layout)
            guard candidate.hosts < before else { return }
            if best.map({ candidate.isBetter(than: $0) }) ?? true { best = candidate }
            found.append(candidate)
        }
        for construction in Construction.all(seed: seed) where checksLeft > 0 {
            note(emptied(by: construction))
        }
        for repacking in Repacking.all where checksLeft > 0 {
            var fewest = best?.hosts ?? before
            while fewest > max(lower, 1), checksLeft > 0,
                let layout = repacked(onto: fewest - 1, by: repacking)
            {
                note(layout)
                fewest = min(fewest - 1, best?.hosts ?? before)
            }
        }
        let squeezed = ejected(from: best?.layout ?? start)
        note(squeezed)
        while let fewest = best?.hosts ?? Optional(before), fewest > max(lower, 1),
            let layout = exhausted(onto: fewest - 1)
        {
            note(layout)
        }
        for layout in chained(from: best?.layout ?? start, atLeast: lower, seed: seed) {
            note(layout)
        }
        if let best { note(polished(best).layout) }
        // Equal candidates keep the order in which they were found.
        let ranked = found.enumerated().sorted {
            $0.element.isBetter(than: $1.element)
                || (!$1.element.isBetter(than: $0.element) && $0.offset < $1.offset)
        }
        return ranked.map(\.element.layout)
    }

    func judged(_ layout: Layout) -> Candidate {
        Candidate(
            layout: layout, hosts: layout.occupiedHosts(terrain),
            cost: terrain.cost(of: layout, liberty),
            dislikes: terrain.instances.indices.reduce(0) { sum, instance in
                sum + (layout.host(of: instance).map { terrain.dislikes(of: instance, $0) } ?? 0)
            })
    }

    /// What the first host that could be lost before, and cannot in `layout`, would lack.
    func shortOfReserve(_ layout: Layout) -> Resources? {
        guard liberty.keepsReserve, reserve.hosts > 0 else { return nil }
        let breaches = reserve.breaches(in: layout, powered: .occupied)
        let new = breaches.keys.filter { !breachedBefore.contains($0) }.min()
        return new.flatMap { breaches[$0] }
    }

    /// Whether `unit` may go to `host`; counts against the budget.
    mutating func fits(_ unit: Unit, on host: Int, in layout: Layout) -> Bool {
        checksLeft -= 1
        for (dimension, amount) in unit.demand.enumerated() where amount > 0 {
            if layout.load(host, dimension) + UInt128(amount)
                > UInt128(terrain.hosts[host].ceiling[dimension])
            {
                return false
            }
        }
        return terrain.refusal(of: unit.members, on: host, in: layout, liberty) == nil
    }

    func move(_ unit: Unit, to host: Int, in layout: inout Layout) {
        for member in unit.members where layout.host(of: member) != host {
            layout.move(member, to: host, terrain)
        }
    }

    func host(of unit: Unit, in layout: Layout) -> Int? {
        unit.members.first.flatMap { layout.host(of: $0) }
    }

    /// Units that are on `host`, each once, in ascending order.
    func units(on host: Int, in layout: Layout) -> [Int] {
        var found: [Int] = []
        for unit in layout.occupants[host].compactMap({ unitOf[$0] }).sorted()
        where unit != found.last {
            found.append(unit)
        }
        return found
    }
}
