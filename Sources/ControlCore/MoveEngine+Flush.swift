import ClusterModel

/// Between the arrival of an instance and its release: what came is to be on the target's disk before its source removes its own.
///
/// The source's files are worth something for as long as the target may lose what came, so a target that is silent is waited for:
/// until it answers, or is declared gone. One that is there and cannot is not: what its source has is older than what runs.
extension MoveEngine {
    var isFlushing: Bool { stage == .flush }

    mutating func flushIsLate(_ now: Instant) -> [Effect] {
        guard !isTargetSilent else {
            deadline = now.advanced(by: patience(.flush))
            return []
        }
        return unflushed("its disk took longer than \(patience(.flush).milliseconds / 1000) s", now)
    }

    mutating func unflushed(_ reason: String, _ now: Instant) -> [Effect] {
        [.trouble("\(doubtfulFiles): \(reason)")] + go(to: .release, .release, now)
    }

    /// The target is here, in its present boot. What it had not written before that is gone, and nothing is left to be flushed.
    mutating func targetConnected(_ boot: String, _ now: Instant) -> [Effect] {
        guard stage == .flush else { return [] }
        if isTargetSilent {
            isTargetSilent = false
            deadline = now.advanced(by: patience(.flush))
        }
        guard !boot.isEmpty else { return [] }
        let known = targetBoot ?? boot
        targetBoot = boot
        guard boot != known else { return [] }
        return [.trouble("\(doubtfulFiles): it has booted since")]
    }

    private var doubtfulFiles: String {
        "what came of \(record.move.instance) may not be on the disk of \(record.move.target)"
    }

    /// Keeps in which boot of its target the instance arrived.
    package mutating func note(targetBoot: String) {
        self.targetBoot = targetBoot.isEmpty ? nil : targetBoot
    }
}
