package import ClusterModel

/// What the engine decided: the changes are stored, all or none, before any effect is carried out.
package struct Decision: Hashable, Sendable {
    package var changes: [Change] = []
    /// In the order in which they are carried out.
    package var effects: [ClusterEffect] = []

    package init() {}
}

/// What the coordinator carries out for the engine.
package enum ClusterEffect: Hashable, Sendable {
    case answer(RequestID, Answer)
    case instruct(HostID, Instruction)
    /// Ends the host's connection, telling it why.
    case disconnect(HostID, reason: String)
    case plan(PlanJob)
    case audit(Plan, of: PlanJob)
    case progress(PlanProgressNote)
    /// Calls the program that switches hosts on and off; its end is an event.
    case power(HostID, PowerOrder)
}

/// What the program that switches hosts on and off is told to do.
package enum PowerOrder: String, Hashable, Sendable, CaseIterable {
    case sleep
    case wake
}

/// What one agent is told.
package enum Instruction: Hashable, Sendable {
    case welcome(lease: Duration)
    /// - Parameter moving: with `complete`, instances of which the orders of moves under way speak.
    case assign([Assigned], complete: Bool, moving: [InstanceID] = [])
    case move(MoveOrderNote)
    case network(NetworkNews)
    case acknowledge
}

/// What is to be true of one instance on one host.
package struct Assigned: Hashable, Sendable {
    package let instance: InstanceID
    package let generation: Generation
    package let desired: Instance.Desired
    package let workload: Workload
    /// The image, when the coordinator holds it.
    package let image: Image?
    /// Addresses of agents that have the image's files; asked before the coordinator is.
    package let imageSources: [String]
    package let removeVolumes: Bool
    /// Where it is reached on the cluster's network.
    package let address: IPv4Address?

    package init(
        instance: InstanceID, generation: Generation, desired: Instance.Desired, workload: Workload,
        image: Image?, imageSources: [String] = [], removeVolumes: Bool = false,
        address: IPv4Address? = nil
    ) {
        self.instance = instance
        self.generation = generation
        self.desired = desired
        self.workload = workload
        self.image = image
        self.imageSources = imageSources
        self.removeVolumes = removeVolumes
        self.address = address
    }
}

/// One phase of a move, for the host it is sent to.
package struct MoveOrderNote: Hashable, Sendable {
    package let move: Move
    /// Which end of the move the host is that this order is for.
    package let role: Role
    package let phase: Move.Phase
    package let undo: Bool
    package let assigned: Assigned
    /// Where the source's agent hands out its files; empty when it does not.
    package let sourceAddress: String
    /// Where the target waits, for the source of a streamed move.
    package let endpoint: MoveEndpoint?
    /// What both ends of a streamed move prove themselves with; whoever sends the order makes it.
    package let credentials: MoveCredentials?
    /// What all moves that leave the host may send together; `nil` is no limit.
    package let bandwidth: BytesPerSecond?
    /// How the source compresses what the target fetches.
    package let compression: Policy.Compression
    /// Over how many streams the target of a streamed move is to await the memory.
    package let streams: Int
    /// Whether the guest may run at the target before all of its memory has come; for the target, before it waits.
    package let takesPostcopy: Bool
    /// What is known of the source; for the target, in `confirm`.
    package let source: MoveSource

    package enum Role: Hashable, Sendable { case source, target }

    package init(
        move: Move, role: Role, phase: Move.Phase, undo: Bool, assigned: Assigned,
        sourceAddress: String, endpoint: MoveEndpoint? = nil, credentials: MoveCredentials? = nil,
        bandwidth: BytesPerSecond? = nil, compression: Policy.Compression = .none,
        streams: Int = 1, takesPostcopy: Bool = false, source: MoveSource = .unknown
    ) {
        self.move = move
        self.role = role
        self.phase = phase
        self.undo = undo
        self.assigned = assigned
        self.sourceAddress = sourceAddress
        self.endpoint = endpoint
        self.credentials = credentials
        self.bandwidth = bandwidth
        self.compression = compression
        self.streams = streams
        self.takesPostcopy = takesPostcopy
        self.source = source
    }
}

/// Everything the planner needs; it sees nothing else.
package struct PlanJob: Hashable, Sendable {
    package let id: PlanID
    package let task: PlanTask
    package let snapshot: Snapshot
    package let policy: Policy
    /// Revision at which the policy last changed.
    package let policyChanged: Revision
    package let seed: UInt64
    package var origin = PlanOrigin.user

    package init(
        id: PlanID, task: PlanTask, snapshot: Snapshot, policy: Policy, policyChanged: Revision,
        seed: UInt64, origin: PlanOrigin = .user
    ) {
        self.id = id
        self.task = task
        self.snapshot = snapshot
        self.policy = policy
        self.policyChanged = policyChanged
        self.seed = seed
        self.origin = origin
    }
}

/// How far a plan came, for those who watch it.
package struct PlanProgressNote: Hashable, Sendable {
    package let plan: PlanID
    package let state: PlanRecord.State
    package let reason: String
    package let step: StepNote?

    package init(plan: PlanID, state: PlanRecord.State, reason: String, step: StepNote?) {
        self.plan = plan
        self.state = state
        self.reason = reason
        self.step = step
    }

    /// What became of one step.
    package struct StepNote: Hashable, Sendable {
        package let id: Step.StepID
        package let state: StepState
        package let phase: Move.Phase?
        /// How far its copy is, where the source says so.
        package let progress: MoveAdvance?

        package init(
            id: Step.StepID, state: StepState, phase: Move.Phase?, progress: MoveAdvance? = nil
        ) {
            self.id = id
            self.state = state
            self.phase = phase
            self.progress = progress
        }
    }

    package enum StepState: String, Hashable, Sendable, CaseIterable {
        case waiting
        case running
        case done
        case failed
    }
}

/// What a request comes to.
package enum Answer: Hashable, Sendable {
    case applied([WorkloadChangeNote], pending: [Rationale], at: Revision)
    case changed(Revision, notes: [String])
    case plan(PlanRecord)
    case refused(RequestRefusal)
}

/// What `apply` did to one workload, or would do.
package struct WorkloadChangeNote: Hashable, Sendable {
    package let workload: WorkloadID
    package let kind: Kind
    /// One line for each field that differs.
    package let differences: [String]
    package let starts: [InstanceID]
    package let replaces: [InstanceID]
    package let removes: [InstanceID]

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case none
        case created
        case updated
        case replaced
        case scaled
    }
}

/// Why a request is not done.
package struct RequestRefusal: Error, Hashable, Sendable {
    package let code: Code
    package let message: String

    package enum Code: String, Hashable, Sendable, CaseIterable {
        case invalid
        case notFound
        /// The state does not allow it now, or has changed since.
        case conflict
        case unavailable
        /// A defect of ours, found before it did harm.
        case defect
    }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
