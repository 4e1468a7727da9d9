import ClusterModel
import Wire

extension StructuredValue {
    init(_ summary: WorkloadSummary) {
        self = StructuredValue(summary.workload).merging([
            "running": .integer(summary.running),
            "moves": .list(summary.moves.map { StructuredValue($0) }),
        ])
    }

    init(_ workload: Workload) {
        self = [
            "kind": .text(workload.kind.rawValue),
            "name": .init(workload.name),
            "count": .integer(workload.count),
            "labels": .init(workload.labels),
            "image": .init(workload.image),
            "size": .init(workload.size),
            "limit": [
                "cpuMillicores": workload.limit.cpu.map { .unsigned($0.millicores) } ?? .null,
                "memoryBytes": workload.limit.memory.map { .unsigned($0.count) } ?? .null,
            ],
            "floor": ["cpuMillicores": .unsigned(workload.floor.millicores)],
            "program": .init(workload.program),
            "storage": .init(workload.storage),
            "rules": .init(workload.rules),
            "move": [
                "allow": .init(list: workload.move.allow.map(\.rawValue)),
                "downtimeMilliseconds": .init(workload.move.downtime),
                "converge": .init(list: workload.move.converge.map(\.rawValue)),
                "mostDowntimeMilliseconds": .init(workload.move.ladder.most),
                "balloon": .bool(workload.move.balloon),
            ],
            "onHostLoss": .text(workload.onHostLoss.rawValue),
            "recoveryTimeMilliseconds": workload.recoveryTime.map { .init($0) } ?? .null,
        ]
    }

    private init(_ image: ImageReference) {
        switch image {
        case .named(let name): self = .text(name)
        case .kernel(let kernel, let initrd, let append):
            self = ["kernel": .text(kernel), "initrd": .text(initrd), "append": .text(append)]
        }
    }

    private init(_ program: Program) {
        self = [
            "command": .init(list: program.command),
            "env": .object(
                program.environment.map { Member(key: $0.name, value: .text($0.value)) }),
            "ports": .list(
                program.ports.map {
                    [
                        "host": .integer(Int($0.host)), "to": .integer(Int($0.instance)),
                        "transport": .text($0.transport.rawValue),
                    ]
                }),
            "check": program.check.map { StructuredValue($0) } ?? .null,
            "restart": .text(program.restart.rawValue),
        ]
    }

    private init(_ check: HealthCheck) {
        let probe: StructuredValue =
            switch check.probe {
            case .http(let port, let path): ["http": .text(path), "port": .integer(Int(port))]
            case .tcp(let port): ["tcp": .integer(Int(port))]
            case .exec(let words): ["exec": .init(list: words)]
            }
        self = probe.merging([
            "everyMilliseconds": .init(check.every), "fails": .integer(check.fails),
        ])
    }

    private init(_ storage: Storage) {
        self = [
            "diskBytes": .list(storage.disks.map { .unsigned($0.count) }),
            "sharedDisks": .list(
                storage.sharedDisks.map {
                    [
                        "name": .text($0.name), "sizeBytes": .unsigned($0.size.count),
                        "directory": .text($0.directory),
                    ]
                }),
            "volumes": .list(
                storage.volumes.map {
                    [
                        "name": .text($0.name), "path": .text($0.path), "shared": .init($0.shared),
                    ]
                }),
            "cloudInit": .init(storage.cloudInit),
        ]
    }

    private init(_ rules: Rules) {
        self = [
            "need": .init(rules.need), "avoid": .init(rules.avoid), "prefer": .init(rules.prefer),
            "apart": .init(rules.apart), "together": .init(rules.together),
            "spread": .init(rules.spread), "tolerate": .init(rules.tolerate),
            "priority": .integer(rules.priority),
        ]
    }

    init(_ change: WorkloadChange) {
        self = [
            "workload": .init(change.workload),
            "change": .text(change.kind.word),
            "differences": .init(list: change.differences),
            "starts": .init(list: change.starts.map(\.rawValue)),
            "replaces": .init(list: change.replaces.map(\.rawValue)),
            "removes": .init(list: change.removes.map(\.rawValue)),
        ]
    }

    init(_ image: Image) {
        self = [
            "name": .init(image.id),
            "format": .text(image.format.rawValue),
            "sizeBytes": .unsigned(image.size.count),
            "files": .list(
                image.files.map {
                    ["sha256": .text($0.digest), "sizeBytes": .unsigned($0.size.count)]
                }),
            "append": .text(image.append),
        ]
    }
}

extension ChangeKind {
    /// The change as users read it.
    var word: String {
        switch self {
        case .none: "unchanged"
        case .created: "created"
        case .updated: "updated"
        case .replaced: "replaced"
        case .scaled: "scaled"
        }
    }
}
