package import ClusterModel

/// One message of the coordinator on an agent's control stream.
package enum CoordinatorMessage: Hashable, Sendable {
    /// The answer to a hello.
    case welcome(Welcome)
    case assignments(Assignments)
    case move(MoveOrder)
    /// Asks the agent to open an attach stream.
    case attach(AttachOrder)
    /// Answers a report, so that both sides know the other is there.
    case acknowledged
    case network(NetworkNews)
    /// What agents are to refuse of one another.
    case revocations(Revocations)
}

/// Accepts an agent.
package struct Welcome: Hashable, Sendable {
    /// Version of this protocol that both speak from now on.
    package let `protocol`: Int
    /// Version of the coordinator's program.
    package let version: String
    /// How long the agent may go on running instances with a lease without hearing from the
    /// coordinator.
    package let lease: Duration

    package init(protocol: Int, version: String, lease: Duration) {
        self.protocol = `protocol`
        self.version = version
        self.lease = lease
    }
}

/// What is to be on the host; what is held may start.
package struct Assignments: Hashable, Sendable {
    package let assignments: [Assignment]
    /// Whether this is all of it, so that what is not named is an orphan.
    package let complete: Bool
    /// With `complete`: instances of which the orders of moves under way speak.
    package let moving: [InstanceID]

    package init(assignments: [Assignment], complete: Bool, moving: [InstanceID] = []) {
        self.assignments = assignments
        self.complete = complete
        self.moving = moving
    }
}

/// What is to become of one instance on the host.
package struct Assignment: Hashable, Sendable {
    package let instance: InstanceID
    package let generation: Generation
    package let desired: Instance.Desired
    package let workload: Workload
    /// Set when the image is one the coordinator holds.
    package let image: Image?
    /// Addresses of agents that have the image's files.
    package let imageHosts: [String]
    package let removeVolumes: Bool
    /// Where it is reached on the cluster's network.
    package let address: IPv4Address?

    package init(
        instance: InstanceID, generation: Generation, desired: Instance.Desired, workload: Workload,
        image: Image? = nil, imageHosts: [String] = [], removeVolumes: Bool = false,
        address: IPv4Address? = nil
    ) {
        self.instance = instance
        self.generation = generation
        self.desired = desired
        self.workload = workload
        self.image = image
        self.imageHosts = imageHosts
        self.removeVolumes = removeVolumes
        self.address = address
    }
}

/// Asks the host to do or undo its part of one phase of a move.
package struct MoveOrder: Hashable, Sendable {
    package let move: Move
    package let phase: Move.Phase
    package let undo: Bool
    /// The instance as the target is to run it.
    package let assignment: Assignment
    /// Where the source's agent serves its files.
    package let sourceAddress: String
    /// Where the target waits, for the source of a streamed move.
    package let endpoint: MoveEndpoint?
    /// For both ends of a streamed move.
    package let credentials: MoveCredentials?
    /// What all moves that leave the host may send together; `nil` is no limit.
    package let bandwidth: BytesPerSecond?
    /// How the source is to compress what the target fetches, if that can read it.
    package let compression: Policy.Compression
    /// Over how many streams the target of a streamed move is to await the memory.
    package let streams: Int
    /// Whether the guest may run at the target before all of its memory has come; for the target, before it waits.
    package let takesPostcopy: Bool
    /// What is known of the source; for the target, in `confirm`.
    package let source: MoveSource

    package init(
        move: Move, phase: Move.Phase, undo: Bool, assignment: Assignment, sourceAddress: String,
        endpoint: MoveEndpoint? = nil, credentials: MoveCredentials? = nil,
        bandwidth: BytesPerSecond? = nil, compression: Policy.Compression = .none,
        streams: Int = 1, takesPostcopy: Bool = false, source: MoveSource = .unknown
    ) {
        self.bandwidth = bandwidth
        self.compression = compression
        self.streams = streams
        self.takesPostcopy = takesPostcopy
        self.source = source
        self.endpoint = endpoint
        self.credentials = credentials
        self.move = move
        self.phase = phase
        self.undo = undo
        self.assignment = assignment
        self.sourceAddress = sourceAddress
    }
}

/// Asks the agent to open an attach stream and to name this session on it.
package struct AttachOrder: Hashable, Sendable {
    /// Made by the coordinator; pairs the stream with the user who waits for it.
    package let session: String
    package let kind: AttachKind
    package let instance: InstanceID
    package let follow: Bool
    /// Lines to begin with; `nil` is all.
    package let tail: Int?
    package let command: [String]
    package let terminal: Bool
    /// Whether the log begins with the line that tells of the instance's arrival.
    package let fromArrival: Bool

    package init(
        session: String, kind: AttachKind, instance: InstanceID, follow: Bool = false,
        tail: Int? = nil, command: [String] = [], terminal: Bool = false, fromArrival: Bool = false
    ) {
        self.session = session
        self.kind = kind
        self.instance = instance
        self.follow = follow
        self.tail = tail
        self.command = command
        self.terminal = terminal
        self.fromArrival = fromArrival
    }
}

/// What a user wants to see of an instance.
package enum AttachKind: Hashable, Sendable, CaseIterable {
    case logs
    case exec
    case console
}
