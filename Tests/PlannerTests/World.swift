import ClusterModel

/// A small cluster to plan for, and what becomes of it as plans run.
struct World {
    var policy: Policy
    var hosts: [Snapshot.HostView] = []
    var instances: [Snapshot.InstanceView] = []
    var reservations: [Snapshot.Reservation] = []
    var links = MoveLinks.none
    var revision = Revision(7)
    var now = Instant(milliseconds: 1_000_000_000)

    static let open = Policy(
        demand: .reserved, ceilingCPU: .percent(95), ceilingMemory: .percent(95),
        hotCPU: .percent(97),
        reserve: .hosts(0), rest: .zero)

    init(policy: Policy = World.open) { self.policy = policy }

    var snapshot: Snapshot {
        Snapshot(
            revision: revision, takenAt: now, hosts: hosts, instances: instances,
            reservations: reservations, links: links)
    }

    mutating func add(
        host name: String, cpu: UInt64 = 1000, memory: UInt64 = 2048, labels: [Label] = [],
        taints: [Label] = [], state: Host.State = .ready, architecture: String = "x86_64",
        drivers: [Capability.Name] = [.podman, .qemu], used: UInt64? = nil,
        wakeTime: Duration? = nil
    ) {
        let capacity = Capacity(
            total: Resources(cpu: CPU(millicores: cpu), memory: .mebibytes(memory)),
            architecture: architecture,
            capabilities: [Capability.Name.podman, .qemu, .network].map {
                Capability(
                    $0, available: drivers.contains($0),
                    detail: drivers.contains($0) ? "1" : "no binary")
            }, wakeTime: wakeTime)
        let use = used.map { cpu in
            UseSeries([
                Use(
                    at: now, cpu: Use.Figure(mean: cpu, maximum: cpu, last: cpu), memory: .zero)
            ])
        }
        hosts.append(
            Snapshot.HostView(
                host: Host(
                    id: HostID(name), labels: Labels(labels), taints: Labels(taints),
                    capacity: capacity,
                    state: state),
                changed: revision, use: use ?? .empty))
    }

    mutating func add(
        _ workload: Workload, index: Int = 0, on host: String?, movedAt: Instant? = nil,
        day: DaySeries = .empty
    ) {
        let name = workload.count == 1 ? workload.name.rawValue : workload.instance(index).rawValue
        instances.append(
            Snapshot.InstanceView(
                instance: Instance(
                    id: InstanceID(name), workload: workload.name, index: index,
                    host: host.map { HostID($0) }, observed: host == nil ? .pending : .running,
                    movedAt: movedAt),
                workload: workload, changed: revision, day: day))
    }

    /// What the cluster is after `step`.
    mutating func carryOut(_ step: Step) {
        switch step.action {
        case .start(let id, let host): set(id, host: host)
        case .move(let id, _, let target, _): set(id, host: target)
        case .stop(let id, let host): set(id, host: host, isStopped: true)
        }
    }

    private mutating func set(_ id: InstanceID, host: HostID, isStopped: Bool = false) {
        instances = instances.map { view in
            guard view.id == id else { return view }
            var instance = view.instance
            instance.host = host
            instance.observed = isStopped ? .stopped : .running
            instance.desired = isStopped ? .stopped : .running
            return Snapshot.InstanceView(
                instance: instance, workload: view.workload, changed: view.changed, use: view.use,
                day: view.day)
        }
    }
}
