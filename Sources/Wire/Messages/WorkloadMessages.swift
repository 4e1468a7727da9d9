package import ClusterModel

/// Asks that workloads be as they are given.
package struct ApplyRequest: Hashable, Sendable {
    package let workloads: [Workload]
    /// Whether to answer without changing anything.
    package let dryRun: Bool
    /// Place new instances here, once.
    package let onHost: HostID?

    package init(workloads: [Workload], dryRun: Bool = false, onHost: HostID? = nil) {
        self.workloads = workloads
        self.dryRun = dryRun
        self.onHost = onHost
    }
}

/// What an apply changes.
package struct ApplyReply: Hashable, Sendable {
    package let changes: [WorkloadChange]
    /// Instances that no host can have now, each with why.
    package let pending: [Rationale]
    package let revision: Revision

    package init(changes: [WorkloadChange], pending: [Rationale] = [], revision: Revision) {
        self.changes = changes
        self.pending = pending
        self.revision = revision
    }
}

/// What an apply changes about one workload.
package struct WorkloadChange: Hashable, Sendable {
    package let workload: WorkloadID
    package let kind: ChangeKind
    /// One line for each field that differs, such as `size.cpu 300m -> 500m`.
    package let differences: [String]
    package let starts: [InstanceID]
    package let replaces: [InstanceID]
    package let removes: [InstanceID]

    package init(
        workload: WorkloadID, kind: ChangeKind, differences: [String] = [],
        starts: [InstanceID] = [], replaces: [InstanceID] = [], removes: [InstanceID] = []
    ) {
        self.workload = workload
        self.kind = kind
        self.differences = differences
        self.starts = starts
        self.replaces = replaces
        self.removes = removes
    }
}

/// What an apply does with a workload.
package enum ChangeKind: Hashable, Sendable, CaseIterable {
    case none
    case created
    /// Changed in place; its instances go on.
    case updated
    /// Its instances are replaced one at a time.
    case replaced
    case scaled
}

/// Asks to remove a workload and its instances.
package struct DeleteWorkloadRequest: Hashable, Sendable {
    package let name: WorkloadID
    /// Whether its volumes go too.
    package let volumes: Bool

    package init(name: WorkloadID, volumes: Bool = false) {
        self.name = name
        self.volumes = volumes
    }
}

/// The state's number after a change.
package struct ChangeReply: Hashable, Sendable {
    package let revision: Revision
    /// What the user may want to know, a sentence each.
    package let notes: [String]

    package init(revision: Revision, notes: [String] = []) {
        self.revision = revision
        self.notes = notes
    }
}

/// Every workload.
package struct ListWorkloadsReply: Hashable, Sendable {
    package let workloads: [WorkloadSummary]

    package init(workloads: [WorkloadSummary]) {
        self.workloads = workloads
    }
}

/// A workload and how many of its instances run.
package struct WorkloadSummary: Hashable, Sendable {
    package let workload: Workload
    package let running: Int
    /// What its last moves came to, oldest first.
    package let moves: [MoveReport]

    package init(workload: Workload, running: Int, moves: [MoveReport] = []) {
        self.workload = workload
        self.running = running
        self.moves = moves
    }
}

/// Every instance.
package struct ListInstancesReply: Hashable, Sendable {
    package let instances: [InstanceSummary]

    package init(instances: [InstanceSummary]) {
        self.instances = instances
    }
}

/// An instance with what it reserves and uses.
package struct InstanceSummary: Hashable, Sendable {
    package let instance: Instance
    package let kind: Workload.Kind
    package let reserved: Resources
    /// Its last report; `nil` before the first.
    package let use: Use?
    /// Whether it runs and the store does not know it.
    package let orphan: Bool

    package init(
        instance: Instance, kind: Workload.Kind, reserved: Resources, use: Use? = nil,
        orphan: Bool = false
    ) {
        self.instance = instance
        self.kind = kind
        self.reserved = reserved
        self.use = use
        self.orphan = orphan
    }
}
