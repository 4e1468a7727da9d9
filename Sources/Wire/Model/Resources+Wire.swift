import CHuddleProto
package import ClusterModel

extension Label: WireMessage, WireValue {
    init(raw: Huddle__V1__Label) throws(InvalidValue) {
        self.init(name: text(raw.name), value: text(raw.value))
    }

    func fill(_ raw: inout Huddle__V1__Label, _ arena: inout Arena) {
        raw.name = arena.text(name)
        raw.value = arena.text(value)
    }
}

extension Resources.Scalar: WireMessage, WireValue {
    init(raw: Huddle__V1__Scalar) throws(InvalidValue) {
        self.init(name: text(raw.name), amount: raw.amount)
    }

    func fill(_ raw: inout Huddle__V1__Scalar, _ arena: inout Arena) {
        raw.name = arena.text(name)
        raw.amount = amount
    }
}

extension Resources: WireMessage, WireValue {
    init(raw: Huddle__V1__Resources) throws(InvalidValue) {
        self.init(
            cpu: CPU(millicores: raw.cpu_millicores), memory: Bytes(raw.memory_bytes),
            disk: Bytes(raw.disk_bytes), network: BytesPerSecond(raw.network_bytes_per_second),
            scalars: try messages(raw.scalars, raw.n_scalars, "scalars"))
    }

    func fill(_ raw: inout Huddle__V1__Resources, _ arena: inout Arena) {
        raw.cpu_millicores = cpu.millicores
        raw.memory_bytes = memory.count
        raw.disk_bytes = disk.count
        raw.network_bytes_per_second = network.count
        (raw.n_scalars, raw.scalars) = arena.messages(scalars)
    }
}
