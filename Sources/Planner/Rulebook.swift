import ClusterModel

/// The rules of all workloads of a snapshot, worked out once for each kind of workload and host.
struct Rulebook: Sendable {
    let workloads: [Workload]
    /// Index of the workload of each instance.
    let workloadOf: [Int]
    /// Workloads whose instances must not share a host with those of each workload; itself may be
    /// among them.
    let conflicts: [Set<Int>]
    /// What the labels, taints and drivers of each host say to each class of workloads.
    private let hostRules: [[Misfit?]]
    private let classOf: [Int]
    let spreads: [Spread]
    /// Index into `spreads` of each workload that has the rule.
    let spreadOf: [Int?]

    /// One workload spread over the failure domains of one host label.
    ///
    /// Hosts without the label share one domain, whose value is empty.
    struct Spread: Sendable {
        let workload: WorkloadID
        let key: String
        /// Values of the label in ascending order.
        let values: [String]
        /// Index into `values` of each host.
        let domainOf: [Int]
        /// Most instances in one domain: the workload's count shared out evenly, rounded up.
        let share: Int

        func label(_ domain: Int) -> Label { Label(name: key, value: values[domain]) }
    }

    /// What decides whether a host suits a workload before any other instance is looked at.
    private struct Class: Hashable {
        let kind: Workload.Kind
        let need: Labels
        let avoid: Labels
        let tolerate: Labels
    }

    init(_ snapshot: Snapshot) {
        var workloads: [Workload] = []
        var index: [Workload: Int] = [:]
        workloadOf = snapshot.instances.map { view in
            if let known = index[view.workload] { return known }
            index[view.workload] = workloads.count
            workloads.append(view.workload)
            return workloads.count - 1
        }
        self.workloads = workloads
        conflicts = Self.conflicts(among: workloads)
        var classes: [Class: Int] = [:]
        var rules: [[Misfit?]] = []
        classOf = workloads.map { workload in
            let own = Class(
                kind: workload.kind, need: workload.rules.need, avoid: workload.rules.avoid,
                tolerate: workload.rules.tolerate)
            if let known = classes[own] { return known }
            classes[own] = rules.count
            rules.append(snapshot.hosts.map { Self.misfit(of: workload, on: $0.host) })
            return rules.count - 1
        }
        hostRules = rules
        (spreads, spreadOf) = Self.spreads(workloads, snapshot.hosts.map(\.host))
    }

    /// What the host says to the workload by itself: driver, taints and labels.
    func misfit(ofWorkload workload: Int, on host: Int) -> Misfit? {
        hostRules[classOf[workload]][host]
    }

    /// Index of what decides `misfit(ofWorkload:on:)`, so that callers can share work between
    /// workloads.
    func hostClass(ofWorkload workload: Int) -> Int { classOf[workload] }

    private static func misfit(of workload: Workload, on host: Host) -> Misfit? {
        let driver = host.capacity.capability(workload.kind == .vm ? .qemu : .podman)
        guard let driver, driver.available else {
            return .driver(workload.kind, reason: driver?.detail ?? "not probed")
        }
        let rules = workload.rules
        for taint in host.taints.pairs where rules.tolerate[taint.name] != taint.value {
            return .taint(taint)
        }
        for label in rules.need.pairs where host.labels[label.name] != label.value {
            return .need(label)
        }
        for label in rules.avoid.pairs where host.labels[label.name] == label.value {
            return .avoid(label)
        }
        return nil
    }

    private static func conflicts(among workloads: [Workload]) -> [Set<Int>] {
        var conflicts = Array(repeating: Set<Int>(), count: workloads.count)
        for (one, workload) in workloads.enumerated() where !workload.rules.apart.pairs.isEmpty {
            for (other, labelled) in workloads.enumerated()
            where labelled.labels.matches(workload.rules.apart) {
                conflicts[one].insert(other)
                conflicts[other].insert(one)
            }
        }
        return conflicts
    }

    private static func spreads(
        _ workloads: [Workload], _ hosts: [Host]
    ) -> (spreads: [Spread], of: [Int?]) {
        struct Key: Hashable {
            let workload: WorkloadID
            let label: String
        }
        var spreads: [Spread] = []
        var index: [Key: Int] = [:]
        let of = workloads.map { workload -> Int? in
            guard let label = workload.rules.spread else { return nil }
            let key = Key(workload: workload.name, label: label)
            if let known = index[key] { return known }
            let found = hosts.map { $0.labels[label] ?? "" }
            let values = Set(found).sorted()
            guard !values.isEmpty else { return nil }
            index[key] = spreads.count
            let share = (max(1, workload.count) + values.count - 1) / values.count
            spreads.append(
                Spread(
                    workload: workload.name, key: label, values: values,
                    domainOf: found.map { value in values.firstIndex(of: value) ?? 0 },
                    share: share))
            return spreads.count - 1
        }
        return (spreads, of)
    }

    /// Which instances must share a host, directly or through others.
    ///
    /// A group is a connected part of the graph that the `together` selectors draw over workloads
    /// that have instances; every instance of its workloads belongs to it.
    func groups(of snapshot: Snapshot) -> (group: [Int], members: [[Int]]) {
        var root = Array(workloads.indices)
        func find(_ index: Int) -> Int {
            var current = index
            while root[current] != current { current = root[current] }
            return current
        }
        var bound = Set<Int>()
        for (one, workload) in workloads.enumerated() where !workload.rules.together.pairs.isEmpty {
            for (other, labelled) in workloads.enumerated()
            where labelled.labels.matches(workload.rules.together) {
                bound.formUnion([one, other])
                let (a, b) = (find(one), find(other))
                root[max(a, b)] = min(a, b)
            }
        }
        var group = Array(repeating: 0, count: workloadOf.count)
        var members: [[Int]] = []
        var groupOfRoot: [Int: Int] = [:]
        for (instance, workload) in workloadOf.enumerated() {
            let known = bound.contains(workload) ? groupOfRoot[find(workload)] : nil
            group[instance] = known ?? members.count
            if known == nil {
                if bound.contains(workload) { groupOfRoot[find(workload)] = members.count }
                members.append([instance])
            } else {
                members[group[instance]].append(instance)
            }
        }
        return (group, members)
    }
}
