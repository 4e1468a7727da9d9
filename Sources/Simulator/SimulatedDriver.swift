package import ClusterModel
package import ControlCore

/// What the drivers of one simulated machine have; it survives the agent.
package struct SimulatedDriver: Sendable {
    package var copies: [InstanceID: Copy] = [:]
    /// Where instances were streamed to.
    package var streams: [InstanceID: HostID] = [:]
    /// Instances whose switch-over is through: the process is there and runs nothing.
    package var letGo: Set<InstanceID> = []

    /// One instance as a driver has it.
    package struct Copy: Sendable {
        package var incarnation: Generation
        package var isRunning: Bool
        package var code = 0
        package var kind = Workload.Kind.container
        /// Waits for a stream; no driver shows it before it has arrived.
        package var isReceiving = false
        /// Was asked for in vain, so it will not run by itself when it comes.
        package var isBarred = false
        /// Came after that, and waits.
        package var hasLanded = false
        /// Whether what is sent to its address comes to it.
        package var isConnected = true
        /// Never gets well.
        package var isSick = false
        /// Whether it may run before all of its memory has come.
        package var takesPostcopy = false
        /// Where the rest of its memory is, as long as that has not come.
        package var rest: Rest = .none
        /// Whether its host saw that it runs with a part of its memory, and keeps that.
        package var wasSeen = false
        /// Whether it ended because the rest of its memory did not come.
        package fileprivate(set) var isLost = false

        package enum Rest: Hashable, Sendable {
            /// All of it is here.
            case none
            case coming(from: HostID, boot: Int)  // → none, lost
            /// It will not come; its process is there and does nothing.
            case lost  // → none
            /// The same, and its process has ended.
            case ended  // → none
        }

        /// Whether it is known here that the rest of its memory will not come, by what is known of the source.
        fileprivate func isOver(_ source: MoveSource) -> Bool {
            switch rest {
            case .none: false
            case .coming: source.isGone
            case .lost: true
            case .ended: source.hasLetGo || wasSeen
            }
        }

        fileprivate mutating func lose() {
            rest = .none
            isReceiving = false
            isRunning = false
            isLost = true
            code = 137
        }

        package init(
            incarnation: Generation, isRunning: Bool, kind: Workload.Kind = .container,
            isReceiving: Bool = false
        ) {
            self.incarnation = incarnation
            self.isRunning = isRunning
            self.kind = kind
            self.isReceiving = isReceiving
        }

        /// Whether it answers for its address.
        package var isHeard: Bool { isRunning && isConnected }
    }

    package init() {}

    package func seen(_ kind: Workload.Kind) -> [SeenInstance] {
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
    package mutating func carryOut(_ operation: AgentOperation, isSourceThere: Bool) -> String? {
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
            copies[id]?.isLost = false
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
            if copies[id]?.rest == .lost || copies[id]?.wasSeen == true { return "it is here" }
            if let copy = copies[id], copy.isRunning || copy.hasLanded {
                copies[id]?.isRunning = true
                if case .coming = copy.rest { copies[id]?.wasSeen = true }
                return "it runs here"
            }
            copies[id] = nil
        case .preflight, .prepare, .prepareLive: return nil
        case .fetch(let assigned, _, _):
            guard isSourceThere else { return "the source does not answer" }
            copies[id] = Copy(
                incarnation: assigned.generation, isRunning: false, kind: assigned.workload.kind)
        case .receive(let assigned, let incarnation, _, _, let takesPostcopy):
            guard copies[id]?.isRunning != true else { return "it runs here" }
            copies[id] = Copy(
                incarnation: incarnation, isRunning: false, kind: assigned.workload.kind,
                isReceiving: true)
            copies[id]?.takesPostcopy = takesPostcopy
        // What these two do on both hosts, the world does.
        case .stream, .handOver: return nil
        case .arrive(_, let source):
            // It was here, whatever became of it.
            if copies[id]?.isReceiving == false { return nil }
            if copies[id]?.isOver(source) == true {
                copies[id]?.lose()
                return nil
            }
            if case .coming = copies[id]?.rest {
                copies[id]?.wasSeen = true
                return "its memory is still on its way"
            }
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
