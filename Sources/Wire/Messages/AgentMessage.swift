package import ClusterModel

/// One message of an agent on its control stream.
package enum AgentMessage: Hashable, Sendable {
    /// The first message of a stream.
    case hello(Hello)
    case report(Report)
    case statuses(Statuses)
    case moveResult(MoveResult)
    /// What the host has or can do changed.
    case capacity(Capacity)
    case moveProgress(MoveProgressNote)
}

/// Says who the agent is and what its host has.
package struct Hello: Hashable, Sendable {
    /// Version of this protocol that the agent speaks.
    package let `protocol`: Int
    /// Version of the agent's program.
    package let version: String
    package let host: HostID
    package let capacity: Capacity
    package let labels: Labels
    /// Where other agents reach this one; empty when it serves none.
    package let address: String

    package init(
        protocol: Int, version: String, host: HostID, capacity: Capacity, labels: Labels = .none,
        address: String = ""
    ) {
        self.protocol = `protocol`
        self.version = version
        self.host = host
        self.capacity = capacity
        self.labels = labels
        self.address = address
    }
}

/// What was used over one reporting interval, and the images at hand.
package struct Report: Hashable, Sendable {
    /// Use of the whole host.
    package let host: Use
    package let instances: [InstanceUse]
    package let images: [String]

    package init(host: Use, instances: [InstanceUse] = [], images: [String] = []) {
        self.host = host
        self.instances = instances
        self.images = images
    }
}

/// What one instance used over one reporting interval.
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

/// Every instance on the host, those the coordinator never assigned included.
package struct Statuses: Hashable, Sendable {
    package let instances: [InstanceStatus]

    package init(instances: [InstanceStatus]) {
        self.instances = instances
    }
}

/// What one instance on the host does, and which decision made it.
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

/// How one phase of a move, or its undoing, ended on this host.
package struct MoveResult: Hashable, Sendable {
    package let move: MoveID
    package let phase: Move.Phase
    package let undo: Bool
    /// What went wrong; `nil` when the phase is done.
    package let failure: String?
    /// Where the target of a streamed move waits, once it does.
    package let endpoint: MoveEndpoint?
    /// What this host saw of the move in that phase.
    package let measure: MoveMeasure
    /// What CRIU said of the program, where that is what went wrong.
    package let verdict: CheckpointVerdict?

    package init(
        move: MoveID, phase: Move.Phase, undo: Bool, failure: String? = nil,
        endpoint: MoveEndpoint? = nil, measure: MoveMeasure = .nothing,
        verdict: CheckpointVerdict? = nil
    ) {
        self.verdict = verdict
        self.measure = measure
        self.endpoint = endpoint
        self.move = move
        self.phase = phase
        self.undo = undo
        self.failure = failure
    }
}

/// How far the source is with the copy of a move.
package struct MoveProgressNote: Hashable, Sendable {
    package let move: MoveID
    package let progress: MoveProgress

    package init(move: MoveID, progress: MoveProgress) {
        self.move = move
        self.progress = progress
    }
}
