/// Instances count for what they used together: in each bucket of a window their use is added up, and the sum may pass the
/// ceiling of its host in a part of the buckets.
package struct JointRule: Hashable, Sendable {
    /// The chance that a host's sum passes its ceiling in the next bucket.
    package let chance: Share
    /// How far back buckets count.
    package let window: Duration
    /// What every instance counts for on top of what it used.
    package let margin: Share

    package init(chance: Share, window: Duration, margin: Share = .none) {
        self.chance = chance
        self.window = window
        self.margin = margin
    }

    /// Largest chance that makes sense; with more, a host would be above its ceiling as often as not.
    package static let mostChance = Share.percent(50)
    /// Known buckets from which on unknown ones count as the largest known: an hour.
    package static let enough = 12

    /// Buckets that count.
    package var buckets: Int {
        let length = DaySeries.bucket.milliseconds
        let (quotient, rest) = max(1, window.milliseconds).quotientAndRemainder(dividingBy: length)
        return Int(min(quotient + (rest > 0 ? 1 : 0), Int64(DaySeries.capacity)))
    }

    /// Buckets of the window in which a host's sum may pass its ceiling.
    ///
    /// With `k` of `n` buckets above, and the next one like any of them, the chance that it is above, too, is at most
    /// `(k + 1) / (n + 1)`: it takes any rank among `n + 1` with the same chance. So many are allowed that this stays within
    /// `chance`; none where even that would not.
    /// - Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005 (conformal prediction).
    package var allowed: Int { max(0, (buckets + 1) * Int(chance.permille) / 1000 - 1) }

    /// The least amount that `sums`, one a bucket, pass in no more than the allowed buckets.
    package func need(of sums: [UInt64]) -> UInt64 {
        guard allowed < sums.count else { return 0 }
        return sums.sorted(by: >)[allowed]
    }

    /// The mean of an instance's `amounts` without the largest that are allowed to pass.
    ///
    /// It can be added up: however few hosts there are, the sum of these means on one is never above what its instances
    /// need together. So it is what searches and bounds reckon with before they look at buckets.
    package func mean(of amounts: [UInt32]) -> UInt64 {
        let kept = amounts.sorted().dropLast(allowed)
        guard !kept.isEmpty else { return 0 }
        return kept.reduce(UInt64(0)) { $0 + UInt64($1) } / UInt64(kept.count)
    }

    /// The rules between its parts.
    func validated() throws(InvalidValue) -> JointRule {
        guard chance <= Self.mostChance else {
            throw InvalidValue("demand", "a joint chance ends at 50%")
        }
        let day = DaySeries.bucket * DaySeries.capacity
        guard window >= DaySeries.bucket, window <= day else {
            throw InvalidValue("demand", "a joint window is between 5m and 24h")
        }
        return self
    }
}

extension Snapshot {
    /// What `view` counts for under `rule` in each bucket of the window, oldest first.
    ///
    /// Use with the margin, never above the cap and never below the floor. An unknown bucket counts as the largest known
    /// one, and as the reservation while less than an hour is known.
    package func amounts(of view: InstanceView, under rule: JointRule) -> [UInt32] {
        let end = DaySeries.number(of: takenAt)
        let known = (end - Int64(rule.buckets)..<end).map { view.day[$0] }
        let largest = known.lazy.compactMap { $0 }.max()
        let isEnough = known.count { $0 != nil } >= min(JointRule.enough, rule.buckets)
        let stand = isEnough ? largest : nil
        return known.map { amount in
            let counted = (amount ?? stand).map { $0.saturatingSum($0.scaled(by: rule.margin)) }
            let bounded = bounded(counted ?? view.reserved.cpu.millicores, of: view)
            return UInt32(min(bounded, DaySeries.most))
        }
    }

    /// `amount` between the floor and the cap of `view`; at least one, so that nothing is for free.
    func bounded(_ amount: UInt64, of view: InstanceView) -> UInt64 {
        let cap = view.workload.limit.cpu?.millicores ?? .max
        return max(1, view.workload.floor.millicores, min(amount, cap))
    }
}
