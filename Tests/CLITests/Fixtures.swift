import ClusterModel
import Wire

/// A small cluster with every kind of thing in it.
enum Fixtures {
    static let now = Instant(milliseconds: 1_767_323_045_000)

    static let capabilities = [
        Capability(.podman, available: true, detail: "5.4.2"),
        Capability(.qemu, available: true, detail: "10.0.2"),
        Capability(
            .kvm, available: false, detail: "opens, but a tiny guest did not boot within 10s"),
        Capability(.checkpoint, available: false, detail: "criu is not installed"),
    ]

    static func host(
        _ name: String, state: Host.State = .ready, reserved: UInt64, used: UInt64, instances: Int
    ) -> HostSummary {
        HostSummary(
            host: Host(
                id: HostID(name), labels: Labels([Label(name: "zone", value: "a")]),
                capacity: Capacity(
                    total: Resources(cpu: CPU(millicores: 1000), memory: .gibibytes(2)),
                    hostReserve: Resources(memory: .mebibytes(256)), kernel: "6.18.0",
                    bootID: "b", capabilities: capabilities),
                state: state),
            reserved: Resources(cpu: CPU(millicores: reserved), memory: .mebibytes(reserved)),
            use: state == .lost ? nil : use(used), instances: instances, address: "10.77.0.3:7441",
            version: "0.1.0", heardAt: now.advanced(by: .seconds(-2)))
    }

    static func use(_ millicores: UInt64) -> Use {
        let memory = Bytes.mebibytes(millicores).count
        return Use(
            at: now, cpu: .init(mean: millicores, maximum: millicores, last: millicores),
            memory: .init(mean: memory, maximum: memory, last: memory),
            pressure: Pressure(scope: .machine, cpu: Share(permille: 15), memory: .none, io: .none))
    }

    static let hosts = [
        host("lab-1", reserved: 300, used: 297, instances: 1),
        host("lab-2", state: .draining, reserved: 500, used: 512, instances: 1),
        host("lab-3", state: .lost, reserved: 100, used: 0, instances: 1),
    ]

    static func workload(
        _ name: String, kind: Workload.Kind = .container, count: Int = 1, millicores: UInt64 = 100
    ) throws -> Workload {
        try Workload(
            kind: kind, name: WorkloadID(name), count: count,
            labels: Labels([Label(name: "app", value: name)]),
            image: .named("registry.lab/\(name):1"),
            program: kind == .vm
                ? Program()
                : Program(
                    command: ["sleep", "1d"], environment: [.init(name: "MODE", value: "on")],
                    ports: [.init(host: 8080, instance: 80)],
                    check: try HealthCheck(probe: .http(port: 80, path: "/")), restart: .onFailure),
            storage: kind == .vm
                ? Storage(disks: [.gibibytes(1)], cloudInit: "#cloud-config\na: \"b\"\n")
                : Storage(volumes: [try .init(name: "data", path: "/srv")]),
            size: Resources(
                cpu: CPU(millicores: millicores), memory: .mebibytes(256),
                scalars: [.init(name: "gpu", amount: 500)]),
            limit: .init(cpu: CPU(millicores: 2000)),
            move: MovePreference(allow: [.live, .restart]))
    }

    static func workloads() throws -> [WorkloadSummary] {
        [
            WorkloadSummary(workload: try workload("build", millicores: 300), running: 1),
            WorkloadSummary(workload: try workload("web", kind: .vm, millicores: 500), running: 1),
            WorkloadSummary(workload: try workload("mail", count: 2), running: 1),
        ]
    }

