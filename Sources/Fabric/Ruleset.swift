import ClusterModel

/// Both tables of a host in full, as input for `nft`; whatever was in them is replaced in one step.
struct Ruleset: Hashable, Sendable {
    let end: HostEndLinks
    let rules: ForwardingRules
    /// What is attached to the bridge now.
    let ports: [Port]

    var text: String { Self.removal + addresses + frames }

    /// Takes both tables away; adding first makes that right also where they are not.
    static let removal = """
        table ip huddle
        delete table ip huddle
        table bridge huddle
        delete table bridge huddle

        """

    private var bridge: String { "\"\(end.settings.bridge)\"" }
    private var hostEnd: String { "\"\(end.settings.hostEnd)\"" }
    private var overlay: String { "\"\(end.settings.overlay)\"" }

    /// Packets: egress, published ports, and who may send packets of the overlay.
    ///
    /// Frames that only pass the bridge are not tracked: where the kernel shows them to these hooks
    /// (`bridge-nf-call-iptables`), a connection to a published port would be seen twice with clashing ends.
    private var addresses: String {
        let inside = "{ \(bridge), \(hostEnd) }"
        let overlayPacket =
            "udp dport \(end.settings.port) @th,96,24 \(end.settings.identifier)"
        return """
            table ip huddle {
                map tcp_ports {
                    type inet_service : ipv4_addr . inet_service
            \(Self.elements(rules.elements(.tcp)))    }
                map udp_ports {
                    type inet_service : ipv4_addr . inet_service
            \(Self.elements(rules.elements(.udp)))    }
                set peers {
                    type ipv4_addr
            \(Self.elements(rules.peers.sorted().map(\.description)))    }
                chain guard {
                    type filter hook prerouting priority raw; policy accept;
                    iifname \(bridge) ether daddr != \(end.network.gateway.hardware) notrack
                    iifname \(inside) ip daddr 127.0.0.0/8 drop
                    iifname \(inside) ip daddr @peers \(overlayPacket) drop
                    \(overlayPacket) ip saddr != @peers fib daddr type local drop
                }
                chain arriving {
                    type nat hook prerouting priority dstnat; policy accept;
                    fib daddr type local dnat ip to tcp dport map @tcp_ports
                    fib daddr type local dnat ip to udp dport map @udp_ports
                }
                chain departing {
                    type nat hook output priority -100; policy accept;
                    fib daddr type local dnat ip to tcp dport map @tcp_ports
                    fib daddr type local dnat ip to udp dport map @udp_ports
                }
                chain passing {
                    type filter hook forward priority filter; policy accept;
                    oifname \(hostEnd) iifname != \(inside) ct state new ct status & dnat == 0 drop
                }
                chain sources {
                    type nat hook postrouting priority srcnat; policy accept;
                    oifname \(hostEnd) ip saddr != \(end.own.address) snat to \(end.own.address)
                    ip saddr \(end.network) ip daddr != \(end.network) oifname != \(inside) masquerade
                }
            }

            """
    }

    /// Frames: what must not cross between hosts, and instances that say who they are not.
    private var frames: String {
        let gateway = end.network.gateway
        return """
            table bridge huddle {
                set macs {
                    type ifname . ether_addr
            \(Self.elements(ports.map(Self.hardware)))    }
                set addresses {
                    type ifname . ipv4_addr
            \(Self.elements(ports.map(Self.address)))    }
                chain border {
                    ether saddr \(gateway.hardware) drop
                    ether daddr \(gateway.hardware) drop
                    arp saddr ip \(gateway) drop
                    arp daddr ip \(gateway) drop
                    ether type ip udp dport { 67, 68 } drop
                }
                chain honest {
                    iifname . ether saddr != @macs drop
                    ether type arp iifname . arp saddr ether != @macs drop
                    ether type arp iifname . arp saddr ip != @addresses drop
                    ether type ip iifname . ip saddr != @addresses drop
                }
                chain arriving {
                    type filter hook prerouting priority -300; policy accept;
                    iifname \(overlay) jump border
                    iifname { "\(FabricSettings.linkPrefix)*", "\(FabricSettings.tapPrefix)*" } jump honest
                }
                chain passing {
                    type filter hook forward priority 0; policy accept;
                    oifname \(overlay) jump border
                }
                chain departing {
                    type filter hook output priority 0; policy accept;
                    oifname \(overlay) jump border
                }
            }

            """
    }

    /// Input for `nft` that lets what is attached by `port` send as itself.
    static func admitting(_ port: Port) -> String {
        """
        add element bridge huddle macs { \(hardware(port)) }
        add element bridge huddle addresses { \(address(port)) }

        """
    }

    private static func hardware(_ port: Port) -> String {
        "\"\(port.name)\" . \(port.address.hardware)"
    }

    private static func address(_ port: Port) -> String { "\"\(port.name)\" . \(port.address)" }

    /// The line of a set with what is in it; a set without any must not have one.
    private static func elements(_ elements: [String]) -> String {
        elements.isEmpty
            ? "" : "        elements = { \(elements.joined(separator: ",\n            ")) }\n"
    }
}
