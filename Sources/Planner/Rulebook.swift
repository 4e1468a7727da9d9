import ClusterModel

/// The rules of all workloads of a snapshot, worked out once for each kind of workload and host.
struct Rulebook: Sendable {
    let workloads: [Workload]
    /// Index of the workload of each instance.
    let workloadOf: [Int]
    /// Workloads whose instances must not share a host with those of each workload; itself may be
    /// among them.
    let conflicts: [Set<Int>]
    /// Hosts that are alike to every rule about a host by itself.
    let kinds: HostKinds
    /// What the labels, taints and drivers of each kind of host say to each class of workloads.
    private let hostRules: [[Misfit?]]
    private let classOf: [Int]
    private let moveClassOf: [Int]
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
        let (workloads, workloadOf) = Self.workloads(of: snapshot)
        self.workloads = workloads
        self.workloadOf = workloadOf
        conflicts = Self.conflicts(among: workloads)
        let kinds = HostKinds(
            snapshot.hosts, named: Self.labels(namedBy: workloads),
            byKernel: !snapshot.refusals.isEmpty)
        self.kinds = kinds
        var classes: [Class: Int] = [:]
        var rules: [[Misfit?]] = []
        // Neighbours are often alike, and comparing is cheaper than hashing.
        var last: (own: Class, number: Int)?
        classOf = workloads.map { workload in
            let own = Class(
                kind: workload.kind, need: workload.rules.need, avoid: workload.rules.avoid,
                tolerate: workload.rules.tolerate)
            if let last, last.own == own { return last.number }
            let known = classes[own]
            last = (own, known ?? rules.count)
            if let known { return known }
            classes[own] = rules.count
            rules.append(
                kinds.members.map { hosts in
                    hosts.first.flatMap {
                        Self.misfit(of: workload.kind, workload.rules, on: snapshot.hosts[$0].host)
                    }
                })
            return rules.count - 1
        }
        hostRules = rules
        moveClassOf = Self.moveClasses(of: workloads, snapshot.refusals)
        (spreads, spreadOf) = Self.spreads(workloads, snapshot.hosts.map(\.host))
    }

    /// What the host says to the workload by itself: driver, taints and labels.
    func misfit(ofWorkload workload: Int, on host: Int) -> Misfit? {
        hostRules[classOf[workload]][kinds.of[host]]
    }

    /// Index of what decides in which modes instances of a workload move between two hosts.
    func moveClass(ofWorkload workload: Int) -> Int { moveClassOf[workload] }

    private static func moveClasses(
        of workloads: [Workload], _ refusals: CheckpointRefusals
    ) -> [Int] {
        struct Asks: Hashable {
            let kind: Workload.Kind
            let runsOnce: Bool
            let hasLocalVolumes: Bool
            let allow: [MoveMode]
            let refused: CheckpointedProgram?
        }
        var index: [Asks: Int] = [:]
        var last: (asks: Asks, number: Int)?
        return workloads.map { workload in
            let asks = Asks(
                kind: workload.kind, runsOnce: workload.program.restart == .never,
                hasLocalVolumes: !workload.storage.localVolumes.isEmpty,
                allow: workload.move.allow, refused: refusals.program(of: workload))
            if let last, last.asks == asks { return last.number }
            let known = index[asks] ?? index.count
            index[asks] = known
            last = (asks, known)
            return known
        }
    }

    /// The same of every host of `kind`.
    func misfit(ofWorkload workload: Int, onKind kind: Int) -> Misfit? {
        hostRules[classOf[workload]][kind]
    }

    /// The same of the workloads of a class.
    func misfit(ofClass hostClass: Int, onKind kind: Int) -> Misfit? {
        hostRules[hostClass][kind]
    }

    /// Number of classes that `hostClass(ofWorkload:)` tells apart.
    var hostClasses: Int { hostRules.count }

    /// Index of what decides `misfit(ofWorkload:on:)`, so that callers can share work between
    /// workloads.
    func hostClass(ofWorkload workload: Int) -> Int { classOf[workload] }

    /// Every workload once, and which of them each instance is of.
    ///
    /// Looked up by name and then compared, because hashing all of a workload costs more than
    /// anything else that is done once for each instance.
    private static func workloads(of snapshot: Snapshot) -> ([Workload], of: [Int]) {
        var workloads: [Workload] = []
        // The latest of each name, and the one of the same name before it, of which there is rarely any.
        var latest: [WorkloadID: Int] = [:]
        var earlier: [Int: Int] = [:]
        // Growing would copy them all several times over.
        workloads.reserveCapacity(snapshot.instances.count)
        latest.reserveCapacity(snapshot.instances.count)
        let of = snapshot.instances.indices.map { index -> Int in
            let name = snapshot.instances[index].workload.name
            let last = latest[name]
            var known = last
            while let candidate = known {
                if workloads[candidate] == snapshot.instances[index].workload { return candidate }
                known = earlier[candidate]
            }
            latest[name] = workloads.count
            if let last { earlier[workloads.count] = last }
            workloads.append(snapshot.instances[index].workload)
            return workloads.count - 1
        }
        return (workloads, of)
    }

    /// Names of host labels that decide something by themselves.
    private static func labels(namedBy workloads: [Workload]) -> Set<Label> {
        var named = Set<Label>()
        for workload in workloads {
            let rules = workload.rules
            for labels in [rules.need, rules.avoid, rules.prefer] {
                named.formUnion(labels.pairs)
            }
        }
        return named
    }

    /// Those of one rule that say anything.
    private static func selectors(
        _ workloads: [Workload], _ rule: (Rules) -> Labels
    ) -> [(workload: Int, selector: Labels)] {
        workloads.indices.compactMap { index in
            let selector = rule(workloads[index].rules)
            return selector.pairs.isEmpty ? nil : (index, selector)
        }
    }

    /// The workloads that each of `selectors` matches, by its first label, so that not every
    /// workload is compared with every other.
    private static func matches(
        of selectors: [(workload: Int, selector: Labels)], among workloads: [Workload]
    ) -> [(workload: Int, others: [Int])] {
        var carriers: [Label: [Int]] = [:]
        for (_, selector) in selectors {
            if let first = selector.pairs.first { carriers[first] = [] }
        }
        guard !carriers.isEmpty else { return [] }
        for (index, workload) in workloads.enumerated() {
            for label in workload.labels.pairs { carriers[label]?.append(index) }
        }
        return selectors.map { workload, selector in
            let possible = selector.pairs.first.flatMap { carriers[$0] } ?? []
            return (workload, possible.filter { workloads[$0].labels.matches(selector) })
        }
    }

    /// What driver, taints and labels of `host` say to a workload of `kind` with `rules`.
    static func misfit(of kind: Workload.Kind, _ rules: Rules, on host: Host) -> Misfit? {
        let driver = host.capacity.capability(kind == .vm ? .qemu : .podman)
        guard let driver, driver.available else {
            return .driver(kind, reason: driver?.detail ?? "not probed")
        }
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
        let selectors = Self.selectors(workloads, \.apart)
        for (one, others) in matches(of: selectors, among: workloads) {
            for other in others {
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
            var domain: [String: Int] = [:]
            for (position, value) in values.enumerated() { domain[value] = position }
            index[key] = spreads.count
            let share = (max(1, workload.count) + values.count - 1) / values.count
            spreads.append(
                Spread(
                    workload: workload.name, key: label, values: values,
                    domainOf: found.map { domain[$0] ?? 0 },
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
        let selectors = Self.selectors(workloads, \.together)
        for (one, others) in Self.matches(of: selectors, among: workloads) {
            for other in others {
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
