import ClusterModel
import ControlCore
import Simulator

/// One simulated machine: its power, its driver, its agent and what the agent keeps on disk.
struct SimulatedHost: Sendable {
    let id: HostID
    let total: Resources
    /// How far this machine's clock is ahead of the world's.
    let clockOffset: Int64
    var isPowered = true
    var isCutOff = false
    /// Declared dead; it stays off until it was removed and joins anew.
    var isFenced = false
    var boot = 1

    /// What the drivers have; it survives the agent.
    var driver = SimulatedDriver()
    /// Instances whose switch-over goes on though nobody here watches it any more; each with its number.
    var flights: [InstanceID: Int] = [:]
    var lastFlight = 0
    /// What is here besides what the driver shows, and what must not stay.
    var belongings: [InstanceID: Set<Belonging>] = [:]
    /// Until this moment the engine under the driver answers nothing.
    var isDumbUntil: Int64 = 0

    // The agent, and its disk.
    var agent: AgentEngine?
    /// Grows with every agent, so that nothing of an earlier one reaches a later one.
    var agentEpoch = 0
    var kept: [InstanceID: Holding] = [:]
    var heardAt: Instant?
    var keptBoot = 1
    var operations: [Int: AgentOperation] = [:]
    var lastOperation = 0
    var nextLook: Int64 = 0
    var nextReport: Int64 = 0
    /// The cluster's network, as the agent last heard of it.
    var map: NetworkMap?

    // The connection.
    var isConnected = false
    /// Grows with every connection and every loss of one: what is in flight of another is lost.
    var link = 0
    var lastUp: Int64 = 0
    var lastDown: Int64 = 0

    init(id: HostID, total: Resources, clockOffset: Int64) {
        self.id = id
        self.total = total
        self.clockOffset = clockOffset
    }

    var capacity: Capacity {
        Capacity(
            total: total, bootID: "boot-\(boot)",
            capabilities: [.podman, .qemu, .network, .checkpoint, .postcopy].map {
                Capability($0, available: true, detail: "5")
            })
    }
}
