import ClusterModel

/// What is different where the target's copy runs beside the source's.
///
/// The address is at one of the two: the target is connected only after the source was held, and the source only after
/// the target's copy is gone, or while it was never connected. And the move ends only when one copy is left: it waits
/// for the host that has the other.
///
/// ```
/// preflight ─► prepare ─► copy (target) ─► switchOver (source) ─► confirm (target) ─► release (source) ─► done
///     │           │            │                  ▼                     ▼
///     │           │            │             undo source           undo target
///     ▼           ▼            ▼                  ▼                     ▼
///         rolledBack      undo target        undo target           undo source (phase release) ─► rolledBack
/// ```
extension MoveEngine {
    var overlaps: Bool { record.move.overlaps }

    /// Whether the source was told nothing yet, although the target may run a copy.
    var isSourceUntouched: Bool { overlaps && record.phase <= .copy }

    /// Whether the target's copy was never to be connected, so that the source need not wait until it is gone.
    var isTargetUnheard: Bool { overlaps && record.phase <= .switchOver }

    /// Whether packets for the instance go to the target although it was not decided to be there: it has the address
    /// until its copy is gone again.
    package var isHandedOver: Bool {
        switch stage {
        case .confirm: overlaps
        case .undoTarget: overlaps && !isTargetUnheard
        case .preflight, .offer, .prepare, .copySource, .copyTarget, .switchOver, .flush, .release,
            .undoSource, .ended:
            false
        }
    }

    /// Nothing of the instance runs at the target any more.
    mutating func targetUndone(_ now: Instant) -> [Effect] {
        isTargetUnheard ? undone(now) : go(to: .undoSource, phaseWithoutTarget, now)
    }

    /// The phase that the undoing goes on in without the target, where that had the address: stored, so that a
    /// coordinator that restarts leads nothing to a copy that is gone while the source is heard again.
    var phaseWithoutTarget: Move.Phase {
        overlaps && !isTargetUnheard ? .release : record.phase
    }

    /// The instance runs, and is heard, at the source as before.
    mutating func sourceUndone(_ now: Instant) -> [Effect] {
        isTargetUnheard ? go(to: .undoTarget, record.phase, now) : undone(now)
    }

    /// The source cannot run it again; a copy that waits at the target is to be gone before it is placed anew.
    mutating func sourceGone(_ now: Instant) -> [Effect] {
        isTargetUnheard
            ? go(to: .undoTarget, record.phase, now) : unrecovered("the source is gone", now)
    }

    /// The same order once more, soon: until it succeeds an instance is out of reach, or there is a copy too many.
    mutating func askAgain(_ now: Instant) -> [Effect] {
        deadline = now.advanced(by: .seconds(5))
        return []
    }
}
