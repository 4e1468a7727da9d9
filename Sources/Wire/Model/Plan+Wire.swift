import CHuddleProto
package import ClusterModel

extension Plan.Reason {
    /// Reads a reason with the host or instance that it is about.
    init(
        _ reason: Huddle__V1__PlanReason, subject: UnsafeMutablePointer<CChar>?, _ field: String
    ) throws(InvalidValue) {
        switch reason {
        case HUDDLE__V1__PLAN_REASON__PLAN_REASON_PACK: self = .pack
        case HUDDLE__V1__PLAN_REASON__PLAN_REASON_RELIEVE: self = .relieve(try ID(subject, field))
        case HUDDLE__V1__PLAN_REASON__PLAN_REASON_DRAIN: self = .drain(try ID(subject, field))
        case HUDDLE__V1__PLAN_REASON__PLAN_REASON_REPAIR: self = .repair
        case HUDDLE__V1__PLAN_REASON__PLAN_REASON_PLACE: self = .place
        case HUDDLE__V1__PLAN_REASON__PLAN_REASON_MOVE: self = .move(try ID(subject, field))
        default: throw .unknown(reason, "reason")
        }
    }

    /// The reason and the name of what it is about.
    var wire: (Huddle__V1__PlanReason, String) {
        switch self {
        case .pack: (HUDDLE__V1__PLAN_REASON__PLAN_REASON_PACK, "")
        case .relieve(let host): (HUDDLE__V1__PLAN_REASON__PLAN_REASON_RELIEVE, host.rawValue)
        case .drain(let host): (HUDDLE__V1__PLAN_REASON__PLAN_REASON_DRAIN, host.rawValue)
        case .repair: (HUDDLE__V1__PLAN_REASON__PLAN_REASON_REPAIR, "")
        case .place: (HUDDLE__V1__PLAN_REASON__PLAN_REASON_PLACE, "")
        case .move(let instance): (HUDDLE__V1__PLAN_REASON__PLAN_REASON_MOVE, instance.rawValue)
        }
    }
}

extension Plan.Read: WireMessage, WireValue {
    init(raw: Huddle__V1__PlanRead) throws(InvalidValue) {
        let revision = try Revision(raw.revision, "revision")
        switch raw.subject {
        case HUDDLE__V1__READ_SUBJECT__READ_SUBJECT_HOST:
            self.init(.host(try ID(raw.id, "id")), at: revision)
        case HUDDLE__V1__READ_SUBJECT__READ_SUBJECT_INSTANCE:
            self.init(.instance(try ID(raw.id, "id")), at: revision)
        case HUDDLE__V1__READ_SUBJECT__READ_SUBJECT_POLICY: self.init(.policy, at: revision)
        default: throw .unknown(raw.subject, "subject")
        }
    }

    func fill(_ raw: inout Huddle__V1__PlanRead, _ arena: inout Arena) {
        raw.revision = revision.number
        switch subject {
        case .host(let host):
            raw.subject = HUDDLE__V1__READ_SUBJECT__READ_SUBJECT_HOST
            raw.id = arena.id(host)
        case .instance(let instance):
            raw.subject = HUDDLE__V1__READ_SUBJECT__READ_SUBJECT_INSTANCE
            raw.id = arena.id(instance)
        case .policy: raw.subject = HUDDLE__V1__READ_SUBJECT__READ_SUBJECT_POLICY
        }
    }
}

extension Step: WireMessage, WireValue {
    /// A start has only `to`, a stop only `from`.
    init(raw: Huddle__V1__Step) throws(InvalidValue) {
        let instance: InstanceID = try ID(raw.instance, "instance")
        let action: Action
        switch raw.action {
        case HUDDLE__V1__STEP_ACTION__STEP_ACTION_START:
            action = .start(instance, on: try ID(raw.to, "to"))
        case HUDDLE__V1__STEP_ACTION__STEP_ACTION_MOVE:
            action = .move(
                instance, from: try ID(raw.from, "from"), to: try ID(raw.to, "to"),
                mode: try MoveMode(raw.mode, "mode"))
        case HUDDLE__V1__STEP_ACTION__STEP_ACTION_STOP:
            action = .stop(instance, on: try ID(raw.from, "from"))
        default: throw .unknown(raw.action, "action")
        }
        self.init(
            id: StepID(Int(raw.id)), action: action,
            after: numbers(raw.after, raw.n_after).map { StepID(Int($0)) })
    }

