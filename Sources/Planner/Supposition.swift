import ClusterModel

/// Whether a host can have an instance if some things are otherwise, and what still refuses it.
///
/// It judges as `Terrain.refusal` does, rule for rule and in the same order, but of one host, and
/// with every fact that a change can touch taken from here; with nothing supposed the two agree,
/// which a law tests. A terrain for each change would cost the size of the cluster.
struct Supposition {
    let terrain: Terrain
    let liberty: Liberty
    let subject: Int
    let host: Int
    /// Whether the question is if the instance may be where it is.
    let isAtHome: Bool
    var layout: Layout
    /// The host as supposed.
    var place: Host
    /// Rules and accepted modes of workloads that are supposed to be others.
    var rules: [Int: Rules] = [:]
    var preferences: [Int: MovePreference] = [:]
    /// Instances whose step under way is over, and those that run.
    var settled = Set<Int>()
    var running = Set<Int>()
    /// Hosts that report.
    var reporting = Set<Int>()
    var ceiling: [UInt64]
    /// What the instance counts for.
    var demand: [UInt64]
    /// When it is, and how long instances rest.
    var now: Instant
    var rest: Duration
    /// Whether labels of the host are others, so that failure domains are.
    var isRelabelled = false
    var isCapable = false
    /// Instances for which plans under way hold room on the host.
    private let reserved: [Int]

    init(
        _ terrain: Terrain, _ liberty: Liberty, _ subject: Int, on host: Int, in layout: Layout
    ) {
        self.terrain = terrain
        self.liberty = liberty
        self.subject = subject
        self.host = host
        isAtHome = host == terrain.instances[subject].home
        var layout = layout
        if isAtHome { layout.lift(subject, terrain) }
        self.layout = layout
        place = terrain.hosts[host].host
        ceiling = terrain.hosts[host].ceiling
        demand = terrain.instances[subject].demand
        now = terrain.snapshot.takenAt
        rest = terrain.policy.rest
        let isAtHome = isAtHome
        reserved = Set(
            terrain.snapshot.reservations.filter { $0.host == terrain.id(ofHost: host) }
                .compactMap { terrain.instance($0.instance) }
        ).filter { !isAtHome || $0 != subject }.sorted()
    }

    // MARK: Who comes

    var group: [Int] {
        terrain.comers(
            with: subject, in: layout, placing: terrain.waitingCompanions(of: subject))
    }

    /// A companion that cannot come along, though the instance itself can move.
    var heldBack: Int? {
        guard !isAtHome, hold(subject) == nil else { return nil }
        return group.first {
            hold($0) != nil && terrain.instances[$0].home != nil && layout.host(of: $0) != host
        }
    }

    private var members: [Int] { isAtHome || heldBack != nil ? [subject] : group }

    /// Those that are judged: the instance, and what has to come with it.
    var coming: [Int] { members.filter { layout.host(of: $0) != host } }

    // MARK: Facts

    func rules(of instance: Int) -> Rules {
        let workload = terrain.instances[instance].workload
        return rules[workload] ?? terrain.rulebook.workloads[workload].rules
    }

    func preference(for instance: Int) -> MovePreference {
        let workload = terrain.instances[instance].workload
        return preferences[workload] ?? terrain.rulebook.workloads[workload].move
    }

    func demand(of instance: Int) -> [UInt64] {
        instance == subject ? demand : terrain.instances[instance].demand
    }

    func isUnderway(_ instance: Int) -> Bool {
        terrain.instances[instance].hold == .underway && !settled.contains(instance)
    }

    /// Whether its host hears what it is told about the instance.
    func isReached(_ instance: Int) -> Bool {
        guard let home = terrain.instances[instance].home else { return false }
        return terrain.hosts[home].reports || reporting.contains(home)
    }

    func isRunning(_ instance: Int) -> Bool {
        let state = terrain.view(of: instance).instance
        guard !running.contains(instance) else { return true }
        switch state.observed {
        case .running, .unhealthy: return state.desired == .running
        case .pending, .starting, .stopped, .failed, .unknown, .held: return false
        }
    }

    private func hold(_ instance: Int) -> MoveRefusal? {
        if isUnderway(instance) { return .underway }
        return isReached(instance) && isRunning(instance) ? nil : .notRunning
    }

    /// In which modes it can come here, and which its spec accepts.
    func modes(
        of instance: Int, from home: Int
    ) -> (possible: [MoveMode], accepted: [MoveMode]) {
        let feasible =
            isCapable
            ? MoveMode.possible(
                for: terrain.workload(of: instance), from: terrain.hosts[home].host, to: place,
                terrain.snapshot.refusals)
            : terrain.feasibleModes(of: instance, from: home, to: host)
        return (
            terrain.ending(feasible, of: instance, from: home, to: host),
            terrain.acceptedModes(
                by: preference(for: instance), among: feasible, of: instance, from: home, to: host)
        )
    }

