package import ClusterModel

/// One decision as it is stored; the state is what all of them, applied in order, add up to.
package enum Change: Hashable, Sendable {
    case putHost(HostRecord)
    case removeHost(HostID)
    case putWorkload(Workload)
    case removeWorkload(WorkloadID)
    case putInstance(Instance)
    case removeInstance(InstanceID)
    /// The instance runs an older form of its workload and waits for its turn to be replaced.
    case markOutdated(InstanceID)
    case clearOutdated(InstanceID)
    /// The volumes of an instance that goes are removed with it.
    case markVolumes(InstanceID)
    case clearVolumes(InstanceID)
    /// A user wants the instance placed on this host, once.
    case putWish(InstanceID, HostID)
    case clearWish(InstanceID)
    case putPolicy(Policy)
    case putImage(Image)
    case removeImage(ImageID)
    case putPlan(PlanRecord)
    case removePlan(PlanID)
    case putMove(MoveRecord)
    case removeMove(MoveID)
    /// No automatic move starts until `resume`.
    case pause
    case resume
    case occurred(Occurrence)
    /// A move that was undone, not to be tried again for a while.
    case putPairing(Pairing)
    case removePairing(InstanceID, HostID)
    /// What moves from one host to another are counted on to take.
    case putLink(MoveLinks.Entry)
    case removeLink(MoveLinks.Way)
    /// What the last moves of a workload came to; a bounded number, oldest first.
    case putMoveReports(WorkloadID, [MoveReport])
    case removeMoveReports(WorkloadID)
    /// CRIU would not write a program down, or bring it back.
    case putRefusal(CheckpointRefusal)
    case removeRefusal(ID<CheckpointRefusal>)
}

/// What is decided about a host; what it reports is an observation and is not stored.
package struct HostRecord: Hashable, Sendable {
    package let id: HostID
    package var labels: Labels
    package var taints: Labels
    package var standing: Standing
    /// Its own address on the cluster's network.
    package var address: IPv4Address?
    /// What it said last of its processor; `nil` where nothing is known of that.
    package var processor: Processor?
    /// Whether it was admitted and its processor not yet held against the cluster's baseline.
    package var isNew: Bool
    /// While it is asleep: since when, and how far its waking is.
    package var sleep: Host.Sleep?
    /// While it is asleep: what it had before; nobody reports it meanwhile.
    package var capacity: Capacity?

    /// What an operator decided of it.
    package enum Standing: String, Hashable, Sendable, CaseIterable {
        case member
        case draining
        /// Declared dead; nothing it says of instances counts until it joins anew.
        case fenced
        /// It would lower the cluster's CPU baseline, and no operator has confirmed it yet.
        case unconfirmed
        /// Empty and switched off; nothing comes to it before it has woken.
        case asleep
    }

    /// Its processor, where the cluster's baseline counts it.
    package var counted: Processor? {
        switch standing {
        case .member, .draining, .asleep: processor
        case .fenced, .unconfirmed: nil
        }
    }

    package init(
        id: HostID, labels: Labels = .none, taints: Labels = .none, standing: Standing = .member,
        address: IPv4Address? = nil, processor: Processor? = nil, isNew: Bool = false,
        sleep: Host.Sleep? = nil, capacity: Capacity? = nil
    ) {
        self.id = id
        self.labels = labels
        self.taints = taints
        self.standing = standing
        self.address = address
        self.processor = processor
        self.isNew = isNew
        self.sleep = sleep
        self.capacity = capacity
    }
}

/// A plan and how far it came; which steps are done follows from the moves and instances.
package struct PlanRecord: Hashable, Sendable {
    package let plan: Plan
    package var state: State
    /// Why it is in this state; empty while there is nothing to say.
    package var reason: String
    /// Who asked for it; a suggestion that a user runs is that user's.
    package var origin: PlanOrigin
    /// How far it is with the hosts that it empties; `nil` before the first, and for a plan that empties none.
    package var release: Release?

    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Shown, not run.
        case stored
        case running
        case done
        case failed
        /// What it read has changed; it will not run.
        case stale
    }

    package init(
        plan: Plan, state: State, reason: String = "", origin: PlanOrigin = .user,
        release: Release? = nil
    ) {
        self.plan = plan
        self.state = state
        self.reason = reason
        self.origin = origin
        self.release = release
    }
}

/// A move and the phase it is in, or its end.
package struct MoveRecord: Hashable, Sendable {
    package let move: Move
    package var phase: Move.Phase
    /// How it ended, or will end once its undoing is through (`endedAt` is `nil` until then).
    package var outcome: Move.Outcome?
    package let beganAt: Instant
    package var endedAt: Instant?
    /// Where the target waits for a streamed instance, once it has said so.
    package var endpoint: MoveEndpoint?
    /// What it was expected to come to when it began.
    package let forecast: MoveForecast?
    /// What its hosts measured of it so far.
    package var measure: MoveMeasure
    /// Whether the source has said that it let go of a streamed instance: from then on it is at the target, whatever becomes of it.
    package var hasLetGo: Bool
    /// Which boot of its source its copy began in; empty before, and where nobody said.
    package var sourceBoot: String

    package init(
        move: Move, phase: Move.Phase, outcome: Move.Outcome? = nil, beganAt: Instant,
        endedAt: Instant? = nil, endpoint: MoveEndpoint? = nil, forecast: MoveForecast? = nil,
        measure: MoveMeasure = .nothing, hasLetGo: Bool = false, sourceBoot: String = ""
    ) {
        self.move = move
        self.phase = phase
        self.outcome = outcome
        self.beganAt = beganAt
        self.endedAt = endedAt
        self.endpoint = endpoint
        self.forecast = forecast
        self.measure = measure
        self.hasLetGo = hasLetGo
        self.sourceBoot = sourceBoot
    }

    package var isUnderWay: Bool { endedAt == nil }
    package var isUndoing: Bool { endedAt == nil && outcome != nil }

    /// Whether its guest may run at the target before all of its memory has come.
    package var isPostcopy: Bool {
        guard move.isStreamed, case .postcopy = forecast?.recourse else { return false }
        return true
    }
}
