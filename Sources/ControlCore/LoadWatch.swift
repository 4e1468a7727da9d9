package import ClusterModel

/// Since when one host has been hot, or cold, without a break.
///
/// Two thresholds, so that no host is ever both and most are neither. One reading on the other side
/// of its threshold ends a hold, and so does a gap in the reports: what was not seen did not hold.
/// Moments are those at which reports arrived, because the clocks of hosts do not agree.
package struct LoadWatch: Hashable, Sendable {
    private var last: Reading?
    /// Since when every reading has been as the last one is.
    private var since = Instant(milliseconds: 0)

    /// What hosts are judged by.
    package struct Thresholds: Hashable, Sendable {
        package let hot: Share
        package let cold: Share

        package init(_ policy: Policy) {
            hot = policy.hotCPU
            cold = policy.coldCPU
        }
    }

    package enum Heat: Hashable, Sendable {
        /// Above the upper threshold.
        case hot
        case mild
        /// Below the lower threshold.
        case cold
    }

    /// A time without a break in which a host was as it is.
    package struct Stretch: Hashable, Sendable {
        package let heat: Heat
        /// From its first reading to its last.
        package let lasted: Duration
        /// The last reading's part of what instances may have.
        package let cpu: Share
    }

    private struct Reading: Hashable, Sendable {
        let at: Instant
        let heat: Heat
        let cpu: Share
        let judgedBy: Thresholds
    }

    package init() {}

    /// Takes a report's mean of processor time, of which instances may have `allocatable`.
    package mutating func note(
        _ used: CPU, of allocatable: CPU, by thresholds: Thresholds, at now: Instant
    ) {
        let reading = Reading(
            at: now, heat: Self.heat(used, of: allocatable, by: thresholds),
            cpu: Self.share(used, of: allocatable), judgedBy: thresholds)
        let goesOn = last.map { last in
            last.heat == reading.heat && last.judgedBy == thresholds && !Self.isGap(last.at, now)
        }
        if goesOn != true { since = now }
        last = reading
    }

    /// Begins a hold anew: what was seen so far was before something changed.
    package mutating func startOver(at now: Instant) { since = now }

    /// The stretch that lasts until now; `nil` without a reading that still counts.
    package func stretch(by thresholds: Thresholds, at now: Instant) -> Stretch? {
        guard let last, last.judgedBy == thresholds, !Self.isGap(last.at, now) else { return nil }
        return Stretch(heat: last.heat, lasted: last.at.since(since), cpu: last.cpu)
    }

    private static func isGap(_ earlier: Instant, _ now: Instant) -> Bool {
        now.since(earlier) >= HostLiveness.silence
    }

    private static func heat(
        _ used: CPU, of allocatable: CPU, by thresholds: Thresholds
    ) -> Heat {
        guard allocatable > .zero else { return .mild }
        if used > allocatable.scaled(by: thresholds.hot) { return .hot }
        return used < allocatable.scaled(by: thresholds.cold) ? .cold : .mild
    }

    private static func share(_ used: CPU, of allocatable: CPU) -> Share {
        guard allocatable > .zero else { return .none }
        let wide = used.millicores.multipliedFullWidth(by: 1000)
        guard wide.high < allocatable.millicores else { return Share(permille: .max) }
        let permille = allocatable.millicores.dividingFullWidth(wide).quotient
        return Share(permille: UInt32(clamping: permille))
    }
}
