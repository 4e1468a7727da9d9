package import ClusterModel

/// Whom packets for the instance have to reach, and whose word counts on which host.
extension MoveEngine {
    /// Whether packets for the instance have to reach both hosts, because either may have it any moment now.
    ///
    /// Where copies overlap, only while the source is being held: until then it has the address, and then the target.
    package var isBetweenHosts: Bool {
        switch stage {
        case .switchOver: true
        case .copySource, .copyTarget, .confirm, .undoTarget, .undoSource: !overlaps
        case .preflight, .offer, .prepare, .flush, .release, .ended: false
        }
    }

    /// Whether the end of a lease says nothing of the two copies: QEMU itself may bring one to life, or has just done so,
    /// whatever the agent beside it has heard. Only an operator's word counts then.
    package var outlivesLeases: Bool {
        guard record.move.isStreamed else { return false }
        switch stage {
        case .switchOver, .confirm, .undoTarget, .undoSource: return true
        case .preflight, .offer, .prepare, .copySource, .copyTarget, .flush, .release, .ended:
            return false
        }
    }

    /// Whether the instance was streamed away from `host`, where its process is until it is released.
    func hasLeft(_ host: HostID) -> Bool {
        record.move.isStreamed && host == record.move.source && stage == .confirm
    }

    /// Whether this move's orders alone say what happens to the instance on `host`.
    ///
    /// Before `copy` the source runs it as ever, and from `release` on the target does: there assignments hold,
    /// so that a reboot in these phases is confirmed without waiting for the move.
    package func governs(_ host: HostID) -> Bool {
        switch stage {
        case .preflight, .offer, .prepare: host == record.move.target
        // Here the source runs it as ever, or again.
        case .copyTarget where isTargetUnheard, .undoTarget where isTargetUnheard:
            host == record.move.target
        case .copySource, .copyTarget, .switchOver, .confirm, .undoTarget, .undoSource:
            host == record.move.source || host == record.move.target
        case .flush, .release: host == record.move.source
        case .ended: false
        }
    }
}
