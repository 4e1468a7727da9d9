package import ClusterModel

/// Says how long to wait before bytes are sent, so that a rate is kept that may change from call to call.
package struct TokenBucket: Hashable, Sendable {
    /// What may be sent at once; below zero, what was sent ahead of its time.
    private var level: Int64 = 0
    private var last: Instant?

    /// Of a second: what an idle sender may catch up on.
    private static let burst: Int64 = 10

    package init() {}

    /// The wait before `bytes` may go, which counts them as sent; zero where there is no `rate`.
    package mutating func take(
        _ bytes: Int, at now: Instant, rate: BytesPerSecond?
    ) -> Duration {
        guard let rate else {
            self = TokenBucket()
            return .zero
        }
        let perSecond = Int64(clamping: min(max(1, rate.count), 1 << 50))
        if let last, now > last {
            // An hour is more than any debt lasts; the product stays within 64 bits.
            let passed = min(now.since(last).milliseconds, 3_600_000)
            let earned = perSecond / 1_000 * passed + perSecond % 1_000 * passed / 1_000
            level = min(level + earned, perSecond / Self.burst)
        }
        last = max(last ?? now, now)
        level = max(level - Int64(clamping: bytes), -(1 << 60))
        guard level < 0 else { return .zero }
        let missing = 0 - level
        let rest = missing % perSecond * 1_000
        return .milliseconds(
            missing / perSecond * 1_000 + (rest + perSecond - 1) / perSecond)
    }
}
