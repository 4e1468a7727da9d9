import ClusterModel

extension ClusterEngine {
    /// Tells a host to remove what it has of an instance that was decided to be elsewhere.
    ///
    /// Its volumes go only where they are copies. What a host that was lost comes back with may be all there is of
    /// them: the instance began anew elsewhere.
    mutating func removeLeftover(of instance: Instance, from host: HostID) {
        guard observations.hosts[host]?.session != nil, instance.host != host,
            let workload = state.workloads[instance.workload]?.value
        else { return }
        let removal = Assigned(
            instance: instance.id, generation: instance.generation, desired: .removed,
            workload: workload, image: nil, removeVolumes: hasCopies(of: instance, host))
        effect(.instruct(host, .assign([removal], complete: false)))
    }

    /// Tells the source of a move that lost its target to let go of what it kept, unless the instance has come back to it and goes on
    /// from there. Until it is known where the instance will be, that stays. The volumes do in any case: there are no others.
    mutating func releaseLate(_ instance: Instance) {
        guard let source = decided.unreleased.removeValue(forKey: instance.id) else { return }
        removeLeftover(of: instance, from: source)
    }

    /// Whether what `host` has of the volumes is what the instance's last move left there: the source of one that
    /// was done, while the instance is where that move put it.
    ///
    /// One that was placed since, after a loss or under the same name as one that was deleted, is there by no move: it may
    /// be back on that target, and the source have what it wrote in between.
    ///
    /// Not the target of one that was undone: the record does not say whether anything had come there, and what lies
    /// there may be from before.
    private func hasCopies(of instance: Instance, _ host: HostID) -> Bool {
        guard instance.movedAt != nil else { return false }
        let moves = state.moves.values.filter { $0.move.instance == instance.id }
        let last = moves.max { ClusterState.isEarlier($0.move.id, $1.move.id) }
        guard let last else { return false }
        switch last.outcome {
        case .done: return last.move.source == host && last.move.target == instance.host
        case .rolledBack, .failed, nil: return false
        }
    }
}
