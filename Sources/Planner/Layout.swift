import ClusterModel

/// Where every instance is at one point of a search or of a plan, with the sums that fit is judged
/// by.
struct Layout: Sendable {
    private let width: Int
    private var hostOf: [Int?]
    private var loads: [UInt128]
    /// Sums bucket by bucket, where demand is joint.
    private(set) var jointSums: JointSums
    private(set) var occupants: [[Int]]
    /// Instances of each spread workload in each of its domains.
    private var inDomain: [[Int]]

    /// Everything at home.
    init(_ terrain: Terrain) {
        width = terrain.dimensions.count
        hostOf = terrain.instances.map { _ in nil }
        loads = Array(repeating: 0, count: terrain.hosts.count * terrain.dimensions.count)
        jointSums = JointSums(terrain.joint, hosts: terrain.hosts.count)
        occupants = terrain.hosts.map { _ in [] }
        inDomain = terrain.rulebook.spreads.map { $0.values.map { _ in 0 } }
        for (instance, facts) in terrain.instances.enumerated() {
            if let home = facts.home { put(instance, on: home, terrain) }
        }
        for (host, ghosts) in terrain.ghosts.enumerated() {
            for ghost in ghosts {
                add(ghost, to: host, terrain)
                if !holds(ghost, inDomainOf: host, before: host, terrain) {
                    count(ghost, on: host, by: 1, terrain)
                }
            }
        }
    }

    func host(of instance: Int) -> Int? { hostOf[instance] }

    func load(_ host: Int, _ dimension: Int) -> UInt128 { loads[host * width + dimension] }

    func loads(of host: Int) -> [UInt128] { Array(loads[(host * width)..<(host * width + width)]) }

    /// Instances of spread `spread` in `domain`, each counted once for each domain it takes room
    /// in.
    func instances(of spread: Int, in domain: Int) -> Int { inDomain[spread][domain] }

    /// Takes `instance` off its host.
    mutating func lift(_ instance: Int, _ terrain: Terrain) {
        guard let host = hostOf[instance] else { return }
        hostOf[instance] = nil
        if let place = occupants[host].firstIndex(of: instance) {
            occupants[host].remove(at: place)
        }
        let demand = terrain.instances[instance].demand
        for dimension in 0..<width {
            loads[host * width + dimension] -= UInt128(demand[dimension])
        }
        if let joint = terrain.joint { jointSums.subtract(instance, from: host, joint) }
        count(instance, on: host, by: -1, terrain)
    }

    /// Puts `instance`, which is on no host, on `host`; whether it may be there is the caller's
    /// question.
    mutating func put(_ instance: Int, on host: Int, _ terrain: Terrain) {
        precondition(hostOf[instance] == nil, "instance \(instance) is put on a second host")
        hostOf[instance] = host
        occupants[host].append(instance)
        add(instance, to: host, terrain)
        count(instance, on: host, by: 1, terrain)
    }

    mutating func move(_ instance: Int, to host: Int, _ terrain: Terrain) {
        lift(instance, terrain)
        put(instance, on: host, terrain)
    }

    private mutating func add(_ instance: Int, to host: Int, _ terrain: Terrain) {
        let demand = terrain.instances[instance].demand
        for dimension in 0..<width {
            loads[host * width + dimension] += UInt128(demand[dimension])
        }
        if let joint = terrain.joint { jointSums.add(instance, to: host, joint) }
    }

    private mutating func count(_ instance: Int, on host: Int, by step: Int, _ terrain: Terrain) {
        let workload = terrain.instances[instance].workload
        guard let spread = terrain.rulebook.spreadOf[workload] else { return }
        let domain = terrain.rulebook.spreads[spread].domainOf[host]
        inDomain[spread][domain] += step
    }

    /// Whether the instance behind a ghost on `host` was already counted in the domain of that
    /// host.
    private func holds(
        _ ghost: Int, inDomainOf host: Int, before end: Int, _ terrain: Terrain
    ) -> Bool {
        guard let spread = terrain.rulebook.spreadOf[terrain.instances[ghost].workload] else {
            return true
        }
        let domainOf = terrain.rulebook.spreads[spread].domainOf
        if let home = hostOf[ghost], domainOf[home] == domainOf[host] { return true }
        return (0..<end).contains {
            domainOf[$0] == domainOf[host] && terrain.ghosts[$0].contains(ghost)
        }
    }

    /// Whether `host` holds an instance or is about to.
    func isOccupied(_ host: Int, _ terrain: Terrain) -> Bool {
        !occupants[host].isEmpty || !terrain.ghosts[host].isEmpty
    }

    /// Number of hosts that hold instances or are about to.
    func occupiedHosts(_ terrain: Terrain) -> Int {
        occupants.indices.count { isOccupied($0, terrain) }
    }
}
