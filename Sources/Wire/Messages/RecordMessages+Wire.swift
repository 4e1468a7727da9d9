import CHuddleProto
import ClusterModel

extension RecordRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__RecordRequest) throws(InvalidValue) {
        let length = try Duration(raw.for_milliseconds, "for")
        self.init(length: length == .zero ? nil : length)
    }

    func fill(_ raw: inout Huddle__V1__RecordRequest, _ arena: inout Arena) {
        raw.for_milliseconds = (length ?? .zero).wire
    }
}

extension RecordPiece: WireMessage, WireValue {
    init(raw: Huddle__V1__RecordPiece) throws(InvalidValue) {
        self.init(bytes: octets(raw.bytes), isLast: raw.last != 0)
    }

    func fill(_ raw: inout Huddle__V1__RecordPiece, _ arena: inout Arena) {
        raw.bytes = arena.bytes(bytes)
        raw.last = isLast.wire
    }
}

extension RecordEntry: WireMessage, WireValue {
    init(raw: Huddle__V1__RecordEntry) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"),
            reason: try Plan.Reason(raw.reason, subject: raw.subject, "subject"),
            instances: try ids(raw.instances, raw.n_instances, "instances"),
            toHost: try ID.optional(raw.to_host, "toHost"),
            mode: try MoveMode.optional(raw.mode, "mode"), force: raw.force != 0,
            origin: try PlanOrigin(raw.origin, "origin", unspecified: .user), seed: raw.seed,
            policy: try required(raw.policy, "policy"),
            policyChanged: try Revision(raw.policy_changed, "policyChanged"),
            snapshot: try required(raw.snapshot, "snapshot"),
            plan: try optional(raw.plan, "plan"), refusal: text(raw.refusal),
            returns: try messages(raw.returns, raw.n_returns, "returns"))
    }

    func fill(_ raw: inout Huddle__V1__RecordEntry, _ arena: inout Arena) {
        let (wireReason, subject) = reason.wire
        raw.id = arena.id(id)
        raw.reason = wireReason
        raw.subject = arena.text(subject)
        (raw.n_instances, raw.instances) = arena.ids(instances)
        raw.to_host = arena.id(toHost)
        if let mode { raw.mode = mode.wire }
        raw.force = force.wire
        raw.origin = origin.wire
        raw.seed = seed
        raw.policy = arena.message(policy)
        raw.policy_changed = policyChanged.number
        raw.snapshot = arena.message(snapshot)
        raw.plan = arena.message(plan)
        raw.refusal = arena.text(refusal)
        (raw.n_returns, raw.returns) = arena.messages(returns)
    }
}
