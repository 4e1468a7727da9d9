import CHuddleProto
package import ClusterModel

extension Flip: WireMessage, WireValue {
    init(raw: Huddle__V1__Flip) throws(InvalidValue) {
        self.init(try messages(raw.changes, raw.n_changes, "changes"))
    }

    func fill(_ raw: inout Huddle__V1__Flip, _ arena: inout Arena) {
        (raw.n_changes, raw.changes) = arena.messages(changes)
    }
}

extension HostVerdict.Score: WireMessage, WireValue {
    init(raw: Huddle__V1__HostScore) throws(InvalidValue) {
        self.init(
            missing: Int(raw.missing), isEmpty: raw.is_empty != 0,
            fullness: Share(permille: raw.fullness_permille), resource: text(raw.resource))
    }

    func fill(_ raw: inout Huddle__V1__HostScore, _ arena: inout Arena) {
        raw.missing = UInt32(clamping: missing)
        raw.is_empty = isEmpty.wire
        raw.fullness_permille = fullness.permille
        raw.resource = arena.text(resource)
    }
}

extension Flip.Change: WireMessage, WireValue {
    /// Reads the fields that the kind speaks of; `name` and `value` are a label's.
    init(raw: Huddle__V1__FlipChange) throws(InvalidValue) {
        if let change = try Self.ofHost(raw) {
            self = change
            return
        }
        if let change = try Self.ofInstance(raw) {
            self = change
            return
        }
        if let change = try Self.ofSpec(raw) {
            self = change
            return
        }
        switch raw.kind {
        case HUDDLE__V1__FLIP_KIND__FLIP_CEILING_CPU:
            self = .ceilingCPU(Share(permille: raw.permille))
        case HUDDLE__V1__FLIP_KIND__FLIP_CEILING_MEMORY:
            self = .ceilingMemory(Share(permille: raw.permille))
        case HUDDLE__V1__FLIP_KIND__FLIP_REST:
            self = .rest(try Duration(raw.milliseconds, "milliseconds"))
        case HUDDLE__V1__FLIP_KIND__FLIP_RESERVE: self = .reserve(Int(raw.hosts))
        case HUDDLE__V1__FLIP_KIND__FLIP_WAIT:
            self = .wait(until: try Instant(raw.until, "until"))
        default: throw .unknown(raw.kind, "kind")
        }
    }

    private static func ofHost(_ raw: Huddle__V1__FlipChange) throws(InvalidValue) -> Self? {
        let label = Label(name: text(raw.name), value: text(raw.value))
        func host() throws(InvalidValue) -> HostID { try ID(raw.subject, "subject") }
        switch raw.kind {
        case HUDDLE__V1__FLIP_KIND__FLIP_READY: return .ready(try host())
        case HUDDLE__V1__FLIP_KIND__FLIP_CAPABILITY:
            guard let name = Capability.Name(rawValue: label.name) else {
                throw InvalidValue("name", "'\(label.name)' is no capability")
            }
            return .capability(try host(), name)
        case HUDDLE__V1__FLIP_KIND__FLIP_LABEL: return .label(try host(), label)
        case HUDDLE__V1__FLIP_KIND__FLIP_UNLABEL: return .unlabel(try host(), label)
        case HUDDLE__V1__FLIP_KIND__FLIP_UNTAINT: return .untaint(try host(), label)
        case HUDDLE__V1__FLIP_KIND__FLIP_ROOM:
            return .room(try host(), try optional(raw.amount, "amount") ?? .zero)
        default: return nil
        }
    }

    private static func ofInstance(_ raw: Huddle__V1__FlipChange) throws(InvalidValue) -> Self? {
        func instance() throws(InvalidValue) -> InstanceID { try ID(raw.subject, "subject") }
        switch raw.kind {
        case HUDDLE__V1__FLIP_KIND__FLIP_LEAVE:
            return .leave(try instance(), from: try ID(raw.host, "host"))
        case HUDDLE__V1__FLIP_KIND__FLIP_BRING:
            return .bring(try instance(), to: try ID(raw.host, "host"))
        case HUDDLE__V1__FLIP_KIND__FLIP_SETTLE: return .settle(try instance())
        case HUDDLE__V1__FLIP_KIND__FLIP_RUN: return .run(try instance())
        case HUDDLE__V1__FLIP_KIND__FLIP_SMALLER:
            return .smaller(try instance(), by: try optional(raw.amount, "amount") ?? .zero)
        default: return nil
        }
    }

