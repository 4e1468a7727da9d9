import ClusterModel
import PlanAudit
import Planner

/// A cluster on the judge's bench, and plans for it that are good until a test breaks them.
struct Bench {
    var policy = Policy(
        demand: .reserved, ceilingCPU: .whole, ceilingMemory: .whole, hotCPU: .whole,
        reserve: .hosts(0), rest: .zero)
    var hosts: [Snapshot.HostView] = []
    var instances: [Snapshot.InstanceView] = []
    var reservations: [Snapshot.Reservation] = []

    var snapshot: Snapshot {
        Snapshot(
            revision: Revision(9), takenAt: Instant(milliseconds: 10_000_000), hosts: hosts,
            instances: instances, reservations: reservations)
    }

    /// Three hosts of one core with 300, 500 and 100 millicores on them.
    static func textbook() throws -> Bench {
        var bench = Bench()
        for name in ["a", "b", "c"] { bench.host(name) }
        try bench.container("build", on: "a", cpu: 300)
        try bench.container("web", on: "b", cpu: 500)
        try bench.container("mail", on: "c", cpu: 100)
        return bench
    }

    mutating func host(
        _ name: String, cpu: UInt64 = 1000, state: Host.State = .ready, labels: [Label] = [],
        taints: [Label] = [], architecture: String = "x86_64", drives: Bool = true,
        networks: Bool = false
    ) {
        hosts.removeAll { $0.id.rawValue == name }
        let capacity = Capacity(
            total: Resources(cpu: CPU(millicores: cpu), memory: .gibibytes(4)),
            architecture: architecture,
            capabilities: [
                Capability(.podman, available: drives, detail: drives ? "5" : "broken"),
                Capability(.network, available: networks, detail: networks ? "yes" : "no tools"),
            ])
        hosts.append(
            Snapshot.HostView(
                host: Host(
                    id: HostID(name), labels: Labels(labels), taints: Labels(taints),
                    capacity: capacity,
                    state: state),
                changed: Revision(4)))
    }

    mutating func container(
        _ name: String, on host: String?, cpu: UInt64 = 100, memory: UInt64 = 64,
        labels: [Label] = [], rules: Rules = .none, allow: [MoveMode] = [.restart],
        desired: Instance.Desired = .running, observed: Instance.Observed? = nil,
        movedAt: Instant? = nil, workload: String? = nil, count: Int = 1
    ) throws {
        instances.removeAll { $0.id.rawValue == name }
        let workload = try Workload(
            kind: .container, name: WorkloadID(workload ?? name), count: count,
            labels: Labels(labels),
            image: .named("image"),
            size: Resources(cpu: CPU(millicores: cpu), memory: .mebibytes(memory)), rules: rules,
            move: MovePreference(allow: allow))
        instances.append(
            Snapshot.InstanceView(
                instance: Instance(
                    id: InstanceID(name), workload: workload.name, index: 0,
                    host: host.map { HostID($0) }, desired: desired,
                    observed: observed ?? (host == nil ? .pending : .running), movedAt: movedAt),
                workload: workload, changed: Revision(5)))
    }

    func violations(of plan: Plan, forced: Bool = false) -> [Violation] {
        PlanAudit(policy: policy).violations(of: plan, in: snapshot, forced: forced)
    }

    func pack() throws -> Plan {
        try Planner(policy: policy, changed: Revision(3)).pack(snapshot, id: PlanID("p"), seed: 1)
    }

    /// A plan of `actions`, each after the steps that `after` names for it, with all the rest in
    /// order.
    func plan(
        _ actions: [Step.Action], after: [Int: [Int]] = [:], reason: Plan.Reason = .repair
    ) -> Plan {
        let steps = actions.enumerated().map { index, action in
            Step(
                id: Step.StepID(index), action: action,
                after: (after[index] ?? []).map { Step.StepID($0) })
        }
        var ends: [InstanceID: HostID] = [:]
        for view in instances { ends[view.id] = view.host }
        let starts = ends
        for action in actions {
            switch action {
            case .start(let id, let host), .move(let id, _, let host, _): ends[id] = host
            case .stop(let id, _): ends[id] = nil
            }
        }
        let rationale = ends.keys.sorted().map { id -> Rationale in
            let decision: Rationale.Decision =
                switch (starts[id], ends[id]) {
                case (let from?, let to?) where from == to: .stays(on: to, because: .asked)
                case (let from?, let to?): .moved(from: from, to: to, because: .asked)
                case (nil, let to?): .placed(on: to, because: .asked)
                case (_, nil): .pending
                }
            return Rationale(instance: id, decision: decision, refusals: [])
        }
        let ghosts = reservations.map(\.host)
        return Plan(
            id: PlanID("p"), reason: reason, parent: Revision(9),
            reads: [Plan.Read(.policy, at: Revision(3))]
                + hosts.map { Plan.Read(.host($0.id), at: $0.changed) }
                + instances.map { Plan.Read(.instance($0.id), at: $0.changed) },
            steps: steps, rationale: rationale,
            bound: Plan.Bound(
                before: Set(Array(starts.values) + ghosts).count,
                after: Set(Array(ends.values) + ghosts).count, lower: 1))
    }
}

extension Step.Action {
    static func move(_ id: String, _ source: String, _ target: String, _ mode: MoveMode = .restart)
        -> Self
    {
        .move(InstanceID(id), from: HostID(source), to: HostID(target), mode: mode)
    }

    static func start(_ id: String, _ host: String) -> Self {
        .start(InstanceID(id), on: HostID(host))
    }

    static func stop(_ id: String, _ host: String) -> Self {
        .stop(InstanceID(id), on: HostID(host))
    }
}

extension Plan {
    /// The same plan with some of its parts replaced.
    func with(
        steps: [Step]? = nil, parent: Revision? = nil, reads: [Read]? = nil,
        rationale: [Rationale]? = nil, bound: Bound? = nil
    ) -> Plan {
        Plan(
            id: id, reason: reason, parent: parent ?? self.parent, reads: reads ?? self.reads,
            steps: steps ?? self.steps, rationale: rationale ?? self.rationale,
            bound: bound ?? self.bound)
    }
}
