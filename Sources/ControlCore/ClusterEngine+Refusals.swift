import ClusterModel

/// What CRIU would not write down or bring back: the first live move of a program is its trial, and what came of it is remembered.
extension ClusterEngine {
    /// What holds now, for the picture that planning sees.
    var refusals: CheckpointRefusals {
        CheckpointRefusals(Array(state.refusals.values), at: now)
    }

    /// Remembers what CRIU said on `host` of the program that the move was about.
    ///
    /// Of an instance that still runs an older form of its workload nobody knows here which program that is.
    mutating func learn(_ verdict: CheckpointVerdict, from host: HostID, in id: MoveID) {
        guard let move = decided.moves[id]?.record.move, move.mode == .live,
            host == move.source || (host == move.target && verdict.work == .restore),
            !state.outdated.contains(move.instance), let workload = workload(of: move.instance),
            let program = CheckpointedProgram(workload),
            let software = observations.hosts[host]?.capacity.flatMap(CheckpointSoftware.init)
        else { return }
        let refusal = CheckpointRefusal(
            program: program, software: software, verdict: verdict,
            until: now.advanced(by: ControlLimits.refusalMemory))
        let isNew = state.refusals[refusal.id] == nil
        if isNew, state.refusals.count >= ControlLimits.keptRefusals,
            let first = state.refusals.min(by: {
                ($0.value.until, $0.key) < ($1.value.until, $1.key)
            })
        {
            change(.removeRefusal(first.key))
        }
        change(.putRefusal(refusal))
        if isNew {
            occurred(.workload(workload.name), "is not moved live: \(refusal.words)", .warning)
        }
    }

    /// Why an instance would not come to the target of a move; `nil` as far as is known.
    func refusal(
        of id: InstanceID, from source: HostID, to target: HostID
    ) -> CheckpointRefusal? {
        guard !state.refusals.isEmpty, let workload = workload(of: id) else { return nil }
        return refusals.first(of: workload, from: host(source), to: host(target))
    }

    /// What was refused once and has just worked says nothing any more.
    mutating func forgetRefusals(after move: Move) {
        guard !state.refusals.isEmpty, move.mode == .live, !state.outdated.contains(move.instance),
            let program = workload(of: move.instance).flatMap(CheckpointedProgram.init)
        else { return }
        for (work, host) in [
            (CheckpointVerdict.Work.checkpoint, move.source), (.restore, move.target),
        ] {
            guard
                let software = observations.hosts[host]?.capacity.flatMap(CheckpointSoftware.init)
            else { continue }
            let id = CheckpointRefusal.id(of: work, program, software)
            if state.refusals[id] != nil { change(.removeRefusal(id)) }
        }
    }

    /// Forgets what is over.
    mutating func forgetRefusals() {
        for refusal in state.refusals.values.filter({ $0.until <= now }).map(\.id).sorted() {
            change(.removeRefusal(refusal))
        }
    }

    /// Forgets what was said by software that `host` had until now and that no other host has.
    ///
    /// Where it lacks all of it, as while Podman does not answer, nothing is known of what it will have.
    mutating func softwareChanged(of host: HostID, to capacity: Capacity) {
        guard !state.refusals.isEmpty, let new = CheckpointSoftware(capacity),
            let old = observations.hosts[host]?.capacity.flatMap(CheckpointSoftware.init),
            old != new,
            !observations.hosts.contains(where: { id, seen in
                id != host && seen.capacity.flatMap(CheckpointSoftware.init) == old
            })
        else { return }
        for refusal in state.refusals.values.filter({ $0.software == old }).map(\.id).sorted() {
            change(.removeRefusal(refusal))
        }
    }

    private func workload(of id: InstanceID) -> Workload? {
        state.instances[id].flatMap { state.workloads[$0.value.workload]?.value }
    }
}
