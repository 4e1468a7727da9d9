import ClusterModel

/// Turns what QEMU counts into progress, twice a second at most.
struct MoveMeter: Sendable {
    private var last: (time: ContinuousClock.Instant, transferred: UInt64)?

    private static let interval = Duration.milliseconds(500)

    /// The progress at `time`; `nil` when the last one is too recent.
    mutating func read(
        _ memory: MigrationStatus.Memory?, disks: [BlockJob], at time: ContinuousClock.Instant
    ) -> MoveProgress? {
        if let last, time - last.time < Self.interval { return nil }
        let transferred = (memory?.transferred ?? 0) + disks.reduce(0) { $0 + $1.done }
        let remaining = (memory?.remaining ?? 0) + disks.reduce(0) { $0 + $1.remaining }
        var rate: UInt64 = 0
        if let last, transferred > last.transferred {
            let milliseconds = UInt64(max(1, (time - last.time).milliseconds))
            rate = (transferred - last.transferred) * 1000 / milliseconds
        }
        last = (time, transferred)
        return MoveProgress(
            rounds: memory?.passes ?? 0, transferred: Bytes(transferred),
            remaining: Bytes(remaining), bytesPerSecond: rate)
    }
}
