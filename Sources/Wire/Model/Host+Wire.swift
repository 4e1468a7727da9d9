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
            capabilities: probed.compactMap { $0.flatMap { Capability(raw: $0.pointee) } })
    }

    func fill(_ raw: inout Huddle__V1__Capacity, _ arena: inout Arena) {
        raw.total = arena.message(total)
        raw.host_reserve = arena.message(hostReserve)
        raw.architecture = arena.text(architecture)
        (raw.n_features, raw.features) = arena.texts(features)
        raw.kernel = arena.text(kernel)
        raw.boot_id = arena.text(bootID)
        (raw.n_capabilities, raw.capabilities) = arena.list(capabilities) { $0.raw(&$1) }
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
            isNew: raw.is_new != 0)
    }

    func fill(_ raw: inout Huddle__V1__Host, _ arena: inout Arena) {
        raw.id = arena.id(id)
        (raw.n_labels, raw.labels) = arena.messages(labels.pairs)
        (raw.n_taints, raw.taints) = arena.messages(taints.pairs)
        raw.capacity = arena.message(capacity)
        raw.state = state.wire
        raw.address = arena.address(address)
        raw.is_new = isNew.wire
    }
}
