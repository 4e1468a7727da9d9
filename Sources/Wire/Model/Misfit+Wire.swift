import CHuddleProto
package import ClusterModel

extension Misfit: WireMessage, WireValue {
    /// Reads the fields that the kind speaks of.
    ///
    /// `name` and `value` are a label's, or `name` is that of a scalar or an instance. For a driver
    /// `value` is the probe's reason; for an architecture `name` is needed and `value` found.
    init(raw: Huddle__V1__Misfit) throws(InvalidValue) {
        let label = Label(name: text(raw.name), value: text(raw.value))
        switch raw.kind {
        case HUDDLE__V1__MISFIT_KIND__MISFIT_CPU: self = .cpu(short: CPU(millicores: raw.short_by))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_MEMORY: self = .memory(short: Bytes(raw.short_by))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_DISK: self = .disk(short: Bytes(raw.short_by))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_NETWORK:
            self = .network(short: BytesPerSecond(raw.short_by))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_SCALAR:
            self = .scalar(name: label.name, short: raw.short_by)
        case HUDDLE__V1__MISFIT_KIND__MISFIT_HOST_STATE:
            self = .hostState(try Host.State(raw.host_state, "hostState"))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_DRIVER:
            let kind = try Workload.Kind(raw.workload_kind, "workloadKind")
            self = .driver(kind, reason: label.value)
        case HUDDLE__V1__MISFIT_KIND__MISFIT_ARCHITECTURE:
            self = .architecture(needed: label.name, found: label.value)
        case HUDDLE__V1__MISFIT_KIND__MISFIT_NEED: self = .need(label)
        case HUDDLE__V1__MISFIT_KIND__MISFIT_AVOID: self = .avoid(label)
        case HUDDLE__V1__MISFIT_KIND__MISFIT_TAINT: self = .taint(label)
        case HUDDLE__V1__MISFIT_KIND__MISFIT_APART: self = .apart(from: try ID(raw.name, "name"))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_TOGETHER:
            self = .together(with: try ID(raw.name, "name"))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_SPREAD:
            self = .spread(domain: label, over: Int(clamping: raw.short_by))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_RESTING:
            self = .resting(until: try Instant(raw.until, "until"))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_RESERVE:
            self = .reserve(short: try optional(raw.room, "room") ?? .zero)
        case HUDDLE__V1__MISFIT_KIND__MISFIT_UNDONE:
            self = .undone(until: try Instant(raw.until, "until"))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_FILES: self = .files(on: try ID(raw.name, "name"))
        default: self = .move(try MoveRefusal(raw: raw))
        }
    }

    func fill(_ raw: inout Huddle__V1__Misfit, _ arena: inout Arena) {
        raw.kind = wireKind
        switch self {
        case .cpu(let short): raw.short_by = short.millicores
        case .memory(let short), .disk(let short): raw.short_by = short.count
        case .network(let short): raw.short_by = short.count
        case .scalar(let name, let short):
            raw.name = arena.text(name)
            raw.short_by = short
        case .hostState(let state): raw.host_state = state.wire
        case .driver(let kind, let reason):
            raw.workload_kind = kind.wire
            raw.value = arena.text(reason)
        case .architecture(let needed, let found):
            raw.name = arena.text(needed)
            raw.value = arena.text(found)
        case .need(let label), .avoid(let label), .taint(let label):
            raw.name = arena.text(label.name)
            raw.value = arena.text(label.value)
        case .apart(let instance), .together(let instance): raw.name = arena.id(instance)
        case .spread(let domain, let over):
            raw.name = arena.text(domain.name)
            raw.value = arena.text(domain.value)
            raw.short_by = UInt64(clamping: over)
        case .move(let refusal): refusal.fill(&raw, &arena)
        case .resting(let until), .undone(let until): raw.until = until.wire
        case .reserve(let short): raw.room = arena.message(short)
        case .files(let host): raw.name = arena.id(host)
        }
    }

