import ClusterModel

/// Between the arrival of an instance and its release: what came is to be on the target's disk before its source removes its own.
///
/// The source's files are worth something for as long as the target may lose what came, so a target that is silent is waited for:
/// until it answers, or is declared gone. One that is there and cannot is not: what its source has is older than what runs.
extension MoveEngine {
    package var isFlushing: Bool { stage == .flush }

    mutating func beginFlush(_ now: Instant) -> [Effect] {
        (hasTargetBooted ? [bootTrouble] : []) + go(to: .flush, .release, now)
    }

    mutating func unflushed(_ reason: String, _ now: Instant) -> [Effect] {
        [.trouble("\(doubtfulFiles): \(reason)")] + go(to: .release, .release, now)
    }

    /// The target is here, in its present boot. What it had not written before that is gone, and nothing is left to be flushed.
    mutating func targetConnected(_ boot: String) -> [Effect] {
        guard !boot.isEmpty else { return [] }
        let known = targetBoot
        switch stage {
        case .copySource, .copyTarget, .switchOver, .confirm, .flush: targetBoot = boot
        // Nothing has come, or it is of no matter any more.
        case .preflight, .offer, .prepare, .release, .undoTarget, .undoSource, .ended: return []
        }
        guard let known, known != boot else { return [] }
        hasTargetBooted = true
        return isFlushing ? [bootTrouble] : []
    }

    private var bootTrouble: Effect { .trouble("\(doubtfulFiles): it has booted since it came") }

    var doubtfulFiles: String {
        "what came of \(record.move.instance) may not be on the disk of \(record.move.target)"
    }

    /// Keeps in which boot of its target what comes is.
    package mutating func note(targetBoot: String) {
        self.targetBoot = targetBoot.isEmpty ? nil : targetBoot
    }
}
