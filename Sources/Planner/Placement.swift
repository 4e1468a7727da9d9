import ClusterModel

/// Finds hosts for new instances one group after the other.
struct Placement: Sendable {
    let terrain: Terrain
    let hosts: [Int]
    private(set) var layout: Layout
    /// Hosts that fit but would leave too little reserve, for each instance that was refused for
    /// it.
    private(set) var reserveRefusals: [Int: [Int: Resources]] = [:]
    private var index: RoomIndex
    private var levels: [Asks: [Level]] = [:]
    private var watch: ReserveWatch
    private var refused = RefusedShapes()

    /// What decides which shelves are looked at, and in which order.
    private struct Asks: Hashable {
        let hostClass: Int
        let prefer: Labels
    }

    /// Shelves whose hosts lack equally many of the preferred labels.
    private struct Level: Sendable {
        let dislikes: Int
        var shelves: [Int]
    }

    init(_ terrain: Terrain, _ hosts: [Int]) {
        self.terrain = terrain
        self.hosts = hosts
        let layout = Layout(terrain)
        self.layout = layout
        index = RoomIndex(terrain, layout, hosts)
        watch = ReserveWatch(terrain, layout)
    }

    /// What could not be lost so far does not count against what is placed from now on.
    mutating func begin() {
        reserveRefusals = [:]
        watch.begin(layout)
    }

    /// Finds a host for `members`, which are on none, or leaves them where they are.
    mutating func place(_ members: [Int]) {
        guard let first = members.first else { return }
        let facts = terrain.instances[first]
        guard members.count == 1, terrain.groups[facts.group].count == 1, facts.bound == nil else {
            return placeByTrying(members)
        }
        guard terrain.instances[first].hold != .underway, let host = best(for: first) else {
            return
        }
        // An equal one was refused by the reserve, and nothing has been placed since.
        if let known = refused.refusals(of: first, terrain) {
            reserveRefusals[first] = known
            return
        }
        if !keeps(members, on: host) { placeByTrying(members) }
        if layout.host(of: first) == nil {
            refused.note(first, reserveRefusals[first] ?? [:], terrain)
        }
    }

    /// Takes `instances` off their hosts; what could not be lost then, may not be lost afterwards.
    mutating func displace(_ instances: [Int]) {
        for instance in instances { release(instance) }
        watch.begin(layout)
    }

    /// Puts `instances`, which were displaced from `host`, back there.
    mutating func restore(_ instances: [Int], on host: Int) {
        for instance in instances { layout.put(instance, on: host, terrain) }
        index.update(host, layout, terrain)
        _ = watch.filled(host, layout)
        watch.begin(layout)
        refused.forget()
    }

    /// Puts `members`, which are on no host, on `host`; whether the reserve allows it.
    mutating func put(_ members: [Int], on host: Int) -> Bool { keeps(members, on: host) }

    /// Puts `instance`, which was displaced, back or elsewhere, where it may be moved to.
    mutating func settle(_ instance: Int, home: Int) {
        if terrain.refusal(of: [instance], on: home, in: layout, .place) == nil,
            keeps([instance], on: home)
        {
            return
        }
        let choices = terrain.refuges(for: instance, in: layout)
        for host in choices.prefix(Limits.reserveTrials) where keeps([instance], on: host) {
            return
        }
    }

    /// Takes `instance` off the host that was found for it.
    mutating func release(_ instance: Int) {
        guard let host = layout.host(of: instance) else { return }
        layout.lift(instance, terrain)
        index.update(host, layout, terrain)
        watch.emptied(host, layout)
        refused.forget()
    }

    /// Every host that refuses `instance` as things are, with the first rule by which it does.
    func refusals(of instance: Int) -> [Rationale.Refusal] {
        let place = layout.host(of: instance)
        return hosts.compactMap { host in
            guard host != place else { return nil }
            let misfit =
                terrain.refusal(
                    ofGroupOf: instance, on: host, in: layout, .place, placing: [instance])
                ?? reserveRefusals[instance]?[host].map { .reserve(short: $0) }
            return misfit.map { Rationale.Refusal(host: terrain.id(ofHost: host), misfit: $0) }
        }
    }

    /// Looks at every host, and tries as many as the effort allows.
    private mutating func placeByTrying(_ members: [Int]) {
        let choices = terrain.choices(for: members, among: hosts, in: layout, .place)
        for host in choices.prefix(Limits.reserveTrials) where keeps(members, on: host) { return }
    }

    /// The first of `Terrain.choices` for `instance`, which has to be with no other.
    private mutating func best(for instance: Int) -> Int? {
        let facts = terrain.instances[instance]
        let isFree =
            terrain.rulebook.conflicts[facts.workload].isEmpty
            && terrain.rulebook.spreadOf[facts.workload] == nil
        let levels = levels(for: facts.workload)
        // Most instances; a closure that asks anything copies what it asks, for each of them.
        if isFree, terrain.joint == nil {
            for level in levels {
                let found = index.best(with: facts.demand, among: level.shelves) { _ in true }
                if let found { return found }
            }
            return nil
        }
        return host(for: instance, among: levels, isFree: isFree)
    }

    private func host(for instance: Int, among levels: [Level], isFree: Bool) -> Int? {
        let demand = terrain.instances[instance].demand
        let members = [instance]
        for level in levels {
            let found =
                isFree
                ? index.best(with: demand, among: level.shelves) {
                    terrain.fitsJointly(members, on: $0, in: layout)
                }
                : index.best(with: demand, among: level.shelves) {
                    terrain.refusal(of: members, on: $0, in: layout, .place) == nil
                }
            if let found { return found }
        }
        return nil
    }

    private mutating func levels(for workload: Int) -> [Level] {
        let asks = Asks(
            hostClass: terrain.rulebook.hostClass(ofWorkload: workload),
            prefer: terrain.rulebook.workloads[workload].rules.prefer)
        if let known = levels[asks] { return known }
        var found: [Int: Level] = [:]
        for (shelf, facts) in index.shelves.enumerated()
        where terrain.rulebook.misfit(ofWorkload: workload, onKind: facts.kind) == nil {
            guard let host = terrain.rulebook.kinds.members[facts.kind].first else { continue }
            let dislikes = terrain.dislikes(ofWorkload: workload, host)
            found[dislikes, default: Level(dislikes: dislikes, shelves: [])].shelves.append(shelf)
        }
        let made = found.values.sorted { $0.dislikes < $1.dislikes }
        levels[asks] = made
        return made
    }

    /// Puts `members` on `host`, unless too little room for the loss of a host would be left.
    private mutating func keeps(_ members: [Int], on host: Int) -> Bool {
        for member in members { layout.put(member, on: host, terrain) }
        if let short = watch.filled(host, layout) {
            for member in members {
                layout.lift(member, terrain)
                reserveRefusals[member, default: [:]][host] = short
            }
            watch.undo(host, layout)
            return false
        }
        index.update(host, layout, terrain)
        refused.forget()
        return true
    }
}