    static func instance(
        _ workload: String, _ index: Int = 0, on host: String?,
        _ observed: Instance.Observed = .running,
        kind: Workload.Kind = .container, orphan: Bool = false
    ) -> InstanceSummary {
        InstanceSummary(
            instance: Instance(
                id: InstanceID("\(workload)-\(index)"), workload: WorkloadID(workload),
                index: index,
                host: host.map { HostID($0) }, generation: Generation(3), observed: observed,
                movedAt: index == 0 ? now.advanced(by: .seconds(-7300)) : nil),
            kind: kind, reserved: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(256)),
            use: host == nil ? nil : use(95), orphan: orphan)
    }

    static let instances = [
        instance("build", on: "lab-1"), instance("web", on: "lab-2", kind: .vm),
        instance("mail", on: "lab-3", .unhealthy(reason: "GET / answered 500")),
        instance("mail", 1, on: nil, .pending), instance("stray", on: "lab-1", orphan: true),
    ]

    static func rationale(
        _ name: String, _ decision: Rationale.Decision, _ refusals: [(String, Misfit)] = []
    ) -> Rationale {
        Rationale(
            instance: InstanceID(name), decision: decision,
            refusals: refusals.map { .init(host: HostID($0.0), misfit: $0.1) })
    }

    static func move(_ number: Int, _ name: String, from: String, to: String, after: [Int] = [])
        -> Step
    {
        Step(
            id: .init(number),
            action: .move(InstanceID(name), from: HostID(from), to: HostID(to), mode: .restart),
            after: after.map { Step.StepID($0) })
    }

    /// The textbook case: three servers become one.
    static let plan = Plan(
        id: PlanID("p7"), reason: .pack, parent: Revision(41),
        reads: [.init(.policy, at: Revision(3))],
        steps: [
            move(0, "mail-0", from: "lab-3", to: "lab-2"),
            move(1, "build-0", from: "lab-1", to: "lab-2", after: [0]),
        ],
        rationale: [
            rationale(
                "build-0",
                .moved(
                    from: HostID("lab-1"), to: HostID("lab-2"), because: .empties(HostID("lab-1")))),
            rationale(
                "mail-0",
                .moved(
                    from: HostID("lab-3"), to: HostID("lab-2"), because: .empties(HostID("lab-3"))),
                [
                    ("lab-1", .cpu(short: CPU(millicores: 50))),
                    ("lab-4", .memory(short: Bytes(1_300_000_000))),
                ]),
            rationale("web-0", .stays(on: HostID("lab-2"), because: .hostStays), []),
        ],
        bound: .init(before: 3, after: 1, lower: 1),
        exceedances: [.init(host: HostID("lab-2"), above: 1, of: 288)])

    static let emptyPlan = Plan(
        id: PlanID("p8"), reason: .drain(HostID("lab-2")), parent: Revision(41), reads: [],
        steps: [],
        rationale: [rationale("web-0", .stays(on: HostID("lab-2"), because: .freesNothing))],
        bound: .init(before: 3, after: 3, lower: 2))

    static let moveSummaries = [
        MoveSummary(
            move: Move(
                id: MoveID("m1"), instance: InstanceID("web-0"), kind: .vm, source: HostID("lab-1"),
                target: HostID("lab-2"), mode: .live, generation: Generation(3), plan: PlanID("p6")),
            phase: .release, outcome: .rolledBack(reason: "the target had no room"),
            beganAt: now.advanced(by: .seconds(-600)), endedAt: now.advanced(by: .seconds(-590))),
        MoveSummary(
            move: Move(
                id: MoveID("m2"), instance: InstanceID("mail-0"), kind: .container,
                source: HostID("lab-3"),
                target: HostID("lab-2"), mode: .restart, generation: Generation(4), plan: nil),
            phase: .copy, beganAt: now.advanced(by: .seconds(-5))),
    ]

    static let unwritable = CheckpointRefusal(
        program: CheckpointedProgram(image: "image", mark: 1),
        software: CheckpointSoftware(tool: "CRIU 4.2.1", runtime: "Podman 5.4.2", kernel: "6.18"),
        verdict: CheckpointVerdict(.checkpoint, reason: "Can't dump file 3 of that type"),
        until: Instant(milliseconds: 0))

    static let explanation = ExplainReply(
        instance: instance("web", on: "lab-2", kind: .vm),
        verdicts: [
            HostVerdict(
                host: HostID("lab-3"), misfit: .hostState(.lost), room: .zero,
                flips: [Flip([.ready(HostID("lab-3"))])]),
            HostVerdict(
                host: HostID("lab-4"), room: Resources(cpu: CPU(millicores: 2000)), mode: .live,
                rank: 1,
                score: HostVerdict.Score(
                    missing: 1, isEmpty: true, fullness: Share(permille: 125), resource: "memory")),
            HostVerdict(
                host: HostID("lab-1"), misfit: .memory(short: .mebibytes(1100)),
                room: Resources(cpu: CPU(millicores: 500), memory: .mebibytes(156)),
                relocateObstacle: "\(RelocateObstacle.kind(.vm))",
                exceedance: .init(host: HostID("lab-1"), above: 2, of: 288),
                flips: [
                    Flip([
                        .untaint(HostID("lab-1"), Label(name: "odd", value: "yes")),
                        .room(HostID("lab-1"), Resources(memory: .mebibytes(1100))),
                    ]), Flip([.ceilingMemory(Share(permille: 935))]),
                ]),
            HostVerdict(
                host: HostID("lab-2"), current: true,
                room: Resources(cpu: CPU(millicores: 400), memory: .gibibytes(1)),
                score: HostVerdict.Score(
                    missing: 0, isEmpty: false, fullness: Share(permille: 780), resource: "cpu")),
        ],
        lastDecision: rationale(
            "web-0", .placed(on: HostID("lab-2"), because: .fullest), [("lab-3", .hostState(.lost))]
        ))

    static let occurrences = [
        Occurrence(at: now, subject: .cluster, message: "the coordinator started"),
        Occurrence(
            at: now, subject: .host(HostID("lab-3")), severity: .failure, message: "is lost"),
    ]

    static func image() throws -> Image {
        let digest = String(repeating: "ab", count: 32)
        return try Image(
            id: ImageID("debian-13"), format: .qcow2,
            files: [.init(digest: digest, size: .gibibytes(3))])
    }
}
