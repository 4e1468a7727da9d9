import ClusterModel
import ControlCore

/// One host of a simulation: its power, its drivers, its agent, and what the agent keeps.
struct Machine: Sendable {
    let id: HostID
    /// Stands for its address.
    let number: UInt32
    let facts: Scenario.Machine
    let capacity: Capacity
    var driver = SimulatedDriver()
    var agent: AgentEngine?
    var kept: [InstanceID: Holding] = [:]
    var heardAt = Instant(milliseconds: 0)
    var boot = 1
    var keptBoot = 1
    /// Grows with each agent, so that nothing of an earlier one reaches a later.
    var epoch = 0
    var operations: [Int: AgentOperation] = [:]
    var lastOperation = 0
    /// What the streams that began here come to, where scenarios say how guests change their memory.
    var passages: [InstanceID: MoveForecast] = [:]
    var session: SessionID?
    var isPowered = true
    /// Switched off because it is empty, and not lost.
    var isAsleep = false
    var isCutOff = false

    /// What its instances want, and what of it they get.
    var wanted: UInt64 = 0
    var served: UInt64 = 0
    /// Part of their time for which those wait that want more memory bandwidth than there is.
    var crowding = Share.none

    /// Sums of the sample under way.
    var servedSum = 0.0
    var onTime: Int64 = 0
    var awayTime: Int64 = 0

    init(_ facts: Scenario.Machine, number: UInt32) {
        id = facts.id
        self.number = number
        self.facts = facts
        capacity = Capacity(
            total: facts.total, hostReserve: Capacity.standardReserve(of: facts.total),
            bootID: "boot-1",
            capabilities: [.podman, .qemu, .kvm, .network, .checkpoint, .postcopy].map {
                Capability($0, available: true, detail: "1.0")
            }, wakeTime: facts.wakeTime)
    }

    var hello: AgentHello {
        AgentHello(
            version: "1",
            capacity: Capacity(
                total: capacity.total, hostReserve: capacity.hostReserve, bootID: "boot-\(boot)",
                capabilities: capacity.capabilities, wakeTime: capacity.wakeTime),
            labels: facts.labels, address: "\(id):1")
    }

    /// Where it awaits what is streamed to it.
    var address: IPv4Address { IPv4Address(bits: 10 << 24 | number) }

    /// Whether it is reached by the coordinator and by other hosts.
    var isReachable: Bool { isPowered && !isCutOff }

    /// Whether anything of an instance is here that could run.
    var isOccupied: Bool { !driver.copies.isEmpty }
}