    /// Room on the host that plans under way hold for instances that are not there.
    var ghosts: [Int] {
        reserved.filter { !settled.contains($0) && layout.host(of: $0) != host }
    }

    private func load(_ dimension: Int) -> UInt128 {
        func sum(_ ghosts: [Int]) -> UInt128 {
            ghosts.reduce(0) { $0 + UInt128(terrain.instances[$1].demand[dimension]) }
        }
        // The layout knows those that were there before.
        return layout.load(host, dimension) - sum(terrain.ghosts[host]) + sum(ghosts)
    }

    // MARK: Rules

    /// The first rule that refuses, but for the reserve.
    var misfit: Misfit? {
        let coming = coming
        if let misfit = lasting(coming) { return misfit }
        let isAlone = isAtHome || heldBack != nil || terrain.instances[subject].home == nil
        let stranded = isAlone ? strandedCompanion : nil
        if let stranded, !coming.isEmpty { return .together(with: terrain.id(of: stranded)) }
        for member in coming {
            if let foe = foes(of: member).min() { return .apart(from: terrain.id(of: foe)) }
        }
        if let crowd = crowd(coming) { return .spread(domain: crowd.domain, over: crowd.share) }
        for (dimension, short) in shortages(of: coming) {
            return terrain.dimensions[dimension].misfit(short: UInt64(clamping: short))
        }
        for member in coming {
            if let until = rest(of: member) { return .resting(until: until) }
            if let until = undone(member) { return .undone(until: until) }
        }
        return heldBack.map { .together(with: terrain.id(of: $0)) }
    }

    private func lasting(_ coming: [Int]) -> Misfit? {
        guard place.state == .ready else { return .hostState(place.state) }
        for member in coming { if let misfit = hostMisfit(of: member) { return misfit } }
        for member in coming {
            guard let home = terrain.instances[member].home else { continue }
            let needed = terrain.hosts[home].host.capacity.architecture
            guard needed == place.capacity.architecture else {
                return .architecture(needed: needed, found: place.capacity.architecture)
            }
        }
        for member in coming {
            if let refusal = moveRefusal(of: member) { return .move(refusal) }
            if let bound = terrain.instances[member].bound, bound != host {
                return .files(on: terrain.id(ofHost: bound))
            }
        }
        return nil
    }

    /// What driver, taints and labels say.
    func hostMisfit(of member: Int) -> Misfit? {
        Rulebook.misfit(of: terrain.workload(of: member).kind, rules(of: member), on: place)
    }

    func moveRefusal(of member: Int) -> MoveRefusal? {
        if isUnderway(member) { return .underway }
        guard let home = terrain.instances[member].home, home != host else { return nil }
        if let hold = hold(member) { return hold }
        let (possible, accepted) = modes(of: member, from: home)
        guard !possible.contains(where: accepted.contains) else { return nil }
        return terrain.refusal(
            allowed: accepted, possible: possible, of: terrain.workload(of: member),
            from: terrain.hosts[home].host, to: place)
    }

    /// The first instance that has to be with this one, does not come along and is elsewhere.
    var strandedCompanion: Int? {
        terrain.groups[terrain.instances[subject].group].first {
            $0 != subject && layout.host(of: $0).map { $0 != host } ?? false
        }
    }

    /// Instances on the host, or coming along, that may not share it with `member`.
    func foes(of member: Int) -> [Int] {
        let conflicts = terrain.rulebook.conflicts[terrain.instances[member].workload]
        guard !conflicts.isEmpty else { return [] }
        let there = Set(layout.occupants[host]).union(ghosts).union(members)
        return there.sorted().filter { other in
            other != member && conflicts.contains(terrain.instances[other].workload)
                && (refuses(member, other) || refuses(other, member))
        }
    }

    /// Whether the rule of `one` keeps `other` away.
    func refuses(_ one: Int, _ other: Int) -> Bool {
        terrain.workload(of: other).labels.matches(rules(of: one).apart)
    }

    /// When the rest of `member` ends, if it binds.
    func rest(of member: Int) -> Instant? {
        guard liberty.rests, let moved = terrain.view(of: member).instance.movedAt else {
            return nil
        }
        let until = moved.advanced(by: rest)
        return until > now ? until : nil
    }

    /// Until when `member` is not brought back to the host, where it did worse, if that binds.
    private func undone(_ member: Int) -> Instant? {
        guard liberty.rests, let until = terrain.view(of: member).undone[place.id], until > now
        else { return nil }
        return until
    }

    /// What each resource is short of, in the order of resources.
    func shortages(of coming: [Int]) -> [(dimension: Int, short: UInt128)] {
        terrain.dimensions.indices.compactMap { dimension in
            let wanted = coming.reduce(UInt128(0)) { $0 + UInt128(demand(of: $1)[dimension]) }
            guard wanted > 0 else { return nil }
            let (needed, room) = (load(dimension) + wanted, UInt128(ceiling[dimension]))
            return needed > room ? (dimension, needed - room) : nil
        }
    }
}
