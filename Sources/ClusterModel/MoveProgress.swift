/// How far a move has come, as its source measures it.
package struct MoveProgress: Hashable, Sendable {
    /// Passes over the memory that were begun; zero while only disks are copied.
    package let rounds: Int
    package let transferred: Bytes
    /// What is still to be sent, by the present estimate; it may rise while the instance writes.
    package let remaining: Bytes
    package let bytesPerSecond: UInt64

    package init(rounds: Int, transferred: Bytes, remaining: Bytes, bytesPerSecond: UInt64) {
        self.rounds = rounds
        self.transferred = transferred
        self.remaining = remaining
        self.bytesPerSecond = bytesPerSecond
    }
}

/// How far a copy has come, as its users see it: never less than before.
package struct MoveAdvance: Hashable, Sendable {
    package let latest: MoveProgress
    /// What has been sent of all that will have to be, by the best estimate so far.
    package let share: Share

    /// Takes `progress` for what follows `earlier`; while the instance writes faster than can be sent, the share
    /// stands still.
    package init(_ progress: MoveProgress, after earlier: MoveAdvance? = nil) {
        latest = progress
        let sent = progress.transferred.count
        let total = sent.saturatingSum(progress.remaining.count)
        // In KiB, so that the product stays within 64 bits up to sixteen pebibytes.
        let permille = total == 0 ? 0 : (sent >> 10) * 1_000 / max(1, total >> 10)
        let share = Share(permille: UInt32(clamping: min(permille, 1_000)))
        self.share = max(share, earlier?.share ?? share)
    }

    package init(latest: MoveProgress, share: Share) {
        self.latest = latest
        self.share = share
    }
}
