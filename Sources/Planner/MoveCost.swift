import ClusterModel

/// What a move costs: expected interruption times its weight, plus bytes over the wire, in one
/// unit.
///
/// The unit is a mebibyte carried. One second of interruption weighs as much as a gibibyte, so that
/// a mode that keeps connections is worth a long copy. What is carried is estimated from sizes alone;
/// how long a guest that was measured stands still at the end of a live move is what the forecast says.
enum MoveCost {
    /// Mebibytes that one millisecond of interruption weighs.
    static let perMillisecond: UInt64 = 1
    /// What a copy is assumed to carry: 100 MiB/s, a gigabit link.
    static let millisecondsPerMebibyte: UInt64 = 10
    /// Time in which a container, or a guest's kernel, starts.
    static let startMilliseconds: (container: UInt64, vm: UInt64) = (2_000, 5_000)

    /// What one host that is not needed is worth while it is not: a second of interruption, or a
    /// gibibyte carried, for each minute.
    static let savedPerMinute: UInt64 = 1_000

    /// What a freed host saves within `time`.
    static func saving(within time: Duration) -> UInt64 {
        UInt64(clamping: time.milliseconds / 1000).times(savedPerMinute) / 60
    }

    /// - Parameter pause: how long it may stand still at the end of a live move.
    static func cost(
        of kind: Workload.Kind, reserved: Resources, by mode: MoveMode, pause: Duration
    ) -> UInt64 {
        let memory = reserved.memory.count >> 20
        let disk = reserved.disk.count >> 20
        switch mode {
        case .live:
            let interruption = UInt64(clamping: pause.milliseconds)
            return memory.saturatingSum(disk).saturatingSum(interruption.times(perMillisecond))
        case .relocate:
            return memory.saturatingSum(disk)
        case .restart:
            let start =
                kind == .vm ? startMilliseconds.vm : startMilliseconds.container
            // Memory is not carried, but what it cached has to be read again.
            let carried = memory.saturatingSum(disk)
            let interruption = start.saturatingSum(disk.times(millisecondsPerMebibyte))
            return carried.saturatingSum(interruption.times(perMillisecond))
        }
    }
}

extension UInt64 {
    /// The product, or the largest value when it would overflow.
    fileprivate func times(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}

extension Terrain {
    /// What moving `instance` from its home would cost in the mode it would be moved in.
    func cost(of instance: Int, to target: Int? = nil, _ liberty: Liberty) -> UInt64 {
        let mode: MoveMode? =
            if let home = instances[instance].home, let target {
                mode(of: instance, from: home, to: target, liberty)
            } else {
                liberty.mode ?? snapshot.instances[instance].workload.move.allow.last
            }
        return MoveCost.cost(
            of: snapshot.instances[instance].workload.kind,
            reserved: snapshot.instances[instance].reserved, by: mode ?? .restart,
            pause: mode == .live ? pause(of: instance, to: target) : .zero)
    }

    /// How long `instance` may stand still at the end of a live move from its home: the rung that is forecast where its
    /// changes were measured, else the first.
    private func pause(of instance: Int, to target: Int?) -> Duration {
        guard instances[instance].races, let home = instances[instance].home else {
            return snapshot.instances[instance].workload.move.downtime
        }
        return snapshot.pause(
            of: view(of: instance), from: id(ofHost: home), to: target.map(id(ofHost:)),
            ceiling: policy.movesBandwidth)
    }

    /// What all moves between the homes and `layout` would cost.
    func cost(of layout: Layout, _ liberty: Liberty) -> UInt64 {
        var total: UInt64 = 0
        for (instance, facts) in instances.enumerated() {
            guard facts.home != nil, let host = layout.host(of: instance), host != facts.home else {
                continue
            }
            total = total.saturatingSum(cost(of: instance, to: host, liberty))
        }
        return total
    }
}
