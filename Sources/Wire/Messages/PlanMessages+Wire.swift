import CHuddleProto
import ClusterModel

extension MakePlanRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__MakePlanRequest) throws(InvalidValue) {
        self.init(
            reason: try Plan.Reason(raw.reason, subject: raw.subject, "subject"),
            toHost: try ID.optional(raw.to_host, "toHost"),
            mode: try MoveMode.optional(raw.mode, "mode"), force: raw.force != 0)
    }

    func fill(_ raw: inout Huddle__V1__MakePlanRequest, _ arena: inout Arena) {
        let (wireReason, subject) = reason.wire
        raw.reason = wireReason
        raw.subject = arena.text(subject)
        raw.to_host = arena.id(toHost)
        if let mode { raw.mode = mode.wire }
        raw.force = force.wire
    }
}

extension PlanRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__PlanRequest) throws(InvalidValue) {
        self.init(id: try ID(raw.id, "id"))
    }

    func fill(_ raw: inout Huddle__V1__PlanRequest, _ arena: inout Arena) {
        raw.id = arena.id(id)
    }
}

extension PlanReply: WireMessage, WireValue {
    init(raw: Huddle__V1__PlanReply) throws(InvalidValue) {
        self.init(
            plan: try required(raw.plan, "plan"), state: try PlanState(raw.state, "state"),
            reason: text(raw.reason),
            origin: try PlanOrigin(raw.origin, "origin", unspecified: .user),
            release: try optional(raw.release, "release"),
            forecasts: try messages(raw.forecasts, raw.n_forecasts, "forecasts"))
    }

    func fill(_ raw: inout Huddle__V1__PlanReply, _ arena: inout Arena) {
        raw.plan = arena.message(plan)
        raw.state = state.wire
        raw.reason = arena.text(reason)
        raw.origin = origin.wire
        raw.release = arena.message(release)
        (raw.n_forecasts, raw.forecasts) = arena.messages(forecasts)
    }
}

extension PlanProgress: WireMessage, WireValue {
    init(raw: Huddle__V1__PlanProgress) throws(InvalidValue) {
        let hasStep = raw.step_presence_case == HUDDLE__V1__PLAN_PROGRESS__STEP_PRESENCE_STEP
        self.init(
            state: try PlanState(raw.state, "state"), reason: text(raw.reason),
            step: hasStep ? Step.StepID(Int(raw.step)) : nil,
            stepState: try StepState(raw.step_state, "stepState", unspecified: .waiting),
            phase: try Move.Phase.optional(raw.phase, "phase"),
            progress: try optional(raw.progress, "progress"))
    }

    func fill(_ raw: inout Huddle__V1__PlanProgress, _ arena: inout Arena) {
        raw.state = state.wire
        raw.reason = arena.text(reason)
        if let step {
            raw.step_presence_case = HUDDLE__V1__PLAN_PROGRESS__STEP_PRESENCE_STEP
            raw.step = UInt32(clamping: step.number)
        }
        raw.step_state = stepState.wire
        if let phase { raw.phase = phase.wire }
        raw.progress = arena.message(progress)
    }
}

extension ListMovesReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ListMovesReply) throws(InvalidValue) {
        self.init(moves: try messages(raw.moves, raw.n_moves, "moves"))
    }

    func fill(_ raw: inout Huddle__V1__ListMovesReply, _ arena: inout Arena) {
        (raw.n_moves, raw.moves) = arena.messages(moves)
    }
}

extension MoveSummary: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveSummary) throws(InvalidValue) {
        let hasEndedAt =
            raw.ended_presence_case == HUDDLE__V1__MOVE_SUMMARY__ENDED_PRESENCE_ENDED_AT
        self.init(
            move: try required(raw.move, "move"), phase: try Move.Phase(raw.phase, "phase"),
            outcome: try optional(raw.outcome, "outcome"),
            beganAt: try Instant(raw.began_at, "beganAt"),
            endedAt: hasEndedAt ? try Instant(raw.ended_at, "endedAt") : nil,
            endpoint: try optional(raw.endpoint, "endpoint"),
            progress: try optional(raw.progress, "progress"),
            forecast: try optional(raw.forecast, "forecast"),
            measure: try optional(raw.measure, "measure") ?? .nothing,
            hasLetGo: raw.has_let_go != 0, sourceBoot: text(raw.source_boot))
    }

    func fill(_ raw: inout Huddle__V1__MoveSummary, _ arena: inout Arena) {
        raw.move = arena.message(move)
        raw.phase = phase.wire
        raw.outcome = arena.message(outcome)
        raw.began_at = beganAt.wire
        raw.endpoint = arena.message(endpoint)
        raw.forecast = arena.message(forecast)
        raw.measure = measure == .nothing ? nil : arena.message(measure)
        raw.progress = arena.message(progress)
        raw.has_let_go = hasLetGo.wire
        raw.source_boot = arena.text(sourceBoot)
        if let endedAt {
            raw.ended_presence_case = HUDDLE__V1__MOVE_SUMMARY__ENDED_PRESENCE_ENDED_AT
            raw.ended_at = endedAt.wire
        }
    }
}

extension CancelMoveRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__CancelMoveRequest) throws(InvalidValue) {
        self.init(id: try ID(raw.id, "id"))
    }

    func fill(_ raw: inout Huddle__V1__CancelMoveRequest, _ arena: inout Arena) {
        raw.id = arena.id(id)
    }
}
