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

    /// Where instances were streamed to.
    var streams: [InstanceID: HostID] = [:]
    /// Instances whose switch-over is through: the process is there and runs nothing.
    var letGo: Set<InstanceID> = []
    /// Instances whose switch-over goes on though nobody here watches it any more; each with its number.
    var flights: [InstanceID: Int] = [:]
    var lastFlight = 0

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
        var kind = Workload.Kind.container
        /// Waits for a stream; no driver shows it before it has arrived.
        var isReceiving = false
        /// Was asked for in vain, so it will not run by itself when it comes.
        var isBarred = false
        /// Came after that, and waits.
        var hasLanded = false
        /// Whether what is sent to its address comes to it.
        var isConnected = true
        /// Never gets well.
        var isSick = false

        /// Whether it answers for its address.
        var isHeard: Bool { isRunning && isConnected }
    }

    init(id: HostID, total: Resources, clockOffset: Int64) {
        self.id = id
        self.total = total
        self.clockOffset = clockOffset
    }

    var capacity: Capacity {
        Capacity(
            total: total, bootID: "boot-\(boot)",
            capabilities: [.podman, .qemu, .network, .checkpoint].map {
                Capability($0, available: true, detail: "5")
            })
    }

    func seen(_ kind: Workload.Kind) -> [SeenInstance] {
        copies.keys.sorted().compactMap { id in
            copies[id].flatMap { copy -> SeenInstance? in
                guard copy.kind == kind, !copy.isReceiving else { return nil }
                return
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
        case .start(let assigned, let incarnation), .resume(let assigned, let incarnation):
            guard copies[id]?.incarnation == incarnation, copies[id]?.isReceiving == false else {
                copies[id] = Copy(
                    incarnation: incarnation, isRunning: true, kind: assigned.workload.kind)
                return nil
            }
            copies[id]?.isRunning = true
            copies[id]?.isConnected = true
        case .startApart(let assigned, let incarnation):
            if copies[id]?.incarnation != incarnation {
                copies[id] = Copy(
                    incarnation: incarnation, isRunning: false, kind: assigned.workload.kind)
            }
            copies[id]?.isConnected = false
            copies[id]?.isRunning = true
        case .hold: copies[id]?.isConnected = false
        case .connect:
            guard copies[id]?.isRunning == true else { return "it does not run" }
            copies[id]?.isConnected = true
        case .stop, .checkpoint:
            guard copies[id]?.isRunning == true else { return nil }
            copies[id]?.isRunning = false
            copies[id]?.code = 0
        case .remove: copies[id] = nil
        case .dismiss:
            if let copy = copies[id], copy.isRunning || copy.hasLanded {
                copies[id]?.isRunning = true
                return "it runs here"
            }
            copies[id] = nil
        case .preflight, .prepare, .prepareLive: return nil
        case .fetch(let assigned, _, _):
            guard isSourceThere else { return "the source does not answer" }
            copies[id] = Copy(
                incarnation: assigned.generation, isRunning: false, kind: assigned.workload.kind)
        case .receive(let assigned, let incarnation, _):
            guard copies[id]?.isRunning != true else { return "it runs here" }
            copies[id] = Copy(
                incarnation: incarnation, isRunning: false, kind: assigned.workload.kind,
                isReceiving: true)
        // What these two do on both hosts, the world does.
        case .stream, .handOver: return nil
        case .arrive:
            guard let copy = copies[id], copy.isRunning || copy.hasLanded else {
                copies[id]?.isBarred = true
                return "it did not arrive"
            }
            copies[id]?.isRunning = true
            copies[id]?.isReceiving = false
        case .confirm:
            return copies[id]?.isRunning == true ? nil : "it does not run"
        }
        return nil
    }
}
