import ClusterModel

/// How one instance is attached to the bridge: pure text, for each way.
struct Attachment: Hashable, Sendable {
    let instance: InstanceID
    let port: Port
    /// The user who may open the tap.
    let owner: UInt32?
    let network: ClusterNetwork
    let largestPacket: Int
    let settings: FabricSettings
    /// Nothing passes before it is connected.
    let isHeld: Bool

    init(
        _ instance: InstanceID, _ address: IPv4Address, owner: UInt32?, network: ClusterNetwork,
        largestPacket: Int, settings: FabricSettings, held: Bool = false
    ) {
        isHeld = held
        self.instance = instance
        port = Port(owner == nil ? .link : .tap, address)
        self.owner = owner
        self.network = network
        self.largestPacket = largestPacket
        self.settings = settings
    }

    /// Whether `links` have it complete. The mark and the place on the bridge are given last, so they vouch for
    /// everything before them.
    func isThere(_ links: Links) -> Bool {
        guard let link = links[port.name], link.mark == Port.mark(of: instance),
            link.isUp || isHeld, link.master == settings.bridge, others(links).isEmpty,
            // One that nothing is let into was left by somebody who did not come to the end.
            link.value("flood", after: "bridge_slave") != "off" || isHeld
        else { return false }
        return owner.map { link.value("user") == "\($0)" } ?? true
    }

    /// Devices in the way: earlier attachments of this instance, and whatever had this address.
    func others(_ links: Links) -> [String] {
        links.ports.map(\.name).filter { name in
            guard name != port.name else { return false }
            return links[name]?.mark == Port.mark(of: instance)
                || Port(name: name)?.address == port.address
        }
    }

    /// Lines for `ip -batch` at the host that clear the way, and make the tap.
    func making(_ links: Links) -> [String] {
        var lines = others(links).map { "link del \($0)" }
        if links[port.name] != nil { lines.append("link del \(port.name)") }
        switch port.kind {
        case .tap:
            lines.append("tuntap add dev \(port.name) mode tap user \(owner ?? 0)")
            lines.append("link set \(port.name) addrgenmode none mtu \(largestPacket)")
        // The instance's end makes both.
        case .link: break
        }
        return lines
    }

    /// Lines for `ip -batch` inside the instance's network namespace, which make both ends; the host's goes to the
    /// namespace that `host` names, or that the process of this number is in.
    func inside(host: String) -> [String] {
        [
            "link set lo up",
            "link add eth0 mtu \(largestPacket) address \(port.address.hardware) type veth "
                + "peer name \(port.name) mtu \(largestPacket) netns \(host)",
            "addr add \(port.address)/\(network.prefix) dev eth0",
            "link set eth0 up", "route add default via \(network.gateway)",
        ]
    }

    /// Lines for `ip -batch` at the host that put it to use.
    var joining: [String] {
        [
            "link set \(port.name) addrgenmode none",
            "link set \(port.name) alias \(Port.mark(of: instance))",
            "link set \(port.name) master \(settings.bridge) \(isHeld ? "down" : "up")",
        ]
    }
}
