import CHuddleProto
package import ClusterModel

extension Occurrence: WireMessage, WireValue {
    init(raw: Huddle__V1__Occurrence) throws(InvalidValue) {
        self.init(
            at: try Instant(raw.at, "at"), subject: try Subject(raw: raw),
            severity: try Severity(raw.severity, "severity"), message: text(raw.message))
    }

    func fill(_ raw: inout Huddle__V1__Occurrence, _ arena: inout Arena) {
        raw.at = at.wire
        (raw.subject_kind, raw.subject) = subject.wire(&arena)
        raw.severity = severity.wire
        raw.message = arena.text(message)
    }
}

extension Occurrence.Subject {
    fileprivate init(raw: Huddle__V1__Occurrence) throws(InvalidValue) {
        switch raw.subject_kind {
        case HUDDLE__V1__SUBJECT_KIND__SUBJECT_CLUSTER: self = .cluster
        case HUDDLE__V1__SUBJECT_KIND__SUBJECT_HOST: self = .host(try ID(raw.subject, "subject"))
        case HUDDLE__V1__SUBJECT_KIND__SUBJECT_WORKLOAD:
            self = .workload(try ID(raw.subject, "subject"))
        case HUDDLE__V1__SUBJECT_KIND__SUBJECT_INSTANCE:
            self = .instance(try ID(raw.subject, "subject"))
        case HUDDLE__V1__SUBJECT_KIND__SUBJECT_PLAN: self = .plan(try ID(raw.subject, "subject"))
        case HUDDLE__V1__SUBJECT_KIND__SUBJECT_MOVE: self = .move(try ID(raw.subject, "subject"))
        default: throw .unknown(raw.subject_kind, "subjectKind")
        }
    }

    fileprivate func wire(
        _ arena: inout Arena
    ) -> (Huddle__V1__SubjectKind, UnsafeMutablePointer<CChar>) {
        switch self {
        case .cluster: (HUDDLE__V1__SUBJECT_KIND__SUBJECT_CLUSTER, arena.text(""))
        case .host(let id): (HUDDLE__V1__SUBJECT_KIND__SUBJECT_HOST, arena.id(id))
        case .workload(let id): (HUDDLE__V1__SUBJECT_KIND__SUBJECT_WORKLOAD, arena.id(id))
        case .instance(let id): (HUDDLE__V1__SUBJECT_KIND__SUBJECT_INSTANCE, arena.id(id))
        case .plan(let id): (HUDDLE__V1__SUBJECT_KIND__SUBJECT_PLAN, arena.id(id))
        case .move(let id): (HUDDLE__V1__SUBJECT_KIND__SUBJECT_MOVE, arena.id(id))
        }
    }
}
