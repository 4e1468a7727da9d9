import ClusterModel

/// A snapshot in dense numbers: hosts, instances, resources and rules have an index in the order of
/// their ids.
///
/// It is made once for each plan. Nothing in it changes while a plan is searched; what changes is a
/// `Layout`.
struct Terrain: Sendable {
    let policy: Policy
    let snapshot: Snapshot
    /// The resources that any host or instance has, in the order in which a shortage is named.
    private(set) var dimensions: [Dimension]
    private(set) var hosts: [HostFacts]
    private(set) var instances: [InstanceFacts]
    /// The largest ceiling in each dimension.
    private(set) var largest: [UInt64]
    let rulebook: Rulebook
    private let moves: MoveTable?
    /// Instances that must share a host, each group in ascending order; most have one member.
    let groups: [[Int]]
    /// What instances count for bucket by bucket; `nil` where demand is not joint.
    let joint: JointTable?
    /// Instances that plans under way bring to a host or have not yet taken from it, for each host.
    let ghosts: [[Int]]

    /// A host as the search sees it.
    struct HostFacts: Sendable {
        let host: Host
        /// What packing may fill, one amount a dimension.
        fileprivate(set) var ceiling: [UInt64]
        fileprivate(set) var allocatable: [UInt64]
        /// Whether it is ready, so that instances may be placed on it.
        let takes: Bool
        /// Whether its agent reports, so that instances can leave it.
        let reports: Bool
    }

    /// An instance as the search sees it; small, because it is copied wherever it is looked at.
    struct InstanceFacts: Sendable {
        /// Whether it is to run.
        let isWanted: Bool
        fileprivate(set) var demand: [UInt64]
        /// Index of its workload in the rulebook.
        let workload: Int
        let group: Int
        /// The host it takes room on before the plan; `nil` for one that waits for a host.
        var home: Int?
        /// The only host it may start on, because its files are there; `nil` for most.
        let bound: Int?
        /// Why it cannot be moved at all, whatever the target.
        var hold: MoveRefusal?
        let restsUntil: Instant?
        /// About how large it is: `Terrain.tier(of:_:)`.
        let tier: Int
        /// Whether its live move was measured to be a race; what comes of it depends on the two hosts.
        let races: Bool
    }

    /// The instance with all that is known of it.
    func view(of instance: Int) -> Snapshot.InstanceView { snapshot.instances[instance] }

    init(_ snapshot: Snapshot, policy: Policy) {
        self.policy = policy
        self.snapshot = snapshot
        let joint = JointTable(snapshot, policy)
        self.joint = joint
        let demands = snapshot.instances.map { snapshot.demand(of: $0, under: policy.demand) }
        let dimensions = Dimension.all(
            in: snapshot.hosts.map(\.host.capacity.allocatable) + demands)
        self.dimensions = dimensions
        hosts = snapshot.hosts.map { view in
            let allocatable = view.host.capacity.allocatable
            return HostFacts(
                host: view.host,
                ceiling: dimensions.map { $0.amount(in: policy.ceiling(of: allocatable)) },
                allocatable: dimensions.map { $0.amount(in: allocatable) },
                takes: view.host.state == .ready,
                reports: view.host.state == .ready || view.host.state == .draining)
        }
        largest = Self.largest(hosts, dimensions.count)
        let rulebook = Rulebook(snapshot)
        self.rulebook = rulebook
        moves = MoveTable(rulebook, snapshot)
        let groupOf = rulebook.groups(of: snapshot)
        groups = groupOf.members
        let indexOfHost = Self.index(snapshot.hosts.map(\.id))
        let underway = Set(snapshot.reservations.map(\.instance))
        let (hosts, largest) = (hosts, largest)
        instances = snapshot.instances.enumerated().map { index, view in
            let place = view.host.flatMap { indexOfHost[$0] }
            let home = view.isPresent ? place : nil
            let demand = dimensions.map { $0.amount(in: demands[index]) }
            return InstanceFacts(
                isWanted: view.instance.desired == .running || view.isDisplaced, demand: demand,
                workload: rulebook.workloadOf[index], group: groupOf.group[index], home: home,
                bound: view.isDisplaced ? place : nil,
                hold: Self.hold(
                    view, underway: underway.contains(view.id),
                    reports: home.map { hosts[$0].reports } ?? false),
                restsUntil: view.instance.movedAt.map { $0.advanced(by: policy.rest) },
                tier: Self.tier(of: demand, largest), races: view.isStreamedByMeasure)
        }
        ghosts = Self.ghosts(snapshot, indexOfHost, instances)
    }

    private static func largest(_ hosts: [HostFacts], _ width: Int) -> [UInt64] {
        (0..<width).map { dimension in hosts.reduce(0) { max($0, $1.ceiling[dimension]) } }
    }

    private static func index<Entity>(_ ids: [ID<Entity>]) -> [ID<Entity>: Int] {
        var index: [ID<Entity>: Int] = [:]
        for (position, id) in ids.enumerated() { index[id] = position }
        return index
    }

    private static func hold(
        _ view: Snapshot.InstanceView, underway: Bool, reports: Bool
    ) -> MoveRefusal? {
        if underway { return .underway }
        guard reports, view.instance.desired == .running else { return .notRunning }
        switch view.instance.observed {
        case .running, .unhealthy: return nil
        case .pending, .starting, .stopped, .failed, .unknown, .held: return .notRunning
        }
    }

