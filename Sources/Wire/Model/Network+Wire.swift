import CHuddleProto
package import ClusterModel

extension IPv4Address {
    /// The address of a field that has to be set.
    init(_ pointer: UnsafeMutablePointer<CChar>?, _ field: String) throws(InvalidValue) {
        guard let address = try Self.optional(pointer, field) else { throw .missing(field) }
        self = address
    }

    /// The address of a field that may be empty.
    static func optional(
        _ pointer: UnsafeMutablePointer<CChar>?, _ field: String
    ) throws(InvalidValue) -> IPv4Address? {
        guard let words = unlessEmpty(text(pointer)) else { return nil }
        guard let address = IPv4Address(words) else {
            throw InvalidValue(
                field, "'\(words)' is not an address",
                suggestion: "dotted decimal, such as 10.99.0.7")
        }
        return address
    }
}

extension Arena {
    /// The text of an address; none is empty.
    mutating func address(_ address: IPv4Address?) -> UnsafeMutablePointer<CChar> {
        text(address?.description ?? "")
    }
}

extension NetworkNews: WireMessage, WireValue {
    init(raw: Huddle__V1__NetworkNews) throws(InvalidValue) {
        let hosts: [NamedHostEnd] = try messages(raw.hosts, raw.n_hosts, "hosts")
        let instances: [NamedEntry] = try messages(raw.instances, raw.n_instances, "instances")
        self.init(
            map: NetworkMap(
                network: try ClusterNetwork(parsing: text(raw.network)),
                hosts: Dictionary(hosts.map { ($0.id, $0.end) }, uniquingKeysWith: { $1 }),
                instances: Dictionary(
                    instances.map { ($0.id, $0.entry) }, uniquingKeysWith: { $1 })),
            goneHosts: try ids(raw.gone_hosts, raw.n_gone_hosts, "goneHosts"),
            goneInstances: try ids(raw.gone_instances, raw.n_gone_instances, "goneInstances"),
            complete: raw.complete != 0)
    }

    func fill(_ raw: inout Huddle__V1__NetworkNews, _ arena: inout Arena) {
        raw.network = arena.text(map.network.description)
        let hosts = map.hosts.sorted { $0.key < $1.key }.map { NamedHostEnd(id: $0, end: $1) }
        let instances = map.instances.sorted { $0.key < $1.key }
            .map { NamedEntry(id: $0, entry: $1) }
        (raw.n_hosts, raw.hosts) = arena.messages(hosts)
        (raw.n_instances, raw.instances) = arena.messages(instances)
        (raw.n_gone_hosts, raw.gone_hosts) = arena.texts(goneHosts.map(\.rawValue))
        (raw.n_gone_instances, raw.gone_instances) = arena.texts(goneInstances.map(\.rawValue))
        raw.complete = complete.wire
    }
}

/// A host of a map with its name, as the wire lists them.
private struct NamedHostEnd: WireValue {
    let id: HostID
    let end: NetworkMap.HostEnd

    init(id: HostID, end: NetworkMap.HostEnd) {
        self.id = id
        self.end = end
    }

    init(raw: Huddle__V1__NetworkHost) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"),
            end: NetworkMap.HostEnd(
                underlay: try IPv4Address(raw.underlay, "underlay"),
                address: try IPv4Address(raw.address, "address")))
    }

    func fill(_ raw: inout Huddle__V1__NetworkHost, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.underlay = arena.address(end.underlay)
        raw.address = arena.address(end.address)
    }
}

/// An instance of a map with its name, as the wire lists them.
private struct NamedEntry: WireValue {
    let id: InstanceID
    let entry: NetworkMap.Entry

    init(id: InstanceID, entry: NetworkMap.Entry) {
        self.id = id
        self.entry = entry
    }

    init(raw: Huddle__V1__NetworkInstance) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"),
            entry: NetworkMap.Entry(
                address: try IPv4Address(raw.address, "address"),
                host: try ID.optional(raw.host, "host"),
                ports: try messages(raw.ports, raw.n_ports, "ports")))
    }

    func fill(_ raw: inout Huddle__V1__NetworkInstance, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.address = arena.address(entry.address)
        raw.host = arena.id(entry.host)
        (raw.n_ports, raw.ports) = arena.messages(entry.ports)
    }
}
