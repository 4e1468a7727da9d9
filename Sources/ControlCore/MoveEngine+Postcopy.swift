import ClusterModel

/// What is different where a guest runs at its target before all of its memory is there.
///
/// Once its source has let go of it the instance is at the target, whatever becomes of it: nothing is undone any more, and the target
/// is asked until it answers. Before, the source's word may be lost, and then the target's counts, as after any stream.
extension MoveEngine {
    /// How long a target may say nothing of an instance that it has before that is told.
    var silence: String { "it has said nothing for \(patience(.confirm).milliseconds / 1000) s" }

    /// Whether what its source has of it is not worth going back to: it runs at the target since, with a part of its memory there.
    var isAtTarget: Bool { record.isPostcopy && record.hasLetGo }

    /// What is known of its source, for a target that is to say how the instance arrives.
    var source: MoveSource {
        guard record.isPostcopy else { return .unknown }
        return MoveSource(hasLetGo: record.hasLetGo, isGone: isSourceGone)
    }

    /// The source was given up meanwhile, and says that it let go.
    mutating func letGoAfterAll(_ now: Instant) -> [Effect] {
        guard record.isPostcopy, record.measure.isPartial, !record.hasLetGo else { return [] }
        switch stage {
        case .confirm:
            record.hasLetGo = true
            doubt = nil
            return go(to: .confirm, .confirm, now)
        case .undoTarget:
            // A target that has made away with it stays so; one that has it is asked for it at once.
            record.hasLetGo = true
            asksAgainAt = nil
            return order()
        case .preflight, .offer, .prepare, .copySource, .copyTarget, .switchOver, .flush, .release,
            .undoSource, .ended:
            return []
        }
    }

    /// The source is here, in its present boot.
    mutating func sourceConnected(_ boot: String) -> [Effect] {
        guard !boot.isEmpty else { return [] }
        // A coordinator that has just started knew no boot; no order to copy can have reached the source before this.
        if stage == .copySource, record.sourceBoot.isEmpty { record.sourceBoot = boot }
        // What it has not sent of a guest that runs elsewhere by then will not come any more.
        let isAnew = !record.sourceBoot.isEmpty && boot != record.sourceBoot
        return isAnew ? sourceGoneSince() : []
    }

    /// What the source has not sent will not come: the target is to know.
    mutating func sourceGoneSince() -> [Effect] {
        guard record.isPostcopy, !isSourceGone else { return [] }
        switch stage {
        case .switchOver:
            isSourceGone = true
            return []
        case .confirm, .undoTarget:
            isSourceGone = true
            // A target that said that the instance is there is asked for it anew, and at once.
            asksAgainAt = nil
            return order()
        case .preflight, .offer, .prepare, .copySource, .copyTarget, .flush, .release, .undoSource,
            .ended:
            return []
        }
    }

    /// A target that has the instance, or may, does not tell how it is: only an operator knows whether it ever will.
    mutating func complain(_ reason: String) -> [Effect] {
        let (instance, source, target) = (
            record.move.instance, record.move.source, record.move.target
        )
        return complain(
            of: reason,
            """
            \(target) does not tell how \(instance) is: \(reason); it is asked again. If that never changes, kill its QEMU on \(target): \
            it starts anew from its disks. Only if \(target) is lost for good, make sure that it is off and declare it gone \
            (`huddle host fence \(target)`): then it starts from the older disks on \(source)
            """)
    }
}
