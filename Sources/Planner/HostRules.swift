import ClusterModel

/// The rules of a cluster for a search that knows only units and bins: which kinds of host a unit
/// may go to is worked out once, and who may be together is asked of `Terrain`, only for units that
/// some rule binds to others.
struct HostRules: EjectionRules {
    private let search: PackSearch
    private let units: [Int]
    /// The host of each bin.
    private(set) var hosts: [Int]
    /// Kinds of host that each class of units may go to.
    private let reach: [[Bool]]
    private let reachOf: [Int]
    private let bonds: [PackSearch.Bond]
    /// Kept only while rules bind some unit to others.
    private var layout: Layout?
    private let worths: [Float?]

    private struct Asks: Hashable {
        let hostClass: Int
        let moveClass: Int
        let home: Int
    }

    /// - Parameters:
    ///   - units: the unit of each item.
    ///   - hosts: the host of each bin.
    ///   - layout: what is on hosts, without `units`.
    ///   - worths: what it is worth to keep each host.
    init(
        _ search: PackSearch, units: [Int], hosts: [Int], layout: Layout, worths: [Float?]
    ) {
        self.search = search
        self.units = units
        self.hosts = hosts
        self.worths = worths
        let terrain = search.terrain
        var known: [[Asks]: Int] = [:]
        var reach: [[Bool]] = []
        reachOf = units.map { unit in
            let asks = search.units[unit].members.map { member in
                let facts = terrain.instances[member]
                return Asks(
                    hostClass: terrain.rulebook.hostClass(ofWorkload: facts.workload),
                    moveClass: terrain.rulebook.moveClass(ofWorkload: facts.workload),
                    home: facts.home.map { terrain.rulebook.kinds.of[$0] } ?? -1)
            }
            if let known = known[asks] { return known }
            known[asks] = reach.count
            reach.append(
                terrain.rulebook.kinds.members.indices.map { kind in
                    search.units[unit].members.allSatisfy {
                        terrain.isOpen(kind: kind, to: $0, search.liberty)
                    }
                })
            return reach.count - 1
        }
        self.reach = reach
        let bonds = units.map { search.bond(of: $0) }
        self.bonds = bonds
        self.layout = bonds.contains { $0 != .none } ? layout : nil
    }

    mutating func admits(_ item: Int, to bin: Int, except: Ejected) -> Bool {
        let host = hosts[bin]
        let unit = search.units[units[item]]
        let isHome = unit.home == host
        guard isHome || reach[reachOf[item]][search.terrain.rulebook.kinds.of[host]] else {
            return false
        }
        guard !isHome || mayReturn(unit, to: host) else { return false }
        guard bonds[item] != .none, var current = layout.take() else { return true }
        defer { layout = current }
        let gone = [except.one, except.other].filter { $0 >= 0 }
            .flatMap { search.units[units[$0]].members }
        let terrain = search.terrain
        if bonds[item] == .foes {
            return unit.members.allSatisfy {
                terrain.foe(of: $0, among: unit.members, on: host, in: current, but: gone) == nil
            }
        }
        for member in gone { current.lift(member, terrain) }
        let freedom = isHome ? search.staying : search.liberty
        let refusal = terrain.refusal(of: unit.members, on: host, in: current, freedom)
        for member in gone { current.put(member, on: host, terrain) }
        return refusal == nil
    }

    /// Whether what rules ask of a host by itself holds at home.
    private func mayReturn(_ unit: PackSearch.Unit, to home: Int) -> Bool {
        unit.members.allSatisfy {
            search.terrain.rulebook.misfit(
                ofWorkload: search.terrain.instances[$0].workload, on: home) == nil
        }
    }

    func isHome(_ bin: Int, of item: Int) -> Bool {
        search.units[units[item]].home == hosts[bin]
    }

    mutating func put(_ item: Int, in bin: Int) {
        guard layout != nil else { return }
        for member in search.units[units[item]].members {
            layout?.put(member, on: hosts[bin], search.terrain)
        }
    }

    mutating func take(_ item: Int, from bin: Int) {
        guard layout != nil else { return }
        for member in search.units[units[item]].members { layout?.lift(member, search.terrain) }
    }

    func worth(of bin: Int) -> Float? { worths[hosts[bin]] }

    mutating func swap(_ bin: Int, _ other: Int) { hosts.swapAt(bin, other) }
}

extension PackSearch {
    /// How rules bind a unit to others than its own members, which come along.
    enum Bond: Hashable, Sendable {
        case none
        /// By some with which it cannot share a host.
        case foes
        /// By what only a look at the host with everything on it tells: places in a failure domain, hosts where it did
        /// worse, or what is needed together.
        case host
    }

    func bond(of unit: Int) -> Bond {
        let members = units[unit].members
        let workloads = members.map { terrain.instances[$0].workload }
        let isBoundByHosts =
            terrain.joint != nil
            || workloads.contains { terrain.rulebook.spreadOf[$0] != nil }
            || members.contains { !terrain.snapshot.instances[$0].undone.isEmpty }
        if isBoundByHosts { return .host }
        return workloads.allSatisfy { terrain.rulebook.conflicts[$0].isEmpty } ? .none : .foes
    }

    /// Staying is no move, so nothing of what forbids one matters.
    var staying: Liberty {
        var staying = liberty
        staying.rests = false
        return staying
    }
}
