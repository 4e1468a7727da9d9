import CHuddleProto
package import ClusterModel

extension Instance.Observed: WireMessage, WireValue {
    init(raw: Huddle__V1__Observed) throws(InvalidValue) {
        switch raw.state {
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_PENDING: self = .pending
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_STARTING: self = .starting
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_RUNNING: self = .running
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_UNHEALTHY:
            self = .unhealthy(reason: text(raw.reason))
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_STOPPED: self = .stopped
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_FAILED:
            self = .failed(reason: text(raw.reason))
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_UNKNOWN: self = .unknown
        case HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_HELD: self = .held
        default: throw .unknown(raw.state, "state")
        }
    }

    func fill(_ raw: inout Huddle__V1__Observed, _ arena: inout Arena) {
        raw.reason = arena.text(reason ?? "")
        raw.state =
            switch self {
            case .pending: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_PENDING
            case .starting: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_STARTING
            case .running: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_RUNNING
            case .unhealthy: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_UNHEALTHY
            case .stopped: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_STOPPED
            case .failed: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_FAILED
            case .unknown: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_UNKNOWN
            case .held: HUDDLE__V1__INSTANCE_STATE__INSTANCE_STATE_HELD
            }
    }
}

extension Instance: WireMessage, WireValue {
    init(raw: Huddle__V1__Instance) throws(InvalidValue) {
        let hasMoved =
            raw.moved_presence_case == HUDDLE__V1__INSTANCE__MOVED_PRESENCE_MOVED_AT
        self.init(
            id: try ID(raw.id, "id"), workload: try ID(raw.workload, "workload"),
            index: Int(raw.index), host: try ID.optional(raw.host, "host"),
            generation: try Generation(raw.generation, "generation"),
            desired: try Desired(raw.desired, "desired"),
            observed: try required(raw.observed, "observed"),
            movedAt: hasMoved ? try Instant(raw.moved_at, "movedAt") : nil,
            address: try IPv4Address.optional(raw.address, "address"))
    }

    func fill(_ raw: inout Huddle__V1__Instance, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.workload = arena.id(workload)
        raw.index = UInt32(clamping: index)
        raw.host = arena.id(host)
        raw.generation = generation.number
        raw.desired = desired.wire
        raw.observed = arena.message(observed)
        raw.address = arena.address(address)
        if let movedAt {
            raw.moved_presence_case = HUDDLE__V1__INSTANCE__MOVED_PRESENCE_MOVED_AT
            raw.moved_at = movedAt.wire
        }
    }
}
