import ClusterModel

/// What every instance counts for in every bucket, where the policy's demand is joint.
///
/// Four bytes a bucket: 1 152 for a day of an instance.
struct JointTable: Sendable {
    let rule: JointRule
    let buckets: Int
    let allowed: Int
    /// Buckets of one instance after those of the one before.
    private let amounts: [UInt32]

    /// `nil` unless `policy` adds instances up.
    init?(_ snapshot: Snapshot, _ policy: Policy) {
        guard case .joint(let rule) = policy.demand else { return nil }
        self.rule = rule
        buckets = rule.buckets
        allowed = rule.allowed
        var amounts: [UInt32] = []
        amounts.reserveCapacity(snapshot.instances.count * rule.buckets)
        for view in snapshot.instances { amounts += snapshot.amounts(of: view, under: rule) }
        self.amounts = amounts
    }

    subscript(instance: Int, bucket: Int) -> UInt64 { UInt64(amounts[instance * buckets + bucket]) }

    /// Adds `instance` to the sums that begin at `start`.
    func add(_ instance: Int, to sums: inout [UInt64], at start: Int) {
        let own = instance * buckets
        for bucket in 0..<buckets { sums[start + bucket] += UInt64(amounts[own + bucket]) }
    }

    func subtract(_ instance: Int, from sums: inout [UInt64], at start: Int) {
        let own = instance * buckets
        for bucket in 0..<buckets { sums[start + bucket] -= UInt64(amounts[own + bucket]) }
    }

    /// Whether `sums` pass `ceiling` in no more buckets than they may.
    func fits(_ sums: [UInt64], below ceiling: UInt64) -> Bool {
        var above = 0
        for sum in sums where sum > ceiling { above += 1 }
        return above <= allowed
    }
}

/// The sums of every host, one a bucket; empty where demand is not joint.
struct JointSums: Sendable {
    private let buckets: Int
    private var sums: [UInt64]

    init(_ table: JointTable?, hosts: Int) {
        buckets = table?.buckets ?? 0
        sums = Array(repeating: 0, count: hosts * buckets)
    }

    subscript(host: Int) -> ArraySlice<UInt64> {
        sums[(host * buckets)..<((host + 1) * buckets)]
    }

    mutating func add(_ instance: Int, to host: Int, _ table: JointTable) {
        table.add(instance, to: &sums, at: host * buckets)
    }

    mutating func subtract(_ instance: Int, from host: Int, _ table: JointTable) {
        table.subtract(instance, from: &sums, at: host * buckets)
    }
}

extension Terrain {
    /// What the instances on `host` and `coming` need of its processors together.
    func jointNeed(
        of host: Int, with coming: [Int] = [], without leaving: Int? = nil, in layout: Layout,
        _ joint: JointTable
    ) -> UInt64 {
        var sums = Array(layout.jointSums[host])
        for member in coming { joint.add(member, to: &sums, at: 0) }
        if let leaving { joint.subtract(leaving, from: &sums, at: 0) }
        return joint.rule.need(of: sums)
    }

    /// Whether `host` has processor time for `coming` beside what is there.
    func fitsJointly(_ coming: [Int], on host: Int, in layout: Layout) -> Bool {
        guard let joint, !coming.isEmpty else { return true }
        let ceiling = hosts[host].ceiling[0]
        var above = 0
        for (bucket, sum) in layout.jointSums[host].enumerated() {
            var sum = sum
            for member in coming { sum += joint[member, bucket] }
            if sum > ceiling { above += 1 }
        }
        return above <= joint.allowed
    }

    /// What `coming` lack of processor time on `host`.
    func jointShortage(of coming: [Int], on host: Int, in layout: Layout) -> Misfit? {
        guard let joint, !fitsJointly(coming, on: host, in: layout) else { return nil }
        let need = jointNeed(of: host, with: coming, in: layout, joint)
        return .cpu(short: CPU(millicores: need - hosts[host].ceiling[0]))
    }

    /// What is counted of a resource on `host`: processor time as its instances need it together.
    func counted(_ dimension: Int, on host: Int, in layout: Layout) -> UInt128 {
        guard dimension == 0, let joint else { return layout.load(host, dimension) }
        return UInt128(jointNeed(of: host, in: layout, joint))
    }

    /// How often `host` would have passed the policy's ceiling with `instance` on it.
    func exceedance(of host: Int, with instance: Int, in layout: Layout) -> Plan.Exceedance? {
        guard let joint else { return nil }
        var sums = Array(layout.jointSums[host])
        if layout.host(of: instance) != host { joint.add(instance, to: &sums, at: 0) }
        return exceedance(of: host, sums[...], joint)
    }

    private func exceedance(
        of host: Int, _ sums: ArraySlice<UInt64>, _ joint: JointTable
    ) -> Plan.Exceedance {
        let ceiling = policy.ceiling(of: hosts[host].host.capacity.allocatable).cpu.millicores
        return Plan.Exceedance(
            host: id(ofHost: host), above: sums.count { $0 > ceiling }, of: joint.buckets)
    }

    /// How often each occupied host would have passed the policy's ceiling in `layout`.
    func exceedances(in layout: Layout) -> [Plan.Exceedance] {
        guard let joint else { return [] }
        return hosts.indices.compactMap { host in
            guard layout.isOccupied(host, self) else { return nil }
            return exceedance(of: host, layout.jointSums[host], joint)
        }
    }
}
