package import ClusterModel

/// Everything that can happen to an agent's engine.
package enum AgentEvent: Hashable, Sendable {
    /// The coordinator said what is to be here; `complete` names everything but what is `moving`.
    case assigned([Assigned], complete: Bool, moving: [InstanceID] = [])
    case ordered(MoveOrderNote)
    /// A new connection begins; its hello goes out at this moment.
    case greeting(at: Instant)
    /// The coordinator answered the hello, or asks to hear everything again.
    case welcomed
    /// A report of use goes out at this moment.
    case reporting(at: Instant)
    /// The coordinator answered a report, so leases run from when that report went out.
    case acknowledged
    /// Every instance that the driver of `kind` has.
    case seen(Workload.Kind, [SeenInstance])
    /// An operation came to its end; `endpoint` is what `receive` found, `measure` what was seen of a move, and `verdict` what CRIU
    /// said of the program.
    case finished(
        AgentOperation, failure: String?, endpoint: MoveEndpoint? = nil,
        measure: MoveMeasure = .nothing, verdict: CheckpointVerdict? = nil)
    case probed(InstanceID, failure: String?)
    /// The answer to `prove`, for the move that it was asked for.
    case proved(InstanceID, MoveID, failure: String?)
    /// `flush` has come to its end.
    case flushed(MoveID, failure: String?)
    case tick
}

/// An instance as its driver describes it.
package struct SeenInstance: Hashable, Sendable {
    package let id: InstanceID
    /// Generation it was made under.
    package let incarnation: Generation
    package let state: State
    /// Whose it is, once its driver has said so.
    var kind: Workload.Kind?

    package enum State: Hashable, Sendable {
        case running
        case exited(code: Int)
    }

    package init(id: InstanceID, incarnation: Generation, state: State) {
        self.id = id
        self.incarnation = incarnation
        self.state = state
    }
}

/// What an agent carries out for its engine.
package enum AgentEffect: Hashable, Sendable {
    /// Stored before any effect that follows it.
    case keep(Holding)
    case drop(InstanceID)
    /// When the coordinator was last heard, for the agent that runs after this one.
    case noteHeard(Instant)
    case perform(AgentOperation)
    /// Ends an operation that is under way before its time; it then finishes as failed.
    case interrupt(AgentOperation)
    case probe(InstanceID, HealthCheck)
    /// Checks a move's copy that nobody can reach, from where it is.
    case prove(InstanceID, MoveID, HealthCheck)
    /// Brings what came of the instance to this host's disk, while it runs, or is stopped, or goes.
    case flush(InstanceID, Workload.Kind, MoveID)
    /// The state of every instance, for the coordinator.
    case report([AgentNews.InstanceStatus])
    case answerMove(
        MoveID, Move.Phase, undo: Bool, failure: String?, endpoint: MoveEndpoint? = nil,
        measure: MoveMeasure = .nothing, verdict: CheckpointVerdict? = nil)
}

/// One thing done with a driver; at most one at a time for an instance.
package struct AgentOperation: Hashable, Sendable {
    package let instance: InstanceID
    package let verb: Verb

    /// From where files come while their instance runs: from the agent at `address`, for the move.
    package struct Ahead: Hashable, Sendable {
        package let address: String
        package let move: MoveID
    }

    package enum Verb: Hashable, Sendable {
        case start(Assigned, incarnation: Generation)
        case stop(Workload.Kind)
        case remove(Workload.Kind, volumes: [String])
        /// Asks whether this host could run it.
        case preflight(Assigned)
        /// Brings its image here, and what may come while it runs.
        case prepare(Assigned, ahead: Ahead?)
        /// Brings its files here from the agent at `address`, for the move.
        case fetch(Assigned, from: String, MoveID)
        /// Starts a further copy that nobody can reach.
        case startApart(Assigned, incarnation: Generation)
        /// Keeps it from being reached; it runs on.
        case hold(Assigned)
        /// Makes it reached here, if it runs.
        case connect(Assigned)
        /// Looks whether it runs now.
        case confirm(Workload.Kind)
        /// Stops it and keeps all that it was, memory and connections included.
        case checkpoint(Assigned)
        /// Brings its image here and what may come while it runs, and makes all that it arrives in.
        case prepareLive(Assigned, ahead: Ahead?)
        /// Makes what a streamed instance arrives in, over so many streams; by post-copy it may run before all of it is there.
        case receive(
            Assigned, incarnation: Generation, MoveCredentials, streams: Int, takesPostcopy: Bool)
        /// Sends a running instance to where its target waits.
        case stream(Assigned, to: MoveEndpoint, MoveCredentials, MoveID)
        /// Stops it, sends the rest and lets go.
        case handOver(Assigned)
        /// Takes a streamed instance for its own, once it runs.
        ///
        /// Where its source has let go of it, it is here even if it has ended.
        case arrive(Workload.Kind, from: MoveSource)
        /// Ends what waits for a streamed instance; fails where it has come after all.
        case dismiss(Workload.Kind)
        /// Makes a streamed instance go on here after all.
        case resume(Assigned, incarnation: Generation)
    }
}

/// What an agent holds of one instance; it outlives the agent.
package struct Holding: Hashable, Sendable {
    package var assigned: Assigned
    /// Generation under which the present copy was made; the driver knows it by this.
    package var incarnation: Generation
    package var standing: Standing
    /// The move whose orders alone decide over it.
    package var move: MoveID?
    /// The other host of that move, which alone may fetch what this one has.
    package var peer: HostID?
    /// Whether the copy that ran here last was made to end, so that it is started whatever its code once it is to run.
    package var isInterrupted: Bool

    package enum Standing: String, Hashable, Sendable, CaseIterable {
        case active
        /// Waits for the coordinator to confirm its generation: the host rebooted or a lease ended.
        case held
        /// Confirmed after it was held; started whatever its end, because it did not end by itself.
        case resumed
        /// Removed; kept until the coordinator no longer speaks of it.
        case gone
    }

    package init(
        assigned: Assigned, incarnation: Generation, standing: Standing = .active,
        move: MoveID? = nil, peer: HostID? = nil, isInterrupted: Bool = false
    ) {
        self.assigned = assigned
        self.incarnation = incarnation
        self.standing = standing
        self.move = move
        self.peer = peer
        self.isInterrupted = isInterrupted
    }

    package var id: InstanceID { assigned.instance }

    /// Whether this is what a move brought here to be gone on from, and nothing of it ever ran here: at a source the
    /// copy is older than the decision to move it.
    var waitsForItsMove: Bool {
        move != nil && assigned.desired == .stopped && incarnation == assigned.generation
    }

    /// Whether the coordinator's word on it holds, so that it may run.
    package var isConfirmed: Bool {
        switch standing {
        case .active, .resumed: true
        case .held, .gone: false
        }
    }
}

extension Assigned {
    /// The same assignment with another wish, under another generation.
    package func with(_ desired: Instance.Desired, _ generation: Generation) -> Assigned {
        Assigned(
            instance: instance, generation: generation, desired: desired, workload: workload,
            image: image,
            imageSources: imageSources, removeVolumes: removeVolumes, address: address)
    }

    /// The same assignment that leaves the volumes where they are.
    var sparingVolumes: Assigned {
        Assigned(
            instance: instance, generation: generation, desired: desired, workload: workload,
            image: image, imageSources: imageSources, address: address)
    }
}
