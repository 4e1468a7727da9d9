extension Snapshot {
    /// What `view` is expected to use at most from now until `ahead` from now: what it did at the same time of the last
    /// day, its busiest five minutes then; `nil` where nothing is known of that time.
    ///
    /// The same time of the day before, and no trend: on recorded traces, what a line through the last minutes says of the
    /// next hour is worse than a mean (`Consolidation`), while load that follows people follows the clock.
    package func expected(of view: InstanceView, ahead: Duration) -> CPU? {
        let day = DaySeries.bucket * DaySeries.capacity
        let begin = takenAt.advanced(by: .zero - day)
        let first = DaySeries.number(of: begin)
        // Nothing is known beyond now.
        let last = min(
            DaySeries.number(of: begin.advanced(by: ahead)), DaySeries.number(of: takenAt) - 1)
        guard first <= last else { return nil }
        return (first...last).lazy.compactMap { view.day[$0] }.max().map { CPU(millicores: $0) }
    }

    /// What `view` is expected to count for: with the margin of `rule`, between floor and cap; `nil` where demand does not
    /// follow use, or nothing is known.
    package func expectedDemand(
        of view: InstanceView, under rule: DemandRule, ahead: Duration
    ) -> CPU? {
        let margin: Share
        switch rule {
        case .reserved: return nil
        case .percentile(_, _, let own): margin = own
        case .joint(let joint): margin = joint.margin
        }
        return expected(of: view, ahead: ahead).map { use in
            let amount = use.millicores.saturatingSum(use.millicores.scaled(by: margin))
            return CPU(millicores: bounded(amount, of: view))
        }
    }
}
