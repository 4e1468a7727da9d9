package import ClusterModel

extension Scenario {
    /// How finely recorded use is told again: as agents report it.
    private static let grain: Int64 = 5_000
    /// Most amounts that are kept of an instance; a longer recording is told in longer steps.
    private static let mostAmounts: Int64 = 20_000

    /// A cluster as `pictures` show it, in the order in which they were taken: hosts and workloads as they were last, instances
    /// where they were first, and each with the use that was measured of it.
    ///
    /// What was measured while a host was overloaded is what instances got, not what they wanted; no record tells that. Where
    /// nothing is known of an instance at some moment, what was known last holds. `nil` where there is nothing to simulate: no
    /// host that said what it has, or no use.
    package init?(pictures: [Snapshot], policy: Policy) {
        guard let first = pictures.first, let last = pictures.last else { return nil }
        let kept = Duration.milliseconds(Self.grain * Int64(UseSeries.capacity))
        let begin = first.takenAt.advanced(by: .zero - kept)
        // Hosts that are long gone, and clocks that are wrong, tell of other times.
        let series = Self.series(in: pictures).mapValues { uses in
            uses.filter { $0.at >= begin && $0.at <= last.takenAt }
        }
        let moments = series.values.joined().map(\.at.milliseconds)
        guard let begins = moments.min(), let ends = moments.max(), ends > begins else {
            return nil
        }
        let step = Self.step(of: ends - begins)
        let machines = last.hosts.filter { $0.host.capacity.total.cpu > .zero }.map {
            Machine(id: $0.id, labels: $0.host.labels, total: $0.host.capacity.total)
        }
        guard !machines.isEmpty else { return nil }
        var works: [WorkloadID: (workload: Workload, own: [InstanceID: LoadPattern])] = [:]
        var homes: [InstanceID: HostID] = [:]
        for view in last.instances {
            works[view.workload.name, default: (view.workload, [:])].own[view.id] =
                series[view.id].map { Self.pattern($0, from: begins, to: ends, each: step) }
        }
        for view in last.instances + first.instances where works[view.workload.name] != nil {
            homes[view.id] = view.host
        }
        let changes = Self.changes(in: pictures)
        self.init(
            hosts: machines,
            workloads: works.keys.sorted().compactMap { works[$0] }.map { work in
                Work(
                    work.workload, load: .reserved, own: work.own,
                    ownChanges: changes.filter { work.own[$0.key] != nil })
            },
            policy: policy, length: .milliseconds(ends - begins))
        self.homes = homes
    }

    /// How each guest changed its memory, as it was last measured.
    private static func changes(in pictures: [Snapshot]) -> [InstanceID: MoveLoad.Changes] {
        var changes: [InstanceID: MoveLoad.Changes] = [:]
        for view in pictures.flatMap(\.instances) {
            if let known = view.load?.changes { changes[view.id] = known }
        }
        return changes
    }

    /// What was measured of each instance, oldest first, each moment once.
    private static func series(in pictures: [Snapshot]) -> [InstanceID: [Use]] {
        var series: [InstanceID: [Use]] = [:]
        for view in pictures.flatMap(\.instances) {
            let known = series[view.id]?.last?.at
            let news = view.use.samples.filter { use in known.map { use.at > $0 } ?? true }
            series[view.id, default: []] += news
        }
        return series
    }

    private static func step(of span: Int64) -> Int64 {
        let shortest = (span + mostAmounts - 1) / mostAmounts
        return max(grain, (shortest + grain - 1) / grain * grain)
    }

    /// The mean of each step; where nothing was measured, what was before, or what came first.
    private static func pattern(
        _ uses: [Use], from begins: Int64, to ends: Int64, each step: Int64
    ) -> LoadPattern {
        var known = CPU(millicores: uses.first?.cpu.mean ?? 0)
        var next = uses.startIndex
        let amounts = stride(from: begins, to: ends, by: Int64.Stride(step)).map { from -> CPU in
            var sum: UInt64 = 0
            var count: UInt64 = 0
            while next < uses.endIndex, uses[next].at.milliseconds < from + step {
                sum = sum.saturatingSum(uses[next].cpu.mean)
                count += 1
                next += 1
            }
            if count > 0 { known = CPU(millicores: sum / count) }
            return known
        }
        return LoadPattern(.recorded(amounts, every: .milliseconds(step)))
    }
}
