/// One instance changing hosts.
package struct Move: Hashable, Sendable {
    package let id: MoveID
    package let instance: InstanceID
    package let kind: Workload.Kind
    package let source: HostID
    package let target: HostID
    package let mode: MoveMode
    /// The instance's generation while this move runs; the target's copy gets it.
    package let generation: Generation
    /// The plan it is a step of; `nil` for a move asked for by itself.
    package let plan: PlanID?

    /// Whether its source sends while the instance runs, instead of stopping it for others to fetch.
    package var isStreamed: Bool { mode == .live && kind == .vm }

    /// Whether its target may have of such a workload's files what there is of them while that still runs.
    ///
    /// Of containers: what a VM has written is in the hands of its QEMU for as long as that runs. What a container changed of its
    /// image's files goes with one that is not started anew.
    package func bringsAhead(of workload: Workload) -> Bool {
        kind == .container && !overlaps
            && (mode == .live || !workload.storage.localVolumes.isEmpty)
    }

    /// Whether files that the instance wrote at its source come to the target with it; of a VM they always may.
    package func bringsFiles(of workload: Workload) -> Bool {
        kind == .vm || bringsAhead(of: workload)
    }

    /// Whether its target runs a copy of its own before the source has ended.
    package var overlaps: Bool { mode.overlaps }

    package enum Phase: String, Hashable, Comparable, Sendable, CaseIterable {
        case preflight
        case prepare
        case copy
        case switchOver
        case confirm
        case release

        package static func < (a: Phase, b: Phase) -> Bool { a.rank < b.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package enum Outcome: Hashable, Sendable {
        case done
        /// The instance runs at its source as before.
        case rolledBack(reason: String)
        /// Neither side could be brought back; the instance is failed with this reason.
        case failed(reason: String)
    }

    package init(
        id: MoveID, instance: InstanceID, kind: Workload.Kind, source: HostID, target: HostID,
        mode: MoveMode,
        generation: Generation, plan: PlanID?
    ) {
        self.id = id
        self.instance = instance
        self.kind = kind
        self.source = source
        self.target = target
        self.mode = mode
        self.generation = generation
        self.plan = plan
    }
}
