import ClusterModel

/// What came of an instance is brought to the disk beside all that is done with it: a disk may take minutes, and whatever ends the
/// instance meanwhile, its lease above all, waits for nobody.
extension AgentEngine {
    /// One that is asked for again, because the connection was lost for instance, is answered when it has ended.
    mutating func flush(_ order: MoveOrderNote) {
        guard flushes.updateValue(order, forKey: order.move.id) == nil else { return }
        effects.append(
            .flush(order.move.instance, order.assigned.workload.kind, order.move.id))
    }

    mutating func flushed(_ move: MoveID, _ failure: String?) {
        guard let order = flushes.removeValue(forKey: move) else { return }
        answer(order, failure)
    }
}

extension MoveOrderNote {
    /// Whether it is the first half of a release, the target's.
    var isToFlush: Bool { phase == .release && role == .target && !undo }
}