    private static func ofSpec(_ raw: Huddle__V1__FlipChange) throws(InvalidValue) -> Self? {
        let label = Label(name: text(raw.name), value: text(raw.value))
        func workload() throws(InvalidValue) -> WorkloadID { try ID(raw.subject, "subject") }
        switch raw.kind {
        case HUDDLE__V1__FLIP_KIND__FLIP_TOLERATE: return .tolerate(try workload(), label)
        case HUDDLE__V1__FLIP_KIND__FLIP_DROP_NEED: return .dropNeed(try workload(), label)
        case HUDDLE__V1__FLIP_KIND__FLIP_DROP_AVOID: return .dropAvoid(try workload(), label)
        case HUDDLE__V1__FLIP_KIND__FLIP_DROP_APART: return .dropApart(try workload())
        case HUDDLE__V1__FLIP_KIND__FLIP_DROP_SPREAD: return .dropSpread(try workload())
        case HUDDLE__V1__FLIP_KIND__FLIP_ALLOW:
            return .allow(try workload(), try MoveMode(raw.mode, "mode"))
        case HUDDLE__V1__FLIP_KIND__FLIP_RECOVERY:
            return .recovery(try workload(), try Duration(raw.milliseconds, "milliseconds"))
        default: return nil
        }
    }

    func fill(_ raw: inout Huddle__V1__FlipChange, _ arena: inout Arena) {
        raw.kind = wireKind
        switch self {
        case .ready(let id): raw.subject = arena.id(id)
        case .capability(let id, let name):
            raw.subject = arena.id(id)
            raw.name = arena.text(name.rawValue)
        case .label(let id, let label), .unlabel(let id, let label), .untaint(let id, let label):
            raw.subject = arena.id(id)
            fill(label, &raw, &arena)
        case .room(let id, let amount):
            raw.subject = arena.id(id)
            raw.amount = arena.message(amount)
        case .leave(let id, let host), .bring(let id, let host):
            raw.subject = arena.id(id)
            raw.host = arena.id(host)
        case .settle(let id), .run(let id): raw.subject = arena.id(id)
        case .smaller(let id, let amount):
            raw.subject = arena.id(id)
            raw.amount = arena.message(amount)
        case .tolerate(let id, let label), .dropNeed(let id, let label),
            .dropAvoid(let id, let label):
            raw.subject = arena.id(id)
            fill(label, &raw, &arena)
        case .dropApart(let id), .dropSpread(let id): raw.subject = arena.id(id)
        case .allow(let id, let mode):
            raw.subject = arena.id(id)
            raw.mode = mode.wire
        case .recovery(let id, let time):
            raw.subject = arena.id(id)
            raw.milliseconds = time.wire
        case .ceilingCPU(let share), .ceilingMemory(let share): raw.permille = share.permille
        case .rest(let rest): raw.milliseconds = rest.wire
        case .reserve(let hosts): raw.hosts = UInt32(clamping: hosts)
        case .wait(let until): raw.until = until.wire
        }
    }

    private func fill(
        _ label: Label, _ raw: inout Huddle__V1__FlipChange, _ arena: inout Arena
    ) {
        raw.name = arena.text(label.name)
        raw.value = arena.text(label.value)
    }

    private var wireKind: Huddle__V1__FlipKind {
        switch self {
        case .ready: HUDDLE__V1__FLIP_KIND__FLIP_READY
        case .capability: HUDDLE__V1__FLIP_KIND__FLIP_CAPABILITY
        case .label: HUDDLE__V1__FLIP_KIND__FLIP_LABEL
        case .unlabel: HUDDLE__V1__FLIP_KIND__FLIP_UNLABEL
        case .untaint: HUDDLE__V1__FLIP_KIND__FLIP_UNTAINT
        case .room: HUDDLE__V1__FLIP_KIND__FLIP_ROOM
        case .leave: HUDDLE__V1__FLIP_KIND__FLIP_LEAVE
        case .bring: HUDDLE__V1__FLIP_KIND__FLIP_BRING
        case .settle: HUDDLE__V1__FLIP_KIND__FLIP_SETTLE
        case .run: HUDDLE__V1__FLIP_KIND__FLIP_RUN
        case .tolerate: HUDDLE__V1__FLIP_KIND__FLIP_TOLERATE
        case .dropNeed: HUDDLE__V1__FLIP_KIND__FLIP_DROP_NEED
        case .dropAvoid: HUDDLE__V1__FLIP_KIND__FLIP_DROP_AVOID
        case .dropApart: HUDDLE__V1__FLIP_KIND__FLIP_DROP_APART
        case .dropSpread: HUDDLE__V1__FLIP_KIND__FLIP_DROP_SPREAD
        case .allow: HUDDLE__V1__FLIP_KIND__FLIP_ALLOW
        case .smaller: HUDDLE__V1__FLIP_KIND__FLIP_SMALLER
        case .ceilingCPU: HUDDLE__V1__FLIP_KIND__FLIP_CEILING_CPU
        case .ceilingMemory: HUDDLE__V1__FLIP_KIND__FLIP_CEILING_MEMORY
        case .rest: HUDDLE__V1__FLIP_KIND__FLIP_REST
        case .reserve: HUDDLE__V1__FLIP_KIND__FLIP_RESERVE
        case .wait: HUDDLE__V1__FLIP_KIND__FLIP_WAIT
        case .recovery: HUDDLE__V1__FLIP_KIND__FLIP_RECOVERY
        }
    }
}
