import ClusterModel

extension WorkloadReading {
    mutating func program(_ map: inout FieldMap) -> Program {
        var command: [String] = []
        if let field = map.take("command") {
            command = reader.list(field)?.compactMap { reader.text($0) } ?? []
        }
        let environment = map.take("env").map { variables($0) }
        var ports: [Program.Port] = []
        if let field = map.take("ports") { ports = self.ports(field) }
        let check = map.take("check").flatMap { self.check($0) }
        let restart = map.take("restart").flatMap { reader.choice($0, of: RestartPolicy.self) }
        return Program(
            command: command, environment: environment ?? [], ports: ports, check: check,
            restart: restart ?? .always)
    }

    private mutating func variables(_ field: Field) -> [Program.Variable] {
        guard var map = reader.mapping(field) else { return [] }
        var variables: [Program.Variable] = []
        for (key, field) in map.takeRest() {
            if key.isEmpty || key.contains("=") {
                reader.refuse(at: field.place, field.path, "'\(key)' cannot be a variable's name")
            }
            if let value = reader.text(field) {
                variables.append(Program.Variable(name: key, value: value))
            }
        }
        return variables
    }

    private mutating func ports(_ field: Field) -> [Program.Port] {
        var ports: [Program.Port] = []
        for element in reader.list(field) ?? [] {
            guard let port = port(element) else { continue }
            let taken = ports.contains { $0.host == port.host && $0.transport == port.transport }
            if taken {
                reader.refuse(element, "port \(port.host) of the host is published twice")
            }
            ports.append(port)
        }
        return ports
    }

    private mutating func port(_ field: Field) -> Program.Port? {
        if let text = field.text { return port(field, text) }
        guard var map = reader.mapping(field) else { return nil }
        let host = map.take("host")
        if host == nil { reader.missing("host", of: map) }
        let to = map.take("to")
        if to == nil { reader.missing("to", of: map) }
        let transport = map.take("transport").flatMap {
            reader.choice($0, of: Program.Port.Transport.self)
        }
        reader.finish(map)
        guard let host = host.flatMap({ reader.port($0) }), let to = to.flatMap({ reader.port($0) })
        else { return nil }
        return Program.Port(host: host, instance: to, transport: transport ?? .tcp)
    }

    /// Reads `8080:80` and `53:53/udp`.
    private mutating func port(_ field: Field, _ text: String) -> Program.Port? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        let transport = parts.count == 2 ? Program.Port.Transport(rawValue: String(parts[1])) : .tcp
        guard numbers.count == 2, parts.count <= 2, let transport,
            let host = UInt16(numbers[0]), let to = UInt16(numbers[1]), host > 0, to > 0
        else {
            let single = UInt16(text) != nil
            reader.refuse(
                field, "'\(text)' is not a port of the host and one of the instance",
                single
                    ? "write \(text):\(text)"
                    : "write 8080:80 or {host: 8080, to: 80, transport: tcp}")
            return nil
        }
        return Program.Port(host: host, instance: to, transport: transport)
    }

    private mutating func check(_ field: Field) -> HealthCheck? {
        guard var map = reader.mapping(field) else { return nil }
        let http = map.take("http")
        let tcp = map.take("tcp")
        let exec = map.take("exec")
        let port = map.take("port")
        let every = map.take("every").flatMap { reader.quantity($0, Duration.init(notation:)) }
        let fails = map.take("fails").flatMap { reader.integer($0, in: 1...1_000) }
        reader.finish(map)
        let given = [http, tcp, exec].compactMap { $0 }
        guard given.count == 1 else {
            reader.refuse(field, "has to have exactly one of http, tcp and exec")
            return nil
        }
        if http == nil, let port { reader.refuse(port, "only http has a port of its own") }
        guard let probe = probe(http, port, tcp, exec, of: map) else { return nil }
        do {
            return try HealthCheck(probe: probe, every: every ?? .seconds(10), fails: fails ?? 3)
        } catch {
            reader.refuse(error, within: field.value.place)
            return nil
        }
    }

    private mutating func probe(
        _ http: Field?, _ port: Field?, _ tcp: Field?, _ exec: Field?, of map: FieldMap
    ) -> HealthCheck.Probe? {
        if let tcp { return reader.port(tcp).map { .tcp(port: $0) } }
        if let exec {
            guard let words = reader.list(exec) else { return nil }
            if words.isEmpty { reader.refuse(exec, "is empty") }
            return .exec(words.compactMap { reader.text($0) })
        }
        guard let http, let path = reader.word(http) else { return nil }
        if !path.hasPrefix("/") { reader.refuse(http, "'\(path)' does not begin with /") }
        guard let port else {
            reader.missing("port", of: map, "write port: 80")
            return nil
        }
        return reader.port(port).map { .http(port: $0, path: path) }
    }
}
