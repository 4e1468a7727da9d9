import CHuddleProto
package import ClusterModel

extension Use.Figure: WireMessage, WireValue {
    init(raw: Huddle__V1__Figure) throws(InvalidValue) {
        self.init(mean: raw.mean, maximum: raw.maximum, last: raw.last)
    }

    func fill(_ raw: inout Huddle__V1__Figure, _ arena: inout Arena) {
        raw.mean = mean
        raw.maximum = maximum
        raw.last = last
    }
}

extension Pressure: WireMessage, WireValue {
    init(raw: Huddle__V1__Pressure) throws(InvalidValue) {
        self.init(
            scope: try Scope(raw.scope, "scope"), cpu: Share(permille: raw.cpu_permille),
            memory: Share(permille: raw.memory_permille), io: Share(permille: raw.io_permille))
    }

    func fill(_ raw: inout Huddle__V1__Pressure, _ arena: inout Arena) {
        raw.scope = scope.wire
        raw.cpu_permille = cpu.permille
        raw.memory_permille = memory.permille
        raw.io_permille = io.permille
    }
}

extension Use: WireMessage, WireValue {
    /// A figure that is unset is zero.
    init(raw: Huddle__V1__Use) throws(InvalidValue) {
        self.init(
            at: try Instant(raw.at, "at"), cpu: try optional(raw.cpu, "cpu") ?? .zero,
            memory: try optional(raw.memory, "memory") ?? .zero,
            throttled: raw.throttled_microseconds,
            network: try optional(raw.network, "network") ?? .zero,
            disk: try optional(raw.disk, "disk") ?? .zero,
            pressure: try optional(raw.pressure, "pressure"))
    }

    func fill(_ raw: inout Huddle__V1__Use, _ arena: inout Arena) {
        raw.at = at.wire
        raw.cpu = arena.message(cpu)
        raw.memory = arena.message(memory)
        raw.throttled_microseconds = throttled
        raw.network = arena.message(network)
        raw.disk = arena.message(disk)
        raw.pressure = arena.message(pressure)
    }
}