    private var wireKind: Huddle__V1__MisfitKind {
        switch self {
        case .cpu: HUDDLE__V1__MISFIT_KIND__MISFIT_CPU
        case .memory: HUDDLE__V1__MISFIT_KIND__MISFIT_MEMORY
        case .disk: HUDDLE__V1__MISFIT_KIND__MISFIT_DISK
        case .network: HUDDLE__V1__MISFIT_KIND__MISFIT_NETWORK
        case .scalar: HUDDLE__V1__MISFIT_KIND__MISFIT_SCALAR
        case .hostState: HUDDLE__V1__MISFIT_KIND__MISFIT_HOST_STATE
        case .driver: HUDDLE__V1__MISFIT_KIND__MISFIT_DRIVER
        case .architecture: HUDDLE__V1__MISFIT_KIND__MISFIT_ARCHITECTURE
        case .need: HUDDLE__V1__MISFIT_KIND__MISFIT_NEED
        case .avoid: HUDDLE__V1__MISFIT_KIND__MISFIT_AVOID
        case .taint: HUDDLE__V1__MISFIT_KIND__MISFIT_TAINT
        case .apart: HUDDLE__V1__MISFIT_KIND__MISFIT_APART
        case .together: HUDDLE__V1__MISFIT_KIND__MISFIT_TOGETHER
        case .spread: HUDDLE__V1__MISFIT_KIND__MISFIT_SPREAD
        case .move(let refusal): refusal.wireKind
        case .resting: HUDDLE__V1__MISFIT_KIND__MISFIT_RESTING
        case .reserve: HUDDLE__V1__MISFIT_KIND__MISFIT_RESERVE
        case .undone: HUDDLE__V1__MISFIT_KIND__MISFIT_UNDONE
        case .files: HUDDLE__V1__MISFIT_KIND__MISFIT_FILES
        }
    }
}

extension MoveRefusal {
    fileprivate init(raw: Huddle__V1__Misfit) throws(InvalidValue) {
        switch raw.kind {
        case HUDDLE__V1__MISFIT_KIND__MISFIT_MOVE_NOT_ALLOWED:
            self = .notAllowed(
                allowed: try enums(raw.allowed, raw.n_allowed, "allowed"),
                possible: try enums(raw.possible, raw.n_possible, "possible"))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_UNWRITABLE:
            self = .unwritable(try required(raw.refusal, "refusal"))
        case HUDDLE__V1__MISFIT_KIND__MISFIT_NOT_RUNNING: self = .notRunning
        case HUDDLE__V1__MISFIT_KIND__MISFIT_UNDERWAY: self = .underway
        case HUDDLE__V1__MISFIT_KIND__MISFIT_BUDGET: self = .budget
        default: throw .unknown(raw.kind, "kind")
        }
    }

    fileprivate func fill(_ raw: inout Huddle__V1__Misfit, _ arena: inout Arena) {
        switch self {
        case .notAllowed(let allowed, let possible):
            (raw.n_allowed, raw.allowed) = arena.numbers(allowed.map(\.wire))
            (raw.n_possible, raw.possible) = arena.numbers(possible.map(\.wire))
        case .unwritable(let refusal): raw.refusal = arena.message(refusal)
        case .notRunning, .underway, .budget: break
        }
    }

    fileprivate var wireKind: Huddle__V1__MisfitKind {
        switch self {
        case .notAllowed: HUDDLE__V1__MISFIT_KIND__MISFIT_MOVE_NOT_ALLOWED
        case .unwritable: HUDDLE__V1__MISFIT_KIND__MISFIT_UNWRITABLE
        case .notRunning: HUDDLE__V1__MISFIT_KIND__MISFIT_NOT_RUNNING
        case .underway: HUDDLE__V1__MISFIT_KIND__MISFIT_UNDERWAY
        case .budget: HUDDLE__V1__MISFIT_KIND__MISFIT_BUDGET
        }
    }
}
