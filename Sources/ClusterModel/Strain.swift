/// How much an instance lacked over some time, of what it asked for.
package struct Strain: Hashable, Sendable {
    /// Part of the time in which it was runnable and held back.
    package let throttled: Share
    /// Means of its own pressure; `nil` where only the whole machine's is known, from which nothing is decided.
    package let pressure: Pressure?

    package init(throttled: Share, pressure: Pressure? = nil) {
        self.throttled = throttled
        self.pressure = pressure
    }
}

extension UseSeries {
    /// The strain over the last `window` of the series; `nil` when less than half of it was seen.
    ///
    /// Counted back from the last sample, because the clocks of hosts do not agree.
    package func strain(over window: Duration) -> Strain? {
        guard let last else { return nil }
        let recent = samples.filter { last.at.since($0.at) <= window }
        guard let first = recent.first else { return nil }
        let span = last.at.since(first.at)
        guard recent.count >= 2, span > .zero, span.milliseconds * 2 >= window.milliseconds else {
            return nil
        }
        // What the first sample tells of was before the span.
        let held = recent.dropFirst().reduce(UInt64(0)) { $0.saturatingSum($1.throttled) }
        let permille = held / UInt64(clamping: span.milliseconds)
        let own = recent.compactMap { $0.pressure?.scope == .cgroup ? $0.pressure : nil }
        let stalls =
            own.isEmpty
            ? nil
            : Pressure(
                scope: .cgroup, cpu: Self.mean(own.map(\.cpu)),
                memory: Self.mean(own.map(\.memory)),
                io: Self.mean(own.map(\.io)))
        return Strain(throttled: Share(permille: UInt32(clamping: permille)), pressure: stalls)
    }

    private static func mean(_ shares: [Share]) -> Share {
        let sum = shares.reduce(UInt64(0)) { $0 + UInt64($1.permille) }
        return Share(permille: UInt32(clamping: sum / UInt64(max(1, shares.count))))
    }
}
