import CHuddleProto
import ClusterModel

extension ApplyRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__ApplyRequest) throws(InvalidValue) {
        self.init(
            workloads: try messages(raw.workloads, raw.n_workloads, "workloads"),
            dryRun: raw.dry_run != 0, onHost: try ID.optional(raw.on_host, "onHost"))
    }

    func fill(_ raw: inout Huddle__V1__ApplyRequest, _ arena: inout Arena) {
        (raw.n_workloads, raw.workloads) = arena.messages(workloads)
        raw.dry_run = dryRun.wire
        raw.on_host = arena.id(onHost)
    }
}

extension ApplyReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ApplyReply) throws(InvalidValue) {
        self.init(
            changes: try messages(raw.changes, raw.n_changes, "changes"),
            pending: try messages(raw.pending, raw.n_pending, "pending"),
            revision: try Revision(raw.revision, "revision"))
    }

    func fill(_ raw: inout Huddle__V1__ApplyReply, _ arena: inout Arena) {
        (raw.n_changes, raw.changes) = arena.messages(changes)
        (raw.n_pending, raw.pending) = arena.messages(pending)
        raw.revision = revision.number
    }
}

extension WorkloadChange: WireMessage, WireValue {
    init(raw: Huddle__V1__WorkloadChange) throws(InvalidValue) {
        self.init(
            workload: try ID(raw.workload, "workload"), kind: try ChangeKind(raw.kind, "kind"),
            differences: texts(raw.differences, raw.n_differences),
            starts: try ids(raw.starts, raw.n_starts, "starts"),
            replaces: try ids(raw.replaces, raw.n_replaces, "replaces"),
            removes: try ids(raw.removes, raw.n_removes, "removes"))
    }

    func fill(_ raw: inout Huddle__V1__WorkloadChange, _ arena: inout Arena) {
        raw.workload = arena.id(workload)
        raw.kind = kind.wire
        (raw.n_differences, raw.differences) = arena.texts(differences)
        (raw.n_starts, raw.starts) = arena.ids(starts)
        (raw.n_replaces, raw.replaces) = arena.ids(replaces)
        (raw.n_removes, raw.removes) = arena.ids(removes)
    }
}

extension DeleteWorkloadRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__DeleteWorkloadRequest) throws(InvalidValue) {
        self.init(name: try ID(raw.name, "name"), volumes: raw.volumes != 0)
    }

    func fill(_ raw: inout Huddle__V1__DeleteWorkloadRequest, _ arena: inout Arena) {
        raw.name = arena.id(name)
        raw.volumes = volumes.wire
    }
}

extension ChangeReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ChangeReply) throws(InvalidValue) {
        self.init(
            revision: try Revision(raw.revision, "revision"), notes: texts(raw.notes, raw.n_notes))
    }

    func fill(_ raw: inout Huddle__V1__ChangeReply, _ arena: inout Arena) {
        raw.revision = revision.number
        (raw.n_notes, raw.notes) = arena.texts(notes)
    }
}

extension ListWorkloadsReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ListWorkloadsReply) throws(InvalidValue) {
        self.init(workloads: try messages(raw.workloads, raw.n_workloads, "workloads"))
    }

    func fill(_ raw: inout Huddle__V1__ListWorkloadsReply, _ arena: inout Arena) {
        (raw.n_workloads, raw.workloads) = arena.messages(workloads)
    }
}

extension WorkloadSummary: WireMessage, WireValue {
    init(raw: Huddle__V1__WorkloadSummary) throws(InvalidValue) {
        self.init(
            workload: try required(raw.workload, "workload"), running: Int(raw.running),
            moves: try messages(raw.moves, raw.n_moves, "moves"))
    }

    func fill(_ raw: inout Huddle__V1__WorkloadSummary, _ arena: inout Arena) {
        raw.workload = arena.message(workload)
        raw.running = UInt32(clamping: running)
        (raw.n_moves, raw.moves) = arena.messages(moves)
    }
}

extension ListInstancesReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ListInstancesReply) throws(InvalidValue) {
        self.init(instances: try messages(raw.instances, raw.n_instances, "instances"))
    }

    func fill(_ raw: inout Huddle__V1__ListInstancesReply, _ arena: inout Arena) {
        (raw.n_instances, raw.instances) = arena.messages(instances)
    }
}

extension InstanceSummary: WireMessage, WireValue {
    init(raw: Huddle__V1__InstanceSummary) throws(InvalidValue) {
        self.init(
            instance: try required(raw.instance, "instance"),
            kind: try Workload.Kind(raw.kind, "kind"),
            reserved: try optional(raw.reserved, "reserved") ?? .zero,
            use: try optional(raw.use, "use"), orphan: raw.orphan != 0)
    }

    func fill(_ raw: inout Huddle__V1__InstanceSummary, _ arena: inout Arena) {
        raw.instance = arena.message(instance)
        raw.kind = kind.wire
        raw.reserved = arena.message(reserved)
        raw.use = arena.message(use)
        raw.orphan = orphan.wire
    }
}
