package import ClusterModel

/// Asks for a plan to be made and stored.
package struct MakePlanRequest: Hashable, Sendable {
    /// Why, with the host to drain or relieve or the instance to move.
    package let reason: Plan.Reason
    /// Where to move the instance; `nil` leaves it to the planner.
    package let toHost: HostID?
    /// How to move the instance; `nil` leaves it to the planner.
    package let mode: MoveMode?
    /// Whether modes that a spec does not allow may be used.
    package let force: Bool

    package init(
        reason: Plan.Reason, toHost: HostID? = nil, mode: MoveMode? = nil, force: Bool = false
    ) {
        self.reason = reason
        self.toHost = toHost
        self.mode = mode
        self.force = force
    }
}

/// Names a stored plan.
package struct PlanRequest: Hashable, Sendable {
    package let id: PlanID

    package init(id: PlanID) {
        self.id = id
    }
}

/// A plan and what became of it.
package struct PlanReply: Hashable, Sendable {
    package let plan: Plan
    package let state: PlanState
    /// Why it is in this state; empty while there is nothing to say.
    package let reason: String
    package let origin: PlanOrigin
    /// How far it is with the hosts that it empties.
    package let release: Release?
    /// What its moves are expected to come to, as far as is known now.
    package let forecasts: [PlannedForecast]

    package init(
        plan: Plan, state: PlanState, reason: String = "", origin: PlanOrigin = .user,
        release: Release? = nil, forecasts: [PlannedForecast] = []
    ) {
        self.forecasts = forecasts
        self.plan = plan
        self.state = state
        self.reason = reason
        self.origin = origin
        self.release = release
    }
}

/// What became of a plan.
package enum PlanState: Hashable, Sendable, CaseIterable {
    case stored
    case running
    case done
    case failed
    /// Something that it read has changed.
    case stale
}

/// A change in a plan that runs, or in one of its steps.
package struct PlanProgress: Hashable, Sendable {
    package let state: PlanState
    /// Why the plan or the step failed; empty otherwise.
    package let reason: String
    /// The step that changed; `nil` when it was the plan.
    package let step: Step.StepID?
    /// Of no meaning without a step.
    package let stepState: StepState
    /// How far the step's move is.
    package let phase: Move.Phase?
    /// How far its copy is, where the source says so.
    package let progress: MoveAdvance?

    package init(
        state: PlanState, reason: String = "", step: Step.StepID? = nil,
        stepState: StepState = .waiting, phase: Move.Phase? = nil, progress: MoveAdvance? = nil
    ) {
        self.progress = progress
        self.state = state
        self.reason = reason
        self.step = step
        self.stepState = stepState
        self.phase = phase
    }
}

/// What became of a step.
package enum StepState: Hashable, Sendable, CaseIterable {
    case waiting
    case running
    case done
    case failed
}

/// The moves of late, those under way included.
package struct ListMovesReply: Hashable, Sendable {
    package let moves: [MoveSummary]

    package init(moves: [MoveSummary]) {
        self.moves = moves
    }
}

/// A move and how far it is.
package struct MoveSummary: Hashable, Sendable {
    package let move: Move
    package let phase: Move.Phase
    /// `nil` while it is under way.
    package let outcome: Move.Outcome?
    package let beganAt: Instant
    package let endedAt: Instant?
    /// Where the target of a streamed move waits.
    package let endpoint: MoveEndpoint?
    /// How far its copy is, while it is under way and the source says so.
    package let progress: MoveAdvance?
    /// What it was expected to come to when it began.
    package let forecast: MoveForecast?
    /// What its hosts measured so far.
    package let measure: MoveMeasure
    /// Whether the source has said that it let go of a streamed instance.
    package let hasLetGo: Bool
    /// Which boot of its source its copy began in; empty before, and where nobody said.
    package let sourceBoot: String

    package init(
        move: Move, phase: Move.Phase, outcome: Move.Outcome? = nil, beganAt: Instant,
        endedAt: Instant? = nil, endpoint: MoveEndpoint? = nil, progress: MoveAdvance? = nil,
        forecast: MoveForecast? = nil, measure: MoveMeasure = .nothing,
        hasLetGo: Bool = false, sourceBoot: String = ""
    ) {
        self.forecast = forecast
        self.measure = measure
        self.hasLetGo = hasLetGo
        self.sourceBoot = sourceBoot
        self.endpoint = endpoint
        self.progress = progress
        self.move = move
        self.phase = phase
        self.outcome = outcome
        self.beganAt = beganAt
        self.endedAt = endedAt
    }
}

/// Asks to undo a move that has not switched over.
package struct CancelMoveRequest: Hashable, Sendable {
    package let id: MoveID

    package init(id: MoveID) {
        self.id = id
    }
}
