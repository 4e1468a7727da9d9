import ClusterModel
import Testing
import Wire

/// A value beside the proto JSON of the message that it has to be, field by field.
struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let type: String
    let json: String
    let bytes: [UInt8]
    /// Whether bytes decode to the value.
    let reads: @Sendable ([UInt8]) throws(WireFault) -> Bool

    var testDescription: String { name }

    init<Message: WireMessage & Equatable>(
        _ name: String, _ type: String, _ message: Message, _ json: String
    ) {
        self.name = name
        self.type = type
        self.json = json.split(separator: "\n").joined(separator: " ")
        bytes = message.encoded()
        reads = { bytes throws(WireFault) in try Message(decoding: bytes) == message }
    }

    static let all = workloads + decisions + messages

    static let workloads = [
        Golden(
            "container", "Workload",
            valid { () throws(InvalidValue) in
                try Workload(
                    kind: .container, name: "web", count: 3,
                    labels: Labels([Label(name: "app", value: "web")]), image: .named("nginx:1"),
                    program: Program(
                        command: ["nginx", "-g"],
                        environment: [Program.Variable(name: "A", value: "1")],
                        ports: [Program.Port(host: 8080, instance: 80, transport: .udp)],
                        check: HealthCheck(
                            probe: .http(port: 80, path: "/up"), every: .seconds(5), fails: 2),
                        restart: .onFailure),
                    storage: Storage(volumes: [
                        .init(name: "data", path: "/data"),
                        .init(name: "media", path: "/media", shared: "/srv/media"),
                    ]),
                    size: Resources(
                        cpu: CPU(millicores: 500), memory: .gibibytes(1), disk: Bytes(7),
                        network: BytesPerSecond(8), scalars: [.init(name: "gpu", amount: 1000)]),
                    limit: .init(cpu: CPU(millicores: 900), memory: .gibibytes(2)),
                    rules: Rules(
                        need: Labels([Label(name: "n", value: "1")]),
                        avoid: Labels([Label(name: "a", value: "2")]),
                        prefer: Labels([Label(name: "p", value: "3")]),
                        apart: Labels([Label(name: "x", value: "4")]),
                        together: Labels([Label(name: "t", value: "5")]), spread: "zone",
                        tolerate: Labels([Label(name: "o", value: "6")]), priority: -3),
                    move: MovePreference(allow: [.live, .restart], downtime: .milliseconds(50)),
                    onHostLoss: .restart)
            },
            """
            {"kind": "KIND_CONTAINER", "name": "web", "count": 3,
            "labels": [{"name": "app", "value": "web"}], "image": {"named": "nginx:1"},
            "command": ["nginx", "-g"], "environment": [{"name": "A", "value": "1"}],
            "ports": [{"host": 8080, "instance": 80, "transport": "TRANSPORT_UDP"}],
            "check": {"http": {"port": 80, "path": "/up"}, "everyMilliseconds": 5000, "fails": 2},
            "restart": "RESTART_POLICY_ON_FAILURE", "volumes": [{"name": "data", "path": "/data"},
            {"name": "media", "path": "/media", "shared": "/srv/media"}],
            "size": {"cpuMillicores": 500, "memoryBytes": 1073741824, "diskBytes": 7,
            "networkBytesPerSecond": 8, "scalars": [{"name": "gpu", "amount": 1000}]},
            "cpuLimitMillicores": 900, "memoryLimitBytes": 2147483648,
            "rules": {"need": [{"name": "n", "value": "1"}], "avoid": [{"name": "a", "value": "2"}],
            "prefer": [{"name": "p", "value": "3"}], "apart": [{"name": "x", "value": "4"}],
            "together": [{"name": "t", "value": "5"}], "spread": "zone",
            "tolerate": [{"name": "o", "value": "6"}], "priority": -3},
            "moveAllow": ["MOVE_MODE_LIVE", "MOVE_MODE_RESTART"], "moveDowntimeMilliseconds": 50,
            "onHostLoss": "ON_HOST_LOSS_RESTART"}
            """),
        Golden(
            "vm", "Workload",
            valid { () throws(InvalidValue) in
                try Workload(
                    kind: .vm, name: "mail",
                    image: .kernel(kernel: "vmlinuz", initrd: "initrd", append: "quiet"),
                    storage: Storage(disks: [.gibibytes(1), .gibibytes(2)], cloudInit: ""),
                    size: Resources(cpu: CPU(millicores: 1), memory: .mebibytes(1)))
            },
            """
            {"kind": "KIND_VM", "name": "mail", "count": 1, "image": {"kernel":
            {"kernel": "vmlinuz", "initrd": "initrd", "append": "quiet"}},
            "restart": "RESTART_POLICY_ALWAYS", "diskBytes": [1073741824, 2147483648],
            "cloudInit": "", "size": {"cpuMillicores": 1, "memoryBytes": 1048576}, "rules": {},
            "moveAllow": ["MOVE_MODE_LIVE"], "moveDowntimeMilliseconds": 300,
            "onHostLoss": "ON_HOST_LOSS_WAIT"}
            """),
        Golden(
            "vm-ladder", "Workload",
            valid { () throws(InvalidValue) in
                try Workload(
                    kind: .vm, name: "db", image: .named("i"),
                    size: Resources(cpu: CPU(millicores: 1), memory: .mebibytes(1)),
                    move: MovePreference(
                        allow: [.live, .restart], converge: [.restart, .longer],
                        most: .milliseconds(900)))
            },
            """
            {"kind": "KIND_VM", "name": "db", "count": 1, "image": {"named": "i"},
            "restart": "RESTART_POLICY_ALWAYS",
            "size": {"cpuMillicores": 1, "memoryBytes": 1048576}, "rules": {},
            "moveAllow": ["MOVE_MODE_LIVE", "MOVE_MODE_RESTART"], "moveDowntimeMilliseconds": 300,
            "moveConverge": ["MOVE_RECOURSE_LONGER", "MOVE_RECOURSE_RESTART"],
            "moveMostMilliseconds": 900, "onHostLoss": "ON_HOST_LOSS_WAIT"}
            """),
        Golden(
            "vm-balloon", "Workload",
            valid { () throws(InvalidValue) in
                try Workload(
                    kind: .vm, name: "db", image: .named("i"),
                    size: Resources(cpu: CPU(millicores: 1), memory: .mebibytes(1)),
                    move: MovePreference(balloon: true))
            },
            """
            {"kind": "KIND_VM", "name": "db", "count": 1, "image": {"named": "i"},
            "restart": "RESTART_POLICY_ALWAYS",
            "size": {"cpuMillicores": 1, "memoryBytes": 1048576}, "rules": {},
            "moveAllow": ["MOVE_MODE_LIVE"], "moveDowntimeMilliseconds": 300,
            "moveBalloon": true, "onHostLoss": "ON_HOST_LOSS_WAIT"}
            """),
        Golden(
            "vm-unaided", "Workload",
            valid { () throws(InvalidValue) in
                try Workload(
                    kind: .vm, name: "db", image: .named("i"),
                    size: Resources(cpu: CPU(millicores: 1), memory: .mebibytes(1)),
                    move: MovePreference(converge: []))
            },
            """
            {"kind": "KIND_VM", "name": "db", "count": 1, "image": {"named": "i"},
            "restart": "RESTART_POLICY_ALWAYS",
            "size": {"cpuMillicores": 1, "memoryBytes": 1048576}, "rules": {},
            "moveAllow": ["MOVE_MODE_LIVE"], "moveDowntimeMilliseconds": 300,
            "unaided": true, "onHostLoss": "ON_HOST_LOSS_WAIT"}
            """),
        Golden(
            "image", "Image",
            valid { () throws(InvalidValue) in
                let digest = String(repeating: "ab", count: 32)
                return try Image(
                    id: "debian", format: .kernel,
                    files: [
                        Image.File(digest: digest, size: Bytes(1)),
                        Image.File(digest: digest, size: Bytes(2)),
                    ], append: "quiet")
            },
            """
            {"id": "debian", "format": "IMAGE_FORMAT_KERNEL", "append": "quiet", "files": [
            {"digest": "abababababababababababababababababababababababababababababababab",
            "size": 1},
            {"digest": "abababababababababababababababababababababababababababababababab",
            "size": 2}]}
            """),
    ]
}
