import CHuddleProto
package import ClusterModel

extension Workload: WireMessage, WireValue {
    /// Reads the workload as it was written, with the model's defaults for enums that are unset.
    ///
    /// A count of 0 is 0 instances: the field has no presence, and who writes specs for users
    /// fills in the 1. No `move_allow`, unless `pinned`, and a downtime of 0 are the model's defaults. Kind, name,
    /// image and size have none.
    init(raw: Huddle__V1__Workload) throws(InvalidValue) {
        try self.init(
            kind: try Kind(raw.kind, "kind"), name: try ID(raw.name, "name"),
            count: Int(raw.count), labels: try Labels(raw.labels, raw.n_labels, "labels"),
            image: try required(raw.image, "image"),
            program: try Self.program(raw), storage: try Self.storage(raw),
            size: try optional(raw.size, "size") ?? .zero, limit: Self.limit(raw),
            rules: try optional(raw.rules, "rules") ?? .none, move: try Self.move(raw),
            onHostLoss: try OnHostLoss(raw.on_host_loss, "onHostLoss", unspecified: .wait),
            floor: CPU(millicores: raw.cpu_floor_millicores),
            recoveryTime: raw.recovery_time_milliseconds == 0
                ? nil : try Duration(raw.recovery_time_milliseconds, "recoveryTime"))
    }

    private static func program(_ raw: Huddle__V1__Workload) throws(InvalidValue) -> Program {
        Program(
            command: texts(raw.command, raw.n_command),
            environment: try messages(raw.environment, raw.n_environment, "env"),
            ports: try messages(raw.ports, raw.n_ports, "ports"),
            check: try optional(raw.check),
            restart: try RestartPolicy(raw.restart, "restart", unspecified: .always))
    }

    private static func storage(_ raw: Huddle__V1__Workload) throws(InvalidValue) -> Storage {
        let hasSeed =
            raw.cloud_init_presence_case == HUDDLE__V1__WORKLOAD__CLOUD_INIT_PRESENCE_CLOUD_INIT
        return Storage(
            disks: numbers(raw.disk_bytes, raw.n_disk_bytes).map { Bytes($0) },
            sharedDisks: try messages(raw.shared_disks, raw.n_shared_disks),
            volumes: try messages(raw.volumes, raw.n_volumes),
            cloudInit: hasSeed ? text(raw.cloud_init) : nil)
    }

    private static func limit(_ raw: Huddle__V1__Workload) -> Limit {
        let hasCPU =
            raw.cpu_limit_presence_case
            == HUDDLE__V1__WORKLOAD__CPU_LIMIT_PRESENCE_CPU_LIMIT_MILLICORES
        let hasMemory =
            raw.memory_limit_presence_case
            == HUDDLE__V1__WORKLOAD__MEMORY_LIMIT_PRESENCE_MEMORY_LIMIT_BYTES
        return Limit(
            cpu: hasCPU ? CPU(millicores: raw.cpu_limit_millicores) : nil,
            memory: hasMemory ? Bytes(raw.memory_limit_bytes) : nil)
    }

    private static func move(_ raw: Huddle__V1__Workload) throws(InvalidValue) -> MovePreference {
        let allow: [MoveMode] = try enums(raw.move_allow, raw.n_move_allow, "move.allow")
        let downtime = try Duration(raw.move_downtime_milliseconds, "move.downtime")
        let converge: [MoveRecourse] = try enums(
            raw.move_converge, raw.n_move_converge, "move.converge")
        let hasMost =
            raw.move_most_presence_case
            == HUDDLE__V1__WORKLOAD__MOVE_MOST_PRESENCE_MOVE_MOST_MILLISECONDS
        let standard = MovePreference.standard
        return MovePreference(
            allow: allow.isEmpty && raw.pinned == 0 ? standard.allow : allow,
            downtime: downtime == .zero ? standard.downtime : downtime,
            converge: converge.isEmpty && raw.unaided == 0 ? standard.converge : converge,
            most: hasMost ? try Duration(raw.move_most_milliseconds, "move.most") : nil,
            balloon: raw.move_balloon != 0)
    }

    func fill(_ raw: inout Huddle__V1__Workload, _ arena: inout Arena) {
        raw.kind = kind.wire
        raw.name = arena.id(name)
        raw.count = UInt32(clamping: count)
        (raw.n_labels, raw.labels) = arena.messages(labels.pairs)
        raw.image = arena.message(image)
        raw.size = arena.message(size)
        raw.rules = arena.message(rules)
        raw.on_host_loss = onHostLoss.wire
        raw.cpu_floor_millicores = floor.millicores
        raw.recovery_time_milliseconds = recoveryTime?.wire ?? 0
        fillProgram(&raw, &arena)
        fillStorage(&raw, &arena)
        if let cpu = limit.cpu {
            raw.cpu_limit_presence_case =
                HUDDLE__V1__WORKLOAD__CPU_LIMIT_PRESENCE_CPU_LIMIT_MILLICORES
            raw.cpu_limit_millicores = cpu.millicores
        }
        if let memory = limit.memory {
            raw.memory_limit_presence_case =
                HUDDLE__V1__WORKLOAD__MEMORY_LIMIT_PRESENCE_MEMORY_LIMIT_BYTES
            raw.memory_limit_bytes = memory.count
        }
        (raw.n_move_allow, raw.move_allow) = arena.numbers(move.allow.map(\.wire))
        raw.pinned = move.allow.isEmpty ? 1 : 0
        raw.move_downtime_milliseconds = move.downtime.wire
        if move.converge != MovePreference.standard.converge {
            (raw.n_move_converge, raw.move_converge) = arena.numbers(move.converge.map(\.wire))
            raw.unaided = move.converge.isEmpty ? 1 : 0
        }
        if let most = move.most {
            raw.move_most_presence_case =
                HUDDLE__V1__WORKLOAD__MOVE_MOST_PRESENCE_MOVE_MOST_MILLISECONDS
            raw.move_most_milliseconds = most.wire
        }
        raw.move_balloon = move.balloon ? 1 : 0
    }

    private func fillProgram(_ raw: inout Huddle__V1__Workload, _ arena: inout Arena) {
        (raw.n_command, raw.command) = arena.texts(program.command)
        (raw.n_environment, raw.environment) = arena.messages(program.environment)
        (raw.n_ports, raw.ports) = arena.messages(program.ports)
        raw.check = arena.message(program.check)
        raw.restart = program.restart.wire
    }

    private func fillStorage(_ raw: inout Huddle__V1__Workload, _ arena: inout Arena) {
        (raw.n_disk_bytes, raw.disk_bytes) = arena.numbers(storage.disks.map(\.count))
        (raw.n_shared_disks, raw.shared_disks) = arena.messages(storage.sharedDisks)
        (raw.n_volumes, raw.volumes) = arena.messages(storage.volumes)
        if let cloudInit = storage.cloudInit {
            raw.cloud_init_presence_case =
                HUDDLE__V1__WORKLOAD__CLOUD_INIT_PRESENCE_CLOUD_INIT
            raw.cloud_init = arena.text(cloudInit)
        }
    }
}
