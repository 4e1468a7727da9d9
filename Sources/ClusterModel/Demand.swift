extension Workload {
    /// Memory that QEMU itself takes: 64 MiB and 2 % of the guest's.
    package static func overhead(ofGuest memory: Bytes) -> Bytes {
        .mebibytes(64) + memory.scaled(by: .percent(2))
    }

    /// What one instance of this workload reserves on its host.
    package var reservation: Resources {
        guard kind == .vm else { return size }
        var reserved = size
        reserved.memory = size.memory + Self.overhead(ofGuest: size.memory)
        return reserved
    }
}

extension Snapshot {
    /// What an instance counts for in a plan.
    ///
    /// Memory is the reservation under every rule: it cannot be taken back from a running guest. Processor time
    /// follows `rule`, falls back to the reservation until there is a measurement, never passes the cap and is never
    /// below the floor. Under a joint rule this is the part of it that can be added up (`JointRule.mean`); whether
    /// instances fit together is asked of their buckets.
    package func demand(of view: InstanceView, under rule: DemandRule) -> Resources {
        var demand = view.reserved
        switch rule {
        case .reserved:
            return demand
        case .percentile(let rank, let window, let margin):
            let measured = view.use.recent(window, before: takenAt).map(\.cpu.mean)
            guard !measured.isEmpty else { return demand }
            let base = Self.percentile(rank, of: measured)
            let withMargin = base.saturatingSum(base.scaled(by: margin))
            demand.cpu = CPU(millicores: bounded(withMargin, of: view))
            return demand
        case .joint(let rule):
            demand.cpu = CPU(millicores: rule.mean(of: amounts(of: view, under: rule)))
            return demand
        }
    }

    /// The smallest value that at least `rank` of `values` do not exceed (nearest rank).
    package static func percentile(_ rank: Share, of values: [UInt64]) -> UInt64 {
        let sorted = values.sorted()
        guard let largest = sorted.last else { return 0 }
        let position = (UInt64(sorted.count) * UInt64(rank.permille) + 999) / 1000
        let index = Int(max(1, position)) - 1
        return index < sorted.count ? sorted[index] : largest
    }
}
