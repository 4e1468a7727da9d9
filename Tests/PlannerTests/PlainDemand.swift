import ClusterModel

/// What instances demand together, by the words of the documentation alone.
struct PlainDemand {
    private let single: [InstanceID: Resources]
    private let rule: JointRule?
    private let amounts: [InstanceID: [UInt32]]

    init(_ snapshot: Snapshot, _ policy: Policy) {
        var single: [InstanceID: Resources] = [:]
        var amounts: [InstanceID: [UInt32]] = [:]
        var rule: JointRule?
        if case .joint(let joint) = policy.demand { rule = joint }
        for view in snapshot.instances {
            single[view.id] = snapshot.demand(of: view, under: policy.demand)
            if let rule { amounts[view.id] = snapshot.amounts(of: view, under: rule) }
        }
        self.single = single
        self.rule = rule
        self.amounts = amounts
    }

    /// What can be added up of one instance's demand.
    func single(_ id: InstanceID) -> Resources { single[id] ?? .zero }

    /// Sums of what can be added up; processor time as it is needed together.
    func together(_ ids: some Sequence<InstanceID>) -> Resources {
        var sum = ids.reduce(Resources.zero) { $0 + single($1) }
        if let rule { sum.cpu = CPU(millicores: need(Array(ids), rule)) }
        return sum
    }

    /// In how many buckets `ids` are above `ceiling` together.
    func above(_ ceiling: CPU, _ ids: [InstanceID]) -> Int {
        sums(ids).count { $0 > ceiling.millicores }
    }

    private func sums(_ ids: [InstanceID]) -> [UInt64] {
        (0..<(rule?.buckets ?? 0)).map { bucket in
            ids.reduce(0) { $0 + UInt64(amounts[$1]?[bucket] ?? 0) }
        }
    }

    private func need(_ ids: [InstanceID], _ rule: JointRule) -> UInt64 {
        let sums = sums(ids)
        let chance = Double(rule.chance.permille) / 1000 + 1e-9
        return (sums + [0]).filter { limit in
            let above = sums.count { $0 > limit }
            return above == 0 || Double(above + 1) / Double(sums.count + 1) <= chance
        }.min() ?? 0
    }
}

extension World {
    /// Makes the policy's demand joint, and draws a record for most instances.
    mutating func drawJointDemand(_ dice: inout SplitMix64) {
        let buckets = 1 + Int64(dice.below(8))
        policy.demand = .joint(
            JointRule(
                chance: .percent([0, 20, 30, 50][Int(dice.below(4))]),
                window: DaySeries.bucket * Int(buckets), margin: dice.hits(2) ? .none : .percent(10)
            ))
        let end = DaySeries.number(of: now)
        instances = instances.map { view in
            let reserved = max(2, view.reserved.cpu.millicores)
            func amount() -> UInt64? {
                dice.hits(12) ? nil : dice.below(dice.hits(3) ? reserved * 2 : reserved)
            }
            var amounts = (0..<buckets).map { _ in amount() }
            // Some know what this time of the day before was like.
            if dice.hits(3) {
                let unknown = DaySeries.capacity - 2 - amounts.count
                amounts = [amount(), amount()] + Array(repeating: nil, count: unknown) + amounts
            }
            return Snapshot.InstanceView(
                instance: view.instance, workload: view.workload, changed: view.changed,
                use: view.use, reserved: view.reserved,
                day: dice.hits(9) ? .empty : DaySeries(end: end, amounts))
        }
    }
}