    func fill(_ raw: inout Huddle__V1__Step, _ arena: inout Arena) {
        raw.id = UInt32(clamping: id.number)
        (raw.n_after, raw.after) = arena.numbers(after.map { UInt32(clamping: $0.number) })
        switch action {
        case .start(let instance, let host):
            raw.action = HUDDLE__V1__STEP_ACTION__STEP_ACTION_START
            raw.instance = arena.id(instance)
            raw.to = arena.id(host)
        case .move(let instance, let source, let target, let mode):
            raw.action = HUDDLE__V1__STEP_ACTION__STEP_ACTION_MOVE
            raw.instance = arena.id(instance)
            raw.from = arena.id(source)
            raw.to = arena.id(target)
            raw.mode = mode.wire
        case .stop(let instance, let host):
            raw.action = HUDDLE__V1__STEP_ACTION__STEP_ACTION_STOP
            raw.instance = arena.id(instance)
            raw.from = arena.id(host)
        }
    }
}

extension Plan.Exceedance: WireMessage, WireValue {
    init(raw: Huddle__V1__Exceedance) throws(InvalidValue) {
        self.init(host: try ID(raw.host, "host"), above: Int(raw.above), of: Int(raw.of))
    }

    func fill(_ raw: inout Huddle__V1__Exceedance, _ arena: inout Arena) {
        raw.host = arena.id(host)
        raw.above = UInt32(clamping: above)
        raw.of = UInt32(clamping: of)
    }
}

extension Plan.Standby: WireMessage, WireValue {
    init(raw: Huddle__V1__Standby) throws(InvalidValue) {
        self.init(
            lost: try ID(raw.lost, "lost"), sleeper: try ID(raw.sleeper, "sleeper"),
            instances: Int(raw.instances), wake: try Duration(raw.wake_milliseconds, "wake"),
            margin: try Duration(raw.margin_milliseconds, "margin"))
    }

    func fill(_ raw: inout Huddle__V1__Standby, _ arena: inout Arena) {
        raw.lost = arena.id(lost)
        raw.sleeper = arena.id(sleeper)
        raw.instances = UInt32(clamping: instances)
        raw.wake_milliseconds = wake.wire
        raw.margin_milliseconds = margin.wire
    }
}

extension Plan: WireMessage, WireValue {
    init(raw: Huddle__V1__Plan) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"),
            reason: try Reason(raw.reason, subject: raw.reason_subject, "reasonSubject"),
            parent: try Revision(raw.parent, "parent"),
            reads: try messages(raw.reads, raw.n_reads, "reads"),
            steps: try messages(raw.steps, raw.n_steps, "steps"),
            rationale: try messages(raw.rationale, raw.n_rationale, "rationale"),
            bound: Bound(
                before: Int(raw.hosts_before), after: Int(raw.hosts_after),
                lower: Int(raw.hosts_lower_bound)),
            exceedances: try messages(raw.exceedances, raw.n_exceedances, "exceedances"),
            standbys: try messages(raw.standbys, raw.n_standbys, "standbys"),
            wakes: try ids(raw.wakes, raw.n_wakes, "wakes"))
    }

    func fill(_ raw: inout Huddle__V1__Plan, _ arena: inout Arena) {
        let (reason, subject) = reason.wire
        raw.id = arena.id(id)
        raw.reason = reason
        raw.reason_subject = arena.text(subject)
        raw.parent = parent.number
        (raw.n_reads, raw.reads) = arena.messages(reads)
        (raw.n_steps, raw.steps) = arena.messages(steps)
        (raw.n_rationale, raw.rationale) = arena.messages(rationale)
        raw.hosts_before = UInt32(clamping: bound.before)
        raw.hosts_after = UInt32(clamping: bound.after)
        raw.hosts_lower_bound = UInt32(clamping: bound.lower)
        (raw.n_exceedances, raw.exceedances) = arena.messages(exceedances)
        (raw.n_standbys, raw.standbys) = arena.messages(standbys)
        (raw.n_wakes, raw.wakes) = arena.texts(wakes.map(\.rawValue))
    }
}
