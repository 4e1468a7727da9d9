import ClusterModel

extension ClusterEngine {
    /// The picture for plans that nobody asked for: what has moved as often as it may in a day rests until it may again.
    ///
    /// Rest alone would let an instance whose load follows its moves go to and fro all day. The planner and the audit
    /// know one kind of rest, so this is told in its words: as a last move from which the policy's rest ends at the right
    /// moment. All moves count, whoever asked for them; relief of a host above its hard limit heeds no rest, so not this.
    func calmSnapshot() -> Snapshot {
        let picture = snapshot()
        let policy = state.policy.value
        let ends = ends(ofMovesAfter: now.advanced(by: .zero - ControlLimits.day))
        let spent = ends.compactMapValues { moments -> Instant? in
            guard moments.count >= policy.movesPerInstance else { return nil }
            let first = moments.sorted()[moments.count - policy.movesPerInstance]
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
                reserved: view.reserved, day: view.day)
        }
        return Snapshot(
            revision: picture.revision, takenAt: picture.takenAt, hosts: picture.hosts,
            instances: instances, reservations: picture.reservations)
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
