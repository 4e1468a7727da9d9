import CHuddleProto
package import ClusterModel

extension Move: WireMessage, WireValue {
    init(raw: Huddle__V1__Move) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"), instance: try ID(raw.instance, "instance"),
            kind: try Workload.Kind(raw.kind, "kind", unspecified: .container),
            source: try ID(raw.source, "source"), target: try ID(raw.target, "target"),
            mode: try MoveMode(raw.mode, "mode"),
            generation: try Generation(raw.generation, "generation"),
            plan: try ID.optional(raw.plan, "plan"))
    }

    func fill(_ raw: inout Huddle__V1__Move, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.instance = arena.id(instance)
        raw.kind = kind.wire
        raw.source = arena.id(source)
        raw.target = arena.id(target)
        raw.mode = mode.wire
        raw.generation = generation.number
        raw.plan = arena.id(plan)
    }
}

extension Move.Outcome: WireMessage, WireValue {
    init(raw: Huddle__V1__Outcome) throws(InvalidValue) {
        switch raw.kind {
        case HUDDLE__V1__OUTCOME_KIND__OUTCOME_DONE: self = .done
        case HUDDLE__V1__OUTCOME_KIND__OUTCOME_ROLLED_BACK:
            self = .rolledBack(reason: text(raw.reason))
        case HUDDLE__V1__OUTCOME_KIND__OUTCOME_FAILED: self = .failed(reason: text(raw.reason))
        default: throw .unknown(raw.kind, "kind")
        }
    }

    func fill(_ raw: inout Huddle__V1__Outcome, _ arena: inout Arena) {
        switch self {
        case .done: raw.kind = HUDDLE__V1__OUTCOME_KIND__OUTCOME_DONE
        case .rolledBack(let reason):
            raw.kind = HUDDLE__V1__OUTCOME_KIND__OUTCOME_ROLLED_BACK
            raw.reason = arena.text(reason)
        case .failed(let reason):
            raw.kind = HUDDLE__V1__OUTCOME_KIND__OUTCOME_FAILED
            raw.reason = arena.text(reason)
        }
    }
}
