import ClusterModel
import Fabric
import Ports
import Testing

/// What a map comes to on one host, as text for the tools.
@Suite struct HostViewTests {
    private static let here = HostID("a")
    private static let underlay =
        "2: eth0@if9: <BROADCAST,UP,LOWER_UP> mtu 9000 qdisc noqueue\n"
        + "2: eth0    inet 192.168.7.1/24 scope global eth0\\       valid_lft forever\n"

    private static func address(_ text: String) throws -> IPv4Address {
        try #require(IPv4Address(text))
    }

    private static func end(_ last: Int) throws -> NetworkMap.HostEnd {
        NetworkMap.HostEnd(
            underlay: try address("192.168.7.\(last)"), address: try address("10.99.255.\(last)"))
    }

    private static func map(
        web: String? = "b", ports: [Program.Port] = [.init(host: 8_080, instance: 80)]
    ) throws -> NetworkMap {
        NetworkMap(
            hosts: [here: try end(1), HostID("b"): try end(2), HostID("c"): try end(3)],
            instances: [
                InstanceID("db-0"): .init(address: try address("10.99.0.2"), host: here),
                InstanceID("web-0"): .init(
                    address: try address("10.99.0.3"), host: web.map(HostID.init), ports: ports),
            ])
    }

    @Test("a bare host gets devices, addresses and entries")
    func bare() throws {
        let view = try HostView(Self.map(), at: Self.here)
        let arrangement = try view.arrangement(devices: Self.underlay)
        #expect(
            arrangement.links == [
                "link add hud0 address 02:68:0a:63:00:01 mtu 8950 type bridge forward_delay 0 "
                    + "stp_state 0 mcast_snooping 0",
                "link set hud0 addrgenmode none", "link set hud0 up",
                "link add hudvx0 mtu 8950 type vxlan id 7440 local 192.168.7.1 dstport 4789 nolearning",
                "link set hudvx0 addrgenmode none", "link set hudvx0 master hud0 up",
                "link add hudh0 address 02:68:0a:63:ff:01 mtu 8950 type veth peer name hudh0p mtu 8950",
                "link set hudh0p addrgenmode none", "link set hudh0p master hud0 up",
                "link set hudh0 addrgenmode none", "link set hudh0 up",
                "addr add 10.99.0.1/32 dev hud0", "addr add 10.99.255.1/16 dev hudh0",
            ])
        #expect(
            view.entries(observed: "") == [
                "fdb append 00:00:00:00:00:00 dev hudvx0 dst 192.168.7.2 self permanent",
                "fdb append 00:00:00:00:00:00 dev hudvx0 dst 192.168.7.3 self permanent",
                "fdb replace 02:68:0a:63:00:03 dev hudvx0 dst 192.168.7.2 self static",
                "fdb replace 02:68:0a:63:ff:02 dev hudvx0 dst 192.168.7.2 self static",
                "fdb replace 02:68:0a:63:ff:03 dev hudvx0 dst 192.168.7.3 self static",
            ])
        #expect(arrangement.rules.contains("8080 : 10.99.0.3 . 80"))
        #expect(arrangement.rules.contains("192.168.7.1,"))
    }

    @Test("an instance that changes hosts has no entry, and one that left is sent after")
    func moving() throws {
        let before = try HostView(Self.map(web: "a"), at: Self.here)
        let moving = try HostView(Self.map(web: nil), at: Self.here)
        let after = try HostView(Self.map(web: "c"), at: Self.here)
        let web = try Self.address("10.99.0.3").hardware
        #expect(moving.changes(from: before) == .init(entries: [], rules: "", left: [web]))
        #expect(
            after.changes(from: moving)?.entries == [
                "fdb replace 02:68:0a:63:00:03 dev hudvx0 dst 192.168.7.3 self static",
                "fdb replace 02:68:0a:63:00:03 dev hudvx0 master dynamic",
            ])
        #expect(
            moving.changes(from: after)?.entries == ["fdb del 02:68:0a:63:00:03 dev hudvx0 self"])
    }

    @Test("what was to stay at a port of this host is let go once the map has it elsewhere")
    func bound() throws {
        let found = """
            02:68:0a:63:00:03 dev hudn0a630003 sticky master hud0 
            02:68:0a:63:00:02 dev hudn0a630002 sticky master hud0 

            """
        let before = try HostView(Self.map(web: "a"), at: Self.here)
        let moving = try HostView(Self.map(web: nil), at: Self.here)
        let web = try Self.address("10.99.0.3").hardware
        #expect(moving.releases(observed: found, of: []).isEmpty)
        let release = "fdb replace 02:68:0a:63:00:03 dev hudn0a630003 master dynamic"
        #expect(moving.releases(observed: found, of: [web]) == [release])
        #expect(moving.entries(observed: found).contains(release))
        #expect(before.changes(from: moving)?.left.isEmpty == true)
    }

    @Test("entries that are there stay, others go, and a port that was left is forgotten")
    func observed() throws {
        let view = try HostView(Self.map(), at: Self.here)
        let found = """
            02:68:0a:63:00:03 dev hudn0a630003 master hud0 
            02:68:0a:63:00:02 dev hudn0a630002 master hud0 
            aa:83:72:0f:f5:27 dev hudvx0 master hud0 permanent
            02:68:0a:63:00:09 dev hudvx0 dst 192.168.7.3 self static
            02:68:0a:63:00:03 dev hudvx0 dst 192.168.7.3 self static
            02:68:0a:63:ff:02 dev hudvx0 dst 192.168.7.2 self static
            02:68:0a:63:ff:03 dev hudvx0 dst 192.168.7.3 self static
            00:00:00:00:00:00 dev hudvx0 dst 192.168.7.2 self permanent
            00:00:00:00:00:00 dev hudvx0 dst 192.168.7.3 self permanent
            00:00:00:00:00:00 dev hudvx0 dst 192.168.7.9 self permanent
            """
        #expect(
            view.entries(observed: found) == [
                "fdb replace 02:68:0a:63:00:03 dev hudvx0 dst 192.168.7.2 self static",
                "fdb del 02:68:0a:63:00:09 dev hudvx0 self",
                "fdb del 00:00:00:00:00:00 dev hudvx0 dst 192.168.7.9 self",
                "fdb replace 02:68:0a:63:00:03 dev hudvx0 master dynamic",
            ])
    }

    @Test("ports change one by one; of two claims the first by name holds on every host")
    func ports() throws {
        let old = try HostView(Self.map(), at: Self.here)
        var map = try Self.map(ports: [
            .init(host: 8_081, instance: 80), .init(host: 53, instance: 53, transport: .udp),
        ])
        map.instances[InstanceID("zoo-0")] = .init(
            address: try Self.address("10.99.0.4"), host: Self.here,
            ports: [
                .init(host: 8_081, instance: 1), .init(host: 4_789, instance: 2, transport: .udp),
            ])
        let changes = try HostView(map, at: Self.here).changes(from: old)
        #expect(
            changes?.rules == """
                delete element ip huddle tcp_ports { 8080 : 10.99.0.3 . 80 }
                add element ip huddle tcp_ports { 8081 : 10.99.0.3 . 80 }
                add element ip huddle udp_ports { 53 : 10.99.0.3 . 53 }

                """)
    }

    @Test("hosts that come and go change who gets frames to all and whose packets are believed")
    func hosts() throws {
        let old = try HostView(Self.map(), at: Self.here)
        var map = try Self.map()
        map.hosts[HostID("c")] = nil
        let changes = try HostView(map, at: Self.here).changes(from: old)
        #expect(
            changes?.entries == [
                "fdb del 02:68:0a:63:ff:03 dev hudvx0 self",
                "fdb del 00:00:00:00:00:00 dev hudvx0 dst 192.168.7.3 self",
            ])
        #expect(changes?.rules == "delete element ip huddle peers { 192.168.7.3 }\n")
    }

    @Test("a map without this host, and a host without its address, are refused with the reason")
    func refused() throws {
        let map = try Self.map()
        #expect(throws: NetworkFailure("the network's map does not have this host, z")) {
            try HostView(map, at: HostID("z"))
        }
        let view = try HostView(map, at: Self.here)
        #expect(throws: NetworkFailure.self) { try view.arrangement(devices: "") }
    }

    @Test("a map of three thousand hosts and sixty thousand instances changes by what changed")
    func large() throws {
        var map = NetworkMap()
        let base = try Self.address("10.99.0.0").bits
        for host in 0..<UInt32(3_000) {
            map.hosts[HostID("h\(host)")] = .init(
                underlay: IPv4Address(bits: 172 << 24 | 16 << 16 | host),
                address: IPv4Address(bits: base + 62_000 + host))
        }
        for instance in 2..<UInt32(60_000) {
            map.instances[InstanceID("i-\(instance)")] = .init(
                address: IPv4Address(bits: base + instance), host: HostID("h\(instance % 3_000)"))
        }
        let old = try HostView(map, at: HostID("h0"))
        map.instances[InstanceID("i-7")] = .init(
            address: IPv4Address(bits: base + 7), host: HostID("h9"))
        let changes = try HostView(map, at: HostID("h0")).changes(from: old)
        #expect(
            changes
                == .init(
                    entries: [
                        "fdb replace 02:68:0a:63:00:07 dev hudvx0 dst 172.16.0.9 self static"
                    ],
                    rules: ""))
    }
}
