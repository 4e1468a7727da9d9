package import ClusterModel

/// Names a request that waits for its answer.
package struct RequestID: Hashable, Comparable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// Everything that can happen to the cluster engine.
package enum ClusterEvent: Hashable, Sendable {
    case request(RequestID, ClusterRequest)
    case connected(HostID, SessionID, AgentHello)
    case disconnected(HostID, SessionID)
    case said(HostID, SessionID, AgentNews)
    case planned(PlanID, PlanningResult)
    /// The audit's findings, empty when the plan is good.
    case audited(PlanID, findings: [String])
    /// The program that switches hosts on and off has ended; `failure` is what it said.
    case powered(HostID, PowerOrder, failure: String?)
    case tick
}

/// What users ask for.
package enum ClusterRequest: Hashable, Sendable {
    /// A host whose token was accepted becomes a member.
    case admit(HostID, labels: Labels)
    case apply([Workload], on: HostID?, dryRun: Bool)
    case delete(WorkloadID, volumes: Bool)
    case drain(HostID, force: Bool, dryRun: Bool)
    case restore(HostID)
    case fence(HostID)
    /// A host that lowers the cluster's CPU baseline takes instances all the same.
    case confirm(HostID)
    /// An empty host is switched off.
    case sleep(HostID)
    case wake(HostID)
    case remove(HostID)
    case plan(PlanTask)
    case run(PlanID)
    case cancel(MoveID)
    case setPolicy(Policy)
    case addImage(Image)
    case removeImage(ImageID)
    /// Keeps automatic moves from starting, or ends that.
    case pause(Bool)
}

/// What a plan is asked for.
package enum PlanTask: Hashable, Sendable {
    case pack
    case relieve(HostID)
    case drain(HostID, force: Bool)
    case place([InstanceID], on: HostID?)
    case move(InstanceID, to: HostID?, mode: MoveMode?)
    /// Brings instances back to where they were; nobody asks for it but the engine.
    case undo([Release.Return])
    case repair
    /// Whether an empty host may sleep: what it comes to has no steps; nobody asks for it but the engine.
    case rest(HostID)

    /// Whether an operator allowed modes of moving that specs do not accept.
    package var isForced: Bool {
        switch self {
        case .drain(_, let force): force
        case .pack, .relieve, .place, .move, .undo, .repair, .rest: false
        }
    }

    /// The host whose sleep is asked about.
    package var resting: HostID? {
        if case .rest(let host) = self { host } else { nil }
    }
}

/// How an agent introduces itself.
package struct AgentHello: Hashable, Sendable {
    package let version: String
    package let capacity: Capacity
    package let labels: Labels
    /// Where other agents reach it; empty when they cannot.
    package let address: String

    package init(version: String, capacity: Capacity, labels: Labels, address: String) {
        self.version = version
        self.capacity = capacity
        self.labels = labels
        self.address = address
    }
}

/// What an agent says while it is connected.
package enum AgentNews: Hashable, Sendable {
    case report(host: Use, instances: [InstanceUse], images: [String])
    /// Every instance on the host.
    case statuses([InstanceStatus])
    /// How an order of a move ended; `endpoint` is where the target waits, once it does, `verdict` what CRIU said of the
    /// program.
    case move(
        MoveID, Move.Phase, undo: Bool, failure: String?, endpoint: MoveEndpoint? = nil,
        measure: MoveMeasure = .nothing, verdict: CheckpointVerdict? = nil)
    /// How far the source is with the copy of a move.
    case moveProgress(MoveID, MoveProgress)
    case capacity(Capacity)

    /// Measured use of one instance.
    package struct InstanceUse: Hashable, Sendable {
        package let id: InstanceID
        package let use: Use
        /// What a live move would carry, as it was last measured.
        package let load: MoveLoad?

        package init(id: InstanceID, use: Use, load: MoveLoad? = nil) {
            self.id = id
            self.use = use
            self.load = load
        }
    }

    /// State of one instance.
    package struct InstanceStatus: Hashable, Sendable {
        package let id: InstanceID
        package let generation: Generation
        package let observed: Instance.Observed

        package init(id: InstanceID, generation: Generation, observed: Instance.Observed) {
            self.id = id
            self.generation = generation
            self.observed = observed
        }
    }
}

/// What the planner answered.
package enum PlanningResult: Hashable, Sendable {
    case plan(Plan)
    case refused(String)
}
