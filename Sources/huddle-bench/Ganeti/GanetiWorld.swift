import ArgumentParser
import ClusterModel

/// A Ganeti cluster as Huddle sees it, with so many waiting instances of one size that some have
/// to be left over.
///
/// hspace fills a node's memory and disk to the last mebibyte but one, lets processors be shared
/// as the policy says, and keeps memory and disk, but neither processors nor spindles, for the
/// loss of any one node. So hosts are filled to all of their memory and to half of the processors
/// that they are said to have: the other half is there only when a host is lost.
struct GanetiWorld {
    let snapshot: Snapshot
    let waiting: [InstanceID]

    static let policy = Policy(
        demand: .reserved, ceilingCPU: .percent(50), ceilingMemory: .percent(100),
        hotCPU: .percent(100), coldCPU: .percent(10), reserve: .hosts(1), rest: .zero)

    /// - Source: templates of ganeti-htools 3.0.2 whose disks are on the node itself.
    private static let local: Set<String> = ["plain"]

    init(_ cluster: GanetiCluster, _ spec: GanetiCluster.Spec) throws {
        let template = cluster.policy.templates.first ?? "diskless"
        let mirrored = cluster.instances.first { $0.template == "drbd" }
        guard template != "drbd", mirrored == nil else {
            throw ValidationError(
                "drbd keeps each instance on two nodes, which Huddle has no notion of")
        }
        let isLocal = Self.local.contains(template)
        var hosts: [Snapshot.HostView] = []
        var room = 0
        for node in cluster.nodes {
            let present = cluster.instances.filter { $0.primary == node.name }
            let slots = Self.slots(node, present, spec, isLocal: isLocal, cluster.policy)
            room += slots
            hosts.append(try Self.host(node, present, spec, slots: slots))
        }
        let online = Set(cluster.nodes.filter { !$0.isOffline }.map(\.name))
        var views = try cluster.instances.filter { online.contains($0.primary) }.map {
            Self.view(
                $0.name,
                try Self.workload($0.spec, isLocal: Self.local.contains($0.template)),
                on: $0.primary)
        }
        let workload = try Self.workload(spec, isLocal: isLocal)
        // One more than there is room for, so that a refusal ends the placing.
        let fresh = (0..<(room + 1)).map { Self.view("huddle-\($0)", workload, on: nil) }
        waiting = fresh.map(\.id)
        views += fresh
        snapshot = Snapshot(
            revision: Revision(1), takenAt: Instant(milliseconds: 0), hosts: hosts,
            instances: views)
    }

    /// Instances of `spec` that processors and spindles of `node` bear beside those present.
    private static func slots(
        _ node: GanetiCluster.Node, _ present: [GanetiCluster.Instance],
        _ spec: GanetiCluster.Spec, isLocal: Bool, _ policy: GanetiCluster.Policy
    ) -> Int {
        func left(_ all: Double, _ taken: UInt64, _ each: UInt64) -> UInt64 {
            guard each > 0 else { return .max }
            let whole = UInt64(max(0, all))
            return whole > taken ? (whole - taken) / each : 0
        }
        let cores = left(
            Double(node.cores) * policy.coreRatio,
            present.reduce(node.ownCores) { $0 + $1.spec.cores }, spec.cores)
        let spindles = left(
            Double(node.spindles) * policy.spindleRatio,
            present.reduce(0) { local.contains($1.template) ? $0 + $1.spec.spindles : $0 },
            isLocal ? spec.spindles : 0)
        let memory = spec.memory > 0 ? (max(1, node.freeMemory) - 1) / spec.memory : .max
        return Int(clamping: min(cores, spindles, memory))
    }

    private static func host(
        _ node: GanetiCluster.Node, _ present: [GanetiCluster.Instance],
        _ spec: GanetiCluster.Spec, slots: Int
    ) throws -> Snapshot.HostView {
        let memory = present.reduce(max(1, node.freeMemory) - 1) { $0 + $1.spec.memory }
        let disk = present.reduce(max(1, node.freeDisk) - 1) {
            local.contains($1.template) ? $0 + $1.spec.disk : $0
        }
        let cores = present.reduce(UInt64(slots) * spec.cores) { $0 + $1.spec.cores }
        return Snapshot.HostView(
            host: Host(
                id: HostID(node.name), labels: Labels([Label(name: "group", value: node.group)]),
                capacity: Capacity(
                    total: Resources(
                        cpu: CPU(millicores: 2 * 1_000 * cores), memory: .mebibytes(memory),
                        disk: .mebibytes(disk)),
                    capabilities: [Capability(.podman, available: true, detail: "ganeti")]),
                state: node.isOffline ? .lost : .ready),
            changed: Revision(1))
    }

    private static func workload(
        _ spec: GanetiCluster.Spec, isLocal: Bool
    ) throws -> Workload {
        try Workload(
            kind: .container, name: WorkloadID("ganeti"), count: 1, image: .named("ganeti"),
            size: Resources(
                cpu: CPU(millicores: max(1, spec.cores * 1_000)),
                memory: .mebibytes(max(1, spec.memory)),
                disk: isLocal ? .mebibytes(spec.disk) : .zero))
    }

    private static func view(
        _ name: String, _ workload: Workload, on node: String?
    ) -> Snapshot.InstanceView {
        Snapshot.InstanceView(
            instance: Instance(
                id: InstanceID(name), workload: workload.name, index: 0,
                host: node.map { HostID($0) }, observed: node == nil ? .pending : .running),
            workload: workload, changed: Revision(1))
    }
}
