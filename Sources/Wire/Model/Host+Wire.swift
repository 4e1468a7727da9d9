import CHuddleProto
package import ClusterModel

extension Capability {
    /// Reads what was probed; `nil` for a thing that a newer agent knows and we do not.
    init?(raw: Huddle__V1__Capability) {
        guard let name = Name(rawValue: text(raw.name)) else { return nil }
        self.init(name, available: raw.available != 0, detail: text(raw.detail))
    }

    func raw(_ arena: inout Arena) -> UnsafeMutablePointer<Huddle__V1__Capability> {
        var raw = Huddle__V1__Capability.empty
        raw.name = arena.text(name.rawValue)
        raw.available = available.wire
        raw.detail = arena.text(detail)
        return arena.place(raw)
    }
}

extension Capacity: WireMessage, WireValue {
    init(raw: Huddle__V1__Capacity) throws(InvalidValue) {
        let probed = numbers(raw.capabilities, raw.n_capabilities)
        self.init(
            total: try required(raw.total, "total"),
            hostReserve: try optional(raw.host_reserve, "hostReserve") ?? .zero,
            architecture: text(raw.architecture), features: texts(raw.features, raw.n_features),
            kernel: text(raw.kernel), bootID: text(raw.boot_id),
            capabilities: probed.compactMap { $0.flatMap { Capability(raw: $0.pointee) } },
            wakeTime: raw.wake_time_presence_case
                == HUDDLE__V1__CAPACITY__WAKE_TIME_PRESENCE_WAKE_TIME_MILLISECONDS
                ? try Duration(raw.wake_time_milliseconds, "wakeTime") : nil)
    }

    func fill(_ raw: inout Huddle__V1__Capacity, _ arena: inout Arena) {
        raw.total = arena.message(total)
        raw.host_reserve = arena.message(hostReserve)
        raw.architecture = arena.text(architecture)
        (raw.n_features, raw.features) = arena.texts(features)
        raw.kernel = arena.text(kernel)
        raw.boot_id = arena.text(bootID)
        (raw.n_capabilities, raw.capabilities) = arena.list(capabilities) { $0.raw(&$1) }
        if let wakeTime {
            raw.wake_time_presence_case =
                HUDDLE__V1__CAPACITY__WAKE_TIME_PRESENCE_WAKE_TIME_MILLISECONDS
            raw.wake_time_milliseconds = wakeTime.wire
        }
    }
}

extension Host: WireMessage, WireValue {
    init(raw: Huddle__V1__Host) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"), labels: try Labels(raw.labels, raw.n_labels, "labels"),
            taints: try Labels(raw.taints, raw.n_taints, "taints"),
            capacity: try required(raw.capacity, "capacity"),
            state: try State(raw.state, "state"),
            address: try IPv4Address.optional(raw.address, "address"),
            isNew: raw.is_new != 0, sleep: try optional(raw.sleep, "sleep"))
    }

    func fill(_ raw: inout Huddle__V1__Host, _ arena: inout Arena) {
        raw.id = arena.id(id)
        (raw.n_labels, raw.labels) = arena.messages(labels.pairs)
        (raw.n_taints, raw.taints) = arena.messages(taints.pairs)
        raw.capacity = arena.message(capacity)
        raw.state = state.wire
        raw.address = arena.address(address)
        raw.is_new = isNew.wire
        if let sleep { raw.sleep = arena.message(sleep) }
    }
}

extension Host.Sleep: WireMessage, WireValue {
    init(raw: Huddle__V1__HostSleep) throws(InvalidValue) {
        let isAsked =
            raw.asked_presence_case == HUDDLE__V1__HOST_SLEEP__ASKED_PRESENCE_WAKE_ASKED_AT
        let isBegun =
            raw.began_presence_case == HUDDLE__V1__HOST_SLEEP__BEGAN_PRESENCE_WAKE_BEGAN_AT
        self.init(
            since: try Instant(raw.since, "since"),
            wakeAskedAt: isAsked ? try Instant(raw.wake_asked_at, "wakeAskedAt") : nil,
            wakeBeganAt: isBegun ? try Instant(raw.wake_began_at, "wakeBeganAt") : nil)
    }

    func fill(_ raw: inout Huddle__V1__HostSleep, _ arena: inout Arena) {
        raw.since = since.wire
        if let wakeAskedAt {
            raw.asked_presence_case = HUDDLE__V1__HOST_SLEEP__ASKED_PRESENCE_WAKE_ASKED_AT
            raw.wake_asked_at = wakeAskedAt.wire
        }
        if let wakeBeganAt {
            raw.began_presence_case = HUDDLE__V1__HOST_SLEEP__BEGAN_PRESENCE_WAKE_BEGAN_AT
            raw.wake_began_at = wakeBeganAt.wire
        }
    }
}