    private static func ghosts(
        _ snapshot: Snapshot, _ indexOfHost: [HostID: Int], _ instances: [InstanceFacts]
    ) -> [[Int]] {
        guard !snapshot.reservations.isEmpty else { return snapshot.hosts.map { _ in [] } }
        let indexOfInstance = index(snapshot.instances.map(\.id))
        var ghosts = Array(repeating: Set<Int>(), count: snapshot.hosts.count)
        for reservation in snapshot.reservations {
            guard let host = indexOfHost[reservation.host],
                let instance = indexOfInstance[reservation.instance],
                instances[instance].home != host
            else { continue }
            ghosts[host].insert(instance)
        }
        return ghosts.map { $0.sorted() }
    }

    /// The terrain after a plan was carried out that led to `layout`.
    func settled(in layout: Layout) -> Terrain {
        var terrain = self
        for index in instances.indices where instances[index].home != layout.host(of: index) {
            terrain.instances[index].home = layout.host(of: index)
        }
        return terrain
    }

    /// Adds a resource of which hosts give as much as of processor time up to their ceilings, and without limit to
    /// those that restart after a loss.
    mutating func add(_ dimension: Dimension, demands: [UInt64]) {
        dimensions.append(dimension)
        for host in hosts.indices {
            hosts[host].ceiling.append(hosts[host].ceiling[0])
            hosts[host].allocatable.append(.max)
        }
        for instance in instances.indices { instances[instance].demand.append(demands[instance]) }
        largest = Self.largest(hosts, dimensions.count)
    }

    /// The terrain in which hosts have less to give by what was last measured on them and no demand
    /// explains; `source` is judged by itself.
    ///
    /// Else a hot host would be relieved onto another that is as hot.
    func heedingUse(except source: Int? = nil) -> Terrain {
        let layout = Layout(self)
        var terrain = self
        for host in hosts.indices where host != source {
            let measured = UInt128(snapshot.hosts[host].use.last?.cpu.mean ?? 0)
            let counted = counted(0, on: host, in: layout)
            guard measured > counted else { continue }
            let ceiling = hosts[host].ceiling[0]
            let unexplained = UInt64(clamping: measured - counted)
            terrain.hosts[host].ceiling[0] = ceiling - min(ceiling, unexplained)
        }
        terrain.largest = Self.largest(terrain.hosts, dimensions.count)
        return terrain
    }

    /// Whether `host` gives so much that rest is no reason to leave it alone.
    func isAboveHardLimit(_ host: Int) -> Bool {
        let facts = hosts[host]
        let measured = snapshot.hosts[host].use.last?.cpu.mean ?? 0
        let allocatable = facts.host.capacity.allocatable
        if CPU(millicores: measured) > allocatable.cpu.scaled(by: policy.hardCPU) { return true }
        let layout = Layout(self)
        return dimensions.indices.contains { dimension in
            layout.load(host, dimension) > UInt128(facts.allocatable[dimension])
                && dimension > 0
        }
    }

    func host(_ id: HostID) -> Int? {
        let index = hosts.count.partitioned { snapshot.hosts[$0].host.id >= id }
        return index < hosts.count && snapshot.hosts[index].host.id == id ? index : nil
    }

    func instance(_ id: InstanceID) -> Int? {
        let index = instances.count.partitioned { snapshot.instances[$0].instance.id >= id }
        return index < instances.count && snapshot.instances[index].instance.id == id ? index : nil
    }

    /// The modes in which `instance` can go from one host to another, least interruption first.
    func possibleModes(of instance: Int, from source: Int, to target: Int) -> [MoveMode] {
        ending(
            feasibleModes(of: instance, from: source, to: target), of: instance, from: source,
            to: target)
    }

    /// The same, but whether a live move would end is not asked.
    func feasibleModes(of instance: Int, from source: Int, to target: Int) -> [MoveMode] {
        guard source != target else { return [] }
        let kinds = rulebook.kinds.of
        return moves?.possible(
            instances[instance].workload, from: kinds[source], to: kinds[target])
            ?? MoveMode.possible(
                for: workload(of: instance), from: hosts[source].host, to: hosts[target].host,
                snapshot.refusals)
    }

    /// What `preference` accepts of `instance`, whose feasible modes are `modes`: where a live move of it would never end,
    /// a spec says by itself whether another is to be instead.
    func acceptedModes(
        by preference: MovePreference, among modes: [MoveMode], of instance: Int,
        from source: Int, to target: Int
    ) -> [MoveMode] {
        guard !preference.converge.contains(.restart), instances[instance].races,
            modes.first == .live
        else { return preference.allow }
        return preference.accepted(
            endless: endless(instance, from: source, to: target) != nil)
    }

    /// Those of `modes` that come to an end.
    func ending(
        _ modes: [MoveMode], of instance: Int, from source: Int, to target: Int
    ) -> [MoveMode] {
        guard instances[instance].races, modes.first == .live,
            endless(instance, from: source, to: target) != nil
        else { return modes }
        return Array(modes.dropFirst())
    }

    /// Why a live move of `instance` would not come to an end, in numbers.
    func endless(_ instance: Int, from source: Int, to target: Int) -> MoveForecast.Endless? {
        snapshot.endless(
            view(of: instance), from: id(ofHost: source), to: id(ofHost: target),
            ceiling: policy.movesBandwidth)
    }

    func id(ofHost host: Int) -> HostID { hosts[host].host.id }

    func id(of instance: Int) -> InstanceID { snapshot.instances[instance].instance.id }

    func workload(of instance: Int) -> Workload { snapshot.instances[instance].workload }

    /// Members of the group of `instance` that take room somewhere.
    func companions(of instance: Int) -> [Int] {
        groups[instances[instance].group].filter { instances[$0].home != nil }
    }
}

extension Int {
    /// The first index below this count from which on every index `belongs`.
    func partitioned(_ belongs: (Int) -> Bool) -> Int {
        var (low, high) = (0, self)
        while low < high {
            let middle = low + (high - low) / 2
            if belongs(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
