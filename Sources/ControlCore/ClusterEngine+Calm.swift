import ClusterModel

extension ClusterEngine {
    /// The picture for plans that nobody asked for: what has moved as often as it may in a day rests until it may again.
    ///
    /// Rest alone would let an instance whose load follows its moves go to and fro all day. The planner and the audit
    /// know one kind of rest, so this is told in its words: as a last move from which the policy's rest ends at the right
    /// moment. All moves count, whoever asked for them; relief of a host above its hard limit heeds no rest, so not this.
    func calmSnapshot(for task: PlanTask) -> Snapshot {
        let picture = snapshot()
        let policy = state.policy.value
        let most = movesADay(task == .pack)
        let ends = ends(ofMovesAfter: now.advanced(by: .zero - ControlLimits.day))
        let spent = ends.compactMapValues { moments -> Instant? in
            guard moments.count >= most else { return nil }
            let first = moments.sorted()[moments.count - most]
            return first.advanced(by: ControlLimits.day)
        }
        guard !spent.isEmpty else { return picture }
        let instances = picture.instances.map { view -> Snapshot.InstanceView in
            guard let until = spent[view.id] else { return view }
            var instance = view.instance
            let moved = until.advanced(by: .zero - policy.rest)
            instance.movedAt = max(instance.movedAt ?? moved, moved)
            return Snapshot.InstanceView(
                instance: instance, workload: view.workload, changed: view.changed, use: view.use,
                reserved: view.reserved, undone: view.undone, day: view.day, load: view.load)
        }
        return Snapshot(
            revision: picture.revision, takenAt: picture.takenAt, hosts: picture.hosts,
            instances: instances, reservations: picture.reservations, links: picture.links,
            refusals: picture.refusals)
    }

    /// How often an instance may have moved in a day after a plan of the loop.
    ///
    /// A pack leaves the one that brings it back, should the pack be undone; where there is but one, that is taken.
    private func movesADay(_ isPack: Bool) -> Int {
        let most = state.policy.value.movesPerInstance
        return isPack ? max(1, most - 1) : most
    }

    /// The first instance that `plan` moves twice, past another that bars its way, and so more often than it may.
    ///
    /// That it may move once is in the picture already.
    func spent(by plan: Plan) -> InstanceID? {
        if case .relieve(let host) = plan.reason, isAboveHardLimit(host) { return nil }
        var moves: [InstanceID: Int] = [:]
        for step in plan.steps { moves[step.instance, default: 0] += 1 }
        let twice = moves.filter { $0.value > 1 }
        guard !twice.isEmpty else { return nil }
        let ends = ends(ofMovesAfter: now.advanced(by: .zero - ControlLimits.day))
        let most = movesADay(plan.reason == .pack)
        return twice.filter { (ends[$0.key]?.count ?? 0) + $0.value > most }.keys.min()
    }

    /// As the planner judges it: by what was last reported.
    private func isAboveHardLimit(_ host: HostID) -> Bool {
        guard let seen = observations.hosts[host], let use = seen.use.last,
            let capacity = seen.capacity
        else { return false }
        let limit = capacity.allocatable.cpu.scaled(by: state.policy.value.hardCPU)
        return CPU(millicores: use.cpu.mean) > limit
    }

    /// When moves that were done ended, for each instance.
    private func ends(ofMovesAfter begin: Instant) -> [InstanceID: [Instant]] {
        var ends: [InstanceID: [Instant]] = [:]
        for record in state.moves.values where record.outcome == .done {
            guard let end = record.endedAt, end > begin else { continue }
            ends[record.move.instance, default: []].append(end)
        }
        return ends
    }
}
