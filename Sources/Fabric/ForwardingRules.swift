import ClusterModel

/// What the host's tables say that follows from the map and changes with it.
struct ForwardingRules: Hashable, Sendable {
    /// Where a port of the host leads to.
    struct Target: Hashable, Sendable {
        let address: IPv4Address
        let port: UInt16
    }

    /// Ports of this host, by transport.
    private(set) var published: [Program.Port.Transport: [UInt16: Target]] = [:]
    /// Hosts whose packets of the overlay are believed.
    private(set) var peers: Set<IPv4Address> = []

    /// A port that two instances claim belongs to the first by name, on every host the same; the overlay's own
    /// cannot be had.
    init(_ map: NetworkMap, settings: FabricSettings) {
        peers = Set(map.hosts.values.map(\.underlay))
        let publishing = map.instances.filter { !$0.value.ports.isEmpty }
        for (_, entry) in publishing.sorted(by: { $0.key < $1.key }) {
            for port in entry.ports
            where port.transport == .tcp || port.host != settings.port {
                let target = Target(address: entry.address, port: port.instance)
                published[port.transport, default: [:]].merge([port.host: target]) { first, _ in
                    first
                }
            }
        }
    }

    /// Elements of the set that `transport`'s ports are looked up in.
    func elements(_ transport: Program.Port.Transport) -> [String] {
        Self.elements(published[transport] ?? [:])
    }

    private static func elements(_ ports: [UInt16: Target]) -> [String] {
        ports.sorted { $0.key < $1.key }.map {
            "\($0.key) : \($0.value.address) . \($0.value.port)"
        }
    }

    /// Input for `nft` that makes these of `old` where both are of one host; open connections keep their way.
    func changes(from old: ForwardingRules) -> String {
        var text = ""
        func change(_ verb: String, _ set: String, _ elements: [String]) {
            guard !elements.isEmpty else { return }
            text += "\(verb) element ip huddle \(set) { \(elements.joined(separator: ", ")) }\n"
        }
        for transport in Program.Port.Transport.allCases {
            let (before, after) = (old.published[transport] ?? [:], published[transport] ?? [:])
            change(
                "delete", transport.set,
                Self.elements(before.filter { after[$0.key] != $0.value }))
            change(
                "add", transport.set, Self.elements(after.filter { before[$0.key] != $0.value }))
        }
        change("delete", "peers", old.peers.subtracting(peers).sorted().map(\.description))
        change("add", "peers", peers.subtracting(old.peers).sorted().map(\.description))
        return text
    }
}

extension Program.Port.Transport {
    /// The map of the table `ip huddle` with this transport's ports.
    var set: String {
        switch self {
        case .tcp: "tcp_ports"
        case .udp: "udp_ports"
        }
    }
}
