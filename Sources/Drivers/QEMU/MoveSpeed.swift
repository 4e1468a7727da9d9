import ClusterModel

/// How fast memory goes over while nothing holds it.
struct MoveSpeed: Sendable {
    private var first: Sighting?
    private var last: Sighting?
    private var isClosed = false
    /// The most bytes a second from one look to the next: what the way takes where a ceiling has QEMU rest in between.
    private(set) var burst: UInt64 = 0

    private struct Sighting {
        let transferred: UInt64
        let at: ContinuousClock.Instant
    }

    /// Less says more of the connection's beginning than of the way.
    private static let least = (time: Duration.milliseconds(50), bytes: UInt64(4 << 20))

    mutating func note(_ transferred: UInt64, at now: ContinuousClock.Instant) {
        guard !isClosed, transferred > 0 else { return }
        let sighting = Sighting(transferred: transferred, at: now)
        if first == nil { first = sighting }
        if let last { noteBurst(from: last, to: sighting) }
        last = sighting
    }

    private mutating func noteBurst(from before: Sighting, to now: Sighting) {
        let passed = now.at - before.at
        guard passed >= Self.shortest, now.transferred > before.transferred else { return }
        let (bytes, overflow) = (now.transferred - before.transferred)
            .multipliedReportingOverflow(by: 1_000)
        burst = max(burst, overflow ? 0 : bytes / UInt64(max(1, passed.milliseconds)))
    }

    /// Looks that are closer say more of their own delay.
    private static let shortest = Duration.milliseconds(5)

    /// What follows does not count.
    mutating func close() { isClosed = true }

    /// The mean from the first sight to the last; nothing where there was too little to see.
    var measure: MoveMeasure {
        guard let first, let last, last.at - first.at >= Self.least.time,
            last.transferred >= first.transferred + Self.least.bytes
        else { return .nothing }
        let milliseconds = UInt64((last.at - first.at).milliseconds)
        return MoveMeasure(
            bandwidth: BytesPerSecond(
                (last.transferred - first.transferred) / milliseconds * 1_000))
    }
}
