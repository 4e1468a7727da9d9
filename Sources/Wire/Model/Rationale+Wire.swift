import CHuddleProto
package import ClusterModel

extension Rationale.Refusal: WireMessage, WireValue {
    init(raw: Huddle__V1__Refusal) throws(InvalidValue) {
        self.init(host: try ID(raw.host, "host"), misfit: try required(raw.misfit, "misfit"))
    }

    func fill(_ raw: inout Huddle__V1__Refusal, _ arena: inout Arena) {
        raw.host = arena.id(host)
        raw.misfit = arena.message(misfit)
    }
}

extension Rationale.Grounds {
    fileprivate init(raw: Huddle__V1__Rationale) throws(InvalidValue) {
        switch raw.grounds {
        case HUDDLE__V1__GROUNDS__GROUNDS_FULLEST: self = .fullest
        case HUDDLE__V1__GROUNDS__GROUNDS_EMPTIES:
            self = .empties(try ID(raw.grounds_host, "groundsHost"))
        case HUDDLE__V1__GROUNDS__GROUNDS_RELIEVES:
            self = .relieves(try ID(raw.grounds_host, "groundsHost"))
        case HUDDLE__V1__GROUNDS__GROUNDS_DRAINS:
            self = .drains(try ID(raw.grounds_host, "groundsHost"))
        case HUDDLE__V1__GROUNDS__GROUNDS_REPAIRS:
            self = .repairs(try required(raw.grounds_misfit, "groundsMisfit"))
        case HUDDLE__V1__GROUNDS__GROUNDS_ASKED: self = .asked
        case HUDDLE__V1__GROUNDS__GROUNDS_RETURNS: self = .returns
        case HUDDLE__V1__GROUNDS__GROUNDS_FREES_NOTHING: self = .freesNothing
        case HUDDLE__V1__GROUNDS__GROUNDS_HOST_STAYS: self = .hostStays
        case HUDDLE__V1__GROUNDS__GROUNDS_DISPLACES: self = .displaces(try Self.others(raw))
        case HUDDLE__V1__GROUNDS__GROUNDS_DISPLACED:
            guard let other = try Self.others(raw).first else { throw .missing("groundsInstances") }
            self = .displaced(by: other)
        default: throw .unknown(raw.grounds, "grounds")
        }
    }

    private static func others(_ raw: Huddle__V1__Rationale) throws(InvalidValue) -> [InstanceID] {
        try ids(raw.grounds_instances, raw.n_grounds_instances, "groundsInstances")
    }

    fileprivate func fill(_ raw: inout Huddle__V1__Rationale, _ arena: inout Arena) {
        switch self {
        case .fullest: raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_FULLEST
        case .empties(let host):
            raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_EMPTIES
            raw.grounds_host = arena.id(host)
        case .relieves(let host):
            raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_RELIEVES
            raw.grounds_host = arena.id(host)
        case .drains(let host):
            raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_DRAINS
            raw.grounds_host = arena.id(host)
        case .repairs(let misfit):
            raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_REPAIRS
            raw.grounds_misfit = arena.message(misfit)
        case .asked: raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_ASKED
        case .returns: raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_RETURNS
        case .freesNothing: raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_FREES_NOTHING
        case .hostStays: raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_HOST_STAYS
        case .displaces(let others):
            raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_DISPLACES
            (raw.n_grounds_instances, raw.grounds_instances) = arena.ids(others)
        case .displaced(let other):
            raw.grounds = HUDDLE__V1__GROUNDS__GROUNDS_DISPLACED
            (raw.n_grounds_instances, raw.grounds_instances) = arena.ids([other])
        }
    }
}

extension Rationale: WireMessage, WireValue {
    /// Placed has only `to`, stays and stopped only `from`, pending neither, and no grounds.
    init(raw: Huddle__V1__Rationale) throws(InvalidValue) {
        let decision: Decision
        switch raw.decision {
        case HUDDLE__V1__DECISION__DECISION_PLACED:
            decision = .placed(on: try ID(raw.to, "to"), because: try Grounds(raw: raw))
        case HUDDLE__V1__DECISION__DECISION_MOVED:
            decision = .moved(
                from: try ID(raw.from, "from"), to: try ID(raw.to, "to"),
                because: try Grounds(raw: raw))
        case HUDDLE__V1__DECISION__DECISION_STAYS:
            decision = .stays(on: try ID(raw.from, "from"), because: try Grounds(raw: raw))
        case HUDDLE__V1__DECISION__DECISION_STOPPED:
            decision = .stopped(on: try ID(raw.from, "from"), because: try Grounds(raw: raw))
        case HUDDLE__V1__DECISION__DECISION_PENDING: decision = .pending
        default: throw .unknown(raw.decision, "decision")
        }
        self.init(
            instance: try ID(raw.instance, "instance"), decision: decision,
            refusals: try messages(raw.refusals, raw.n_refusals, "refusals"))
    }

    func fill(_ raw: inout Huddle__V1__Rationale, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        (raw.n_refusals, raw.refusals) = arena.messages(refusals)
        switch decision {
        case .placed(let host, let grounds):
            raw.decision = HUDDLE__V1__DECISION__DECISION_PLACED
            raw.to = arena.id(host)
            grounds.fill(&raw, &arena)
        case .moved(let source, let target, let grounds):
            raw.decision = HUDDLE__V1__DECISION__DECISION_MOVED
            raw.from = arena.id(source)
            raw.to = arena.id(target)
            grounds.fill(&raw, &arena)
        case .stays(let host, let grounds):
            raw.decision = HUDDLE__V1__DECISION__DECISION_STAYS
            raw.from = arena.id(host)
            grounds.fill(&raw, &arena)
        case .stopped(let host, let grounds):
            raw.decision = HUDDLE__V1__DECISION__DECISION_STOPPED
            raw.from = arena.id(host)
            grounds.fill(&raw, &arena)
        case .pending: raw.decision = HUDDLE__V1__DECISION__DECISION_PENDING
        }
    }
}
