import ClusterModel
import ControlCore

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

    // What the driver has; it survives the agent.
    var copies: [InstanceID: Copy] = [:]

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

    // The connection.
    var isConnected = false
    /// Grows with every connection and every loss of one: what is in flight of another is lost.
    var link = 0
    var lastUp: Int64 = 0
    var lastDown: Int64 = 0

    /// One instance as a driver has it.
    struct Copy: Sendable {
        var incarnation: Generation
        var isRunning: Bool
        var code = 0
    }

    init(id: HostID, total: Resources, clockOffset: Int64) {
        self.id = id
        self.total = total
        self.clockOffset = clockOffset
    }

    var capacity: Capacity {
        Capacity(
            total: total, bootID: "boot-\(boot)",
            capabilities: [Capability(.podman, available: true, detail: "5")])
    }

    var seen: [SeenInstance] {
        copies.keys.sorted().compactMap { id in
            copies[id].map { copy in
                SeenInstance(
                    id: id, incarnation: copy.incarnation,
                    state: copy.isRunning ? .running : .exited(code: copy.code))
            }
        }
    }

    /// Does what an operation does; why not, if it does not.
    mutating func carryOut(_ operation: AgentOperation, isSourceThere: Bool) -> String? {
        let id = operation.instance
        switch operation.verb {
        case .start(_, let incarnation):
            guard copies[id]?.incarnation == incarnation else {
                copies[id] = Copy(incarnation: incarnation, isRunning: true)
                return nil
            }
            copies[id]?.isRunning = true
        case .stop:
            guard copies[id]?.isRunning == true else { return nil }
            copies[id]?.isRunning = false
            copies[id]?.code = 0
        case .remove: copies[id] = nil
        case .preflight, .prepare: return nil
        case .fetch(let assigned, _, _):
            guard isSourceThere else { return "the source does not answer" }
            copies[id] = Copy(incarnation: assigned.generation, isRunning: false)
        case .confirm:
            return copies[id]?.isRunning == true ? nil : "it does not run"
        }
        return nil
    }
}
