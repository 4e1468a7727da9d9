import ClusterModel
import ControlCore

extension Simulation {
    /// Milliseconds between two measurements of an instance, as agents make them.
    private static let measuring: Int64 = 180_000
    /// Milliseconds of a stream that never ends: whoever ordered it gives it up long before.
    static let endless: Int64 = 366 * 86_400_000
    /// Less than this says nothing of a bandwidth.
    private static let leastMeasured = Bytes.mebibytes(4)

    // MARK: - Before a move

    /// What a live move of a guest would carry, as its host measures it.
    func moveLoad(of instance: InstanceID) -> MoveLoad? {
        guard let work = workloadOf[instance].flatMap({ workloads[$0] }) else { return nil }
        let measured = now - elapsed % Self.measuring
        return MoveLoad(
            at: Instant(milliseconds: measured), memory: work.workload.size.memory,
            disks: work.workload.size.disk, changes: work.ownChanges[instance] ?? work.changes)
    }

    // MARK: - During a move

    /// How many times as long copies take now.
    var slowness: Int64 {
        scenario.faults.reduce(1) { slow, fault in
            guard fault.isActive(at: elapsed), case .slow(let factor) = fault.kind else {
                return slow
            }
            return max(slow, Int64(clamping: factor))
        }
    }

    /// What a copy has of the link now.
    private var bandwidth: BytesPerSecond {
        BytesPerSecond(max(1, scenario.pace.link.count / UInt64(slowness)))
    }

    /// What a stream of a guest comes to that begins now, pass by pass; `nil` for one whose changes the scenario does not say.
    ///
    /// The host can do no better than its spec allows: it climbs the same ladder that forecasts do.
    func passage(of assigned: Assigned, byPostcopy: Bool) -> MoveForecast? {
        guard assigned.workload.kind == .vm, let load = moveLoad(of: assigned.instance),
            load.changes != nil
        else { return nil }
        let link = MoveLink(bandwidth: bandwidth, setup: .zero, halt: .zero)
        let precopy = MoveForecast(
            .live, of: .vm, carrying: load, over: link, within: assigned.workload.move.ladder)
        return byPostcopy ? precopy.postcopying(load, over: link) ?? precopy : precopy
    }

    /// How long a guest stands still in its switch-over: no less than what devices take.
    func standstill(of instance: InstanceID, on host: HostID) -> Duration {
        let last = machines[host]?.passages[instance]?.downtime ?? .zero
        return max(.milliseconds(1), scenario.pace.downtime, last)
    }

    /// What a host saw of its part of a move.
    func measure(of operation: AgentOperation, on host: HostID) -> MoveMeasure {
        let bytes = bytes(of: operation, on: host)
        let speed = bytes < Self.leastMeasured ? nil : bandwidth
        switch operation.verb {
        case .stream, .fetch: return MoveMeasure(bytes: bytes, bandwidth: speed)
        case .handOver:
            return MoveMeasure(downtime: standstill(of: operation.instance, on: host))
        default: return .nothing
        }
    }
}
