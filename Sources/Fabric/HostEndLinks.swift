import ClusterModel

/// The devices of this host's end: bridge, VXLAN, and the pair by which the host itself is on the network.
struct HostEndLinks: Hashable, Sendable {
    let network: ClusterNetwork
    let own: NetworkMap.HostEnd
    let largestPacket: Int
    let settings: FabricSettings

    /// Lines for `ip -batch` that make these devices of what is there; none when all is as it should be.
    func lines(from links: Links) -> [String] {
        var lines: [String] = []
        bridge(links, &lines)
        overlay(links, &lines)
        hostEnd(links, &lines)
        addresses(links, settings.bridge, "\(network.gateway)/32", &lines)
        addresses(links, settings.hostEnd, "\(own.address)/\(network.prefix)", &lines)
        return lines
    }

    private func bridge(_ links: Links, _ lines: inout [String]) {
        let name = settings.bridge
        if let link = links[name], link.has("bridge") {
            adjust(link, hardware: network.gateway.hardware, master: nil, &lines)
            return
        }
        if links[name] != nil { lines.append("link del \(name)") }
        lines.append(
            "link add \(name) address \(network.gateway.hardware) mtu \(largestPacket) type bridge "
                + "forward_delay 0 stp_state 0 mcast_snooping 0")
        start(name, master: nil, &lines)
    }

    private func overlay(_ links: Links, _ lines: inout [String]) {
        let name = settings.overlay
        if let link = links[name], link.has("vxlan"), link.has("nolearning"),
            link.value("id", after: "vxlan") == "\(settings.identifier)",
            link.value("local", after: "vxlan") == "\(own.underlay)",
            link.value("dstport", after: "vxlan") == "\(settings.port)"
        {
            adjust(link, hardware: nil, master: settings.bridge, &lines)
            return
        }
        if links[name] != nil { lines.append("link del \(name)") }
        lines.append(
            "link add \(name) mtu \(largestPacket) type vxlan id \(settings.identifier) "
                + "local \(own.underlay) dstport \(settings.port) nolearning")
        start(name, master: settings.bridge, &lines)
    }

    private func hostEnd(_ links: Links, _ lines: inout [String]) {
        let (name, port) = (settings.hostEnd, settings.hostPort)
        if let link = links[name], let other = links[port], link.peer == port {
            adjust(other, hardware: nil, master: settings.bridge, &lines)
            adjust(link, hardware: own.address.hardware, master: nil, &lines)
            return
        }
        for left in [name, port] where links[left] != nil { lines.append("link del \(left)") }
        lines.append(
            "link add \(name) address \(own.address.hardware) mtu \(largestPacket) type veth "
                + "peer name \(port) mtu \(largestPacket)")
        start(port, master: settings.bridge, &lines)
        start(name, master: nil, &lines)
    }

    /// Without an address of IPv6, which a device would get and announce as soon as it is up.
    private func start(_ name: String, master: String?, _ lines: inout [String]) {
        lines.append("link set \(name) addrgenmode none")
        lines.append("link set \(name) \(master.map { "master \($0) " } ?? "")up")
    }

    /// What differs at a device that is there.
    private func adjust(
        _ link: Links.Link, hardware: HardwareAddress?, master: String?, _ lines: inout [String]
    ) {
        var words: [String] = []
        if let hardware, link.hardware != "\(hardware)" { words.append("address \(hardware)") }
        if link.largestPacket != largestPacket { words.append("mtu \(largestPacket)") }
        if link.value("addrgenmode") != "none" { words.append("addrgenmode none") }
        if let master, link.master != master { words.append("master \(master)") }
        if !link.isUp { words.append("up") }
        guard !words.isEmpty else { return }
        lines.append("link set \(link.name) \(words.joined(separator: " "))")
    }

    /// Leaves `address` as the only one of the device.
    private func addresses(
        _ links: Links, _ device: String, _ address: String, _ lines: inout [String]
    ) {
        // A device that is made anew takes its addresses with it.
        let isMade = lines.contains { $0.hasPrefix("link add \(device) ") }
        let found = isMade ? [] : links.addresses[device] ?? []
        for old in found where old != address { lines.append("addr del \(old) dev \(device)") }
        if !found.contains(address) { lines.append("addr add \(address) dev \(device)") }
    }

    /// Settings of the kernel, by their names under `/proc/sys`.
    var switches: [(name: String, value: String)] {
        let devices = "net/ipv4/conf/"
        return [
            ("net/ipv4/ip_forward", "1"),
            // What an instance sends comes in by the bridge, and the answer leaves by the host's end.
            (devices + "\(settings.bridge)/rp_filter", "2"),
            (devices + "\(settings.hostEnd)/rp_filter", "2"),
            // Each answers for its own address only: the gateway's is at every host.
            (devices + "\(settings.bridge)/arp_ignore", "1"),
            (devices + "\(settings.hostEnd)/arp_ignore", "1"),
            (devices + "\(settings.hostEnd)/arp_announce", "2"),
            (devices + "\(settings.bridge)/send_redirects", "0"),
            // For published ports under 127.0.0.1; a rule keeps instances away from there.
            (devices + "\(settings.hostEnd)/route_localnet", "1"),
        ]
    }
}
