import CHuddleProto
package import ClusterModel

extension Program.Variable: WireMessage, WireValue {
    init(raw: Huddle__V1__Label) throws(InvalidValue) {
        self.init(name: text(raw.name), value: text(raw.value))
    }

    func fill(_ raw: inout Huddle__V1__Label, _ arena: inout Arena) {
        raw.name = arena.text(name)
        raw.value = arena.text(value)
    }
}

extension Program.Port: WireMessage, WireValue {
    /// An unset transport is TCP.
    init(raw: Huddle__V1__Port) throws(InvalidValue) {
        self.init(
            host: try UInt16(port: raw.host, "host"),
            instance: try UInt16(port: raw.instance, "instance"),
            transport: try Transport(raw.transport, "transport", unspecified: .tcp))
    }

    func fill(_ raw: inout Huddle__V1__Port, _ arena: inout Arena) {
        raw.host = UInt32(host)
        raw.instance = UInt32(instance)
        raw.transport = transport.wire
    }
}

extension HealthCheck: WireMessage, WireValue {
    /// Faults say where they are in a workload, as the model's own do.
    init(raw: Huddle__V1__HealthCheck) throws(InvalidValue) {
        try self.init(
            probe: try Self.probe(raw),
            every: try Duration(raw.every_milliseconds, "check.every"), fails: Int(raw.fails))
    }

    private static func probe(_ raw: Huddle__V1__HealthCheck) throws(InvalidValue) -> Probe {
        switch raw.probe_case {
        case HUDDLE__V1__HEALTH_CHECK__PROBE_HTTP:
            guard let http = raw.http?.pointee else { throw .missing("check.http") }
            let port = try UInt16(port: http.port, "check.http")
            return .http(port: port, path: text(http.path))
        case HUDDLE__V1__HEALTH_CHECK__PROBE_TCP:
            return .tcp(port: try UInt16(port: raw.tcp, "check.tcp"))
        case HUDDLE__V1__HEALTH_CHECK__PROBE_EXEC:
            guard let exec = raw.exec?.pointee else { throw .missing("check.exec") }
            return .exec(texts(exec.words, exec.n_words))
        default: throw .missing("check")
        }
    }

    func fill(_ raw: inout Huddle__V1__HealthCheck, _ arena: inout Arena) {
        raw.every_milliseconds = every.wire
        raw.fails = UInt32(clamping: fails)
        switch probe {
        case .http(let port, let path):
            var http = Huddle__V1__HttpProbe.empty
            http.port = UInt32(port)
            http.path = arena.text(path)
            raw.probe_case = HUDDLE__V1__HEALTH_CHECK__PROBE_HTTP
            raw.http = arena.place(http)
        case .tcp(let port):
            raw.probe_case = HUDDLE__V1__HEALTH_CHECK__PROBE_TCP
            raw.tcp = UInt32(port)
        case .exec(let words):
            var command = Huddle__V1__Command.empty
            (command.n_words, command.words) = arena.texts(words)
            raw.probe_case = HUDDLE__V1__HEALTH_CHECK__PROBE_EXEC
            raw.exec = arena.place(command)
        }
    }
}

extension Storage.Volume: WireMessage, WireValue {
    init(raw: Huddle__V1__Volume) throws(InvalidValue) {
        try self.init(
            name: text(raw.name), path: text(raw.path), shared: unlessEmpty(text(raw.shared)))
    }

    func fill(_ raw: inout Huddle__V1__Volume, _ arena: inout Arena) {
        raw.name = arena.text(name)
        raw.path = arena.text(path)
        raw.shared = arena.text(shared ?? "")
    }
}

extension Storage.SharedDisk: WireMessage, WireValue {
    init(raw: Huddle__V1__SharedDisk) throws(InvalidValue) {
        try self.init(
            name: text(raw.name), size: Bytes(raw.size_bytes), directory: text(raw.directory))
    }

    func fill(_ raw: inout Huddle__V1__SharedDisk, _ arena: inout Arena) {
        raw.name = arena.text(name)
        raw.size_bytes = size.count
        raw.directory = arena.text(directory)
    }
}
