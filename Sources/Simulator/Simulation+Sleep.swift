import ClusterModel
import ControlCore

extension Simulation {
    /// A cluster of which any host says how long it takes to wake has a program that switches hosts.
    static func hasPower(_ scenario: Scenario) -> Bool {
        scenario.hosts.contains { $0.wakeTime != nil }
    }

    /// What services and disks take to end, so that the host is off.
    private static let shutdown: Int64 = 10_000

    /// Does as the program would: a host is off when it says so, and boots after that.
    mutating func carryOut(_ order: PowerOrder, on id: HostID) {
        switch order {
        case .sleep:
            if machines[id]?.isPowered == true {
                powerOff(id)
                machines[id]?.isAsleep = true
            }
            agenda.add(.switched(id, .sleep, by: coordinator), at: now + Self.shutdown)
        case .wake:
            agenda.add(.switched(id, .wake, by: coordinator), at: now + 1_000)
            let time = machines[id]?.facts.wakeTime ?? .seconds(60)
            agenda.add(.wakes(id), at: now + max(0, time.milliseconds))
        }
    }

    /// What is lost meanwhile does not boot; once its fault is over it does, by itself.
    mutating func getUp(_ id: HostID) {
        guard machines[id]?.isAsleep == true else { return }
        machines[id]?.isAsleep = false
        let isLost = scenario.faults.contains { $0.kind == .loss(id) && $0.isActive(at: elapsed) }
        if !isLost { powerOn(id) }
    }

    /// Whether a host draws what one does that is on.
    ///
    /// Where hosts are put to sleep it is as it is; elsewhere an empty one is counted as asleep, as an operator would see to.
    func isOn(_ machine: Machine) -> Bool {
        machine.isOccupied || (machine.facts.wakeTime != nil && scenario.policy.sleep == .auto)
    }
}
