import ClusterModel
import Fabric
import HostIO
import Ports
import Testing

/// What is made, repeated, and taken away.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: FabricBench.isPossible, "\(FabricBench.need)")
)
struct LifeTests {
    @Test("a host that can says what it has")
    func probe() async throws {
        try await FabricBench.with(hosts: 1) { bench in
            let capability = await bench.fabrics[0].probe()
            #expect(capability.name == .network)
            #expect(capability.available, "\(capability.detail)")
            #expect(capability.detail.contains("iproute2"))
            let left = try HostFile.names(in: "/run/netns").filter { $0.contains("hudprobe") }
            #expect(left == [])
        }
    }

    @Test("a tap is its user's, on the bridge, with the network's packet size, and stays the same")
    func tap() async throws {
        try await FabricBench.with(hosts: 1) { bench in
            try await bench.apply(bench.map([("vm-0", 7, 1, [])]))
            let fabric = bench.fabrics[0]
            let vm = InstanceID("vm-0")
            func attach(_ octet: UInt32, _ owner: UInt32?) async throws -> NetworkAttachment {
                try await fabric.attach(
                    vm, address: FabricBench.address(octet), owner: owner, held: false)
            }
            let attachment = try await attach(7, 410_000)
            guard case .tap(let name, let identity) = attachment else {
                Issue.record("\(attachment)")
                return
            }
            #expect(name == "hudt0a630007")
            #expect(identity.largestPacket == 1_450)
            let first = try await self.link(bench, name)
            #expect(first.contains("user 410000") && first.contains("master hud0"))
            #expect(first.contains("mtu 1450") && first.contains(",UP"))
            #expect(try await attach(7, 410_000) == attachment)
            // The same number: it was not made anew.
            #expect(try await self.link(bench, name).prefix(4) == first.prefix(4))
            // Another user, another address, another kind.
            _ = try await attach(7, 410_001)
            #expect(try await self.link(bench, name).contains("user 410001"))
            _ = try await attach(8, 410_001)
            #expect(try await self.link(bench, name).isEmpty)
            _ = try await attach(8, nil)
            #expect(try await self.link(bench, "hudt0a630008").isEmpty)
            #expect(try await !self.link(bench, "hudn0a630008").isEmpty)
            try await fabric.detach(vm)
            try await fabric.detach(vm)
            #expect(try await self.link(bench, "hudn0a630008").isEmpty)
            #expect(!HostFile.exists("/run/netns/" + bench.inside(1, vm)))
        }
    }

    @Test("whoever attaches an address gets it, and an attachment that broke off is cleared away")
    func replacing() async throws {
        try await FabricBench.with(hosts: 1) { bench in
            let map = bench.map([("a-0", 4, 1, [])])
            try await bench.apply(map)
            try await bench.attach(1, "a-0", 4)
            try await bench.attach(1, "b-0", 4)
            let inside = bench.inside(1, InstanceID("b-0"))
            #expect(try await bench.pings(inside, "10.99.0.1") == 1)
            try await bench.ip(
                bench.namespace(1), ["tuntap add dev hudt0a630009 mode tap", "link del hudvx0"])
            try await bench.apply(map)
            #expect(try await self.link(bench, "hudt0a630009").isEmpty)
            #expect(try await !self.link(bench, "hudvx0").isEmpty)
            await #expect(throws: NetworkFailure.self) {
                try await bench.fabrics[0].attach(
                    InstanceID("c-0"), address: IPv4Address(bits: 1), owner: nil, held: false)
            }
        }
    }

    @Test("the same map again changes nothing, and a change of one entry is quick among thousands")
    func incremental() async throws {
        try await FabricBench.with(hosts: 1) { bench in
            var map = bench.map([("a-0", 4, 1, [.init(host: 8_080, instance: 80)])])
            for host in 2...50 {
                map.hosts[FabricBench.host(host)] = NetworkMap.HostEnd(
                    underlay: IPv4Address(bits: 10 << 24 | 211 << 16 | UInt32(host)),
                    address: FabricBench.address(0xff00 + UInt32(host)))
            }
            for number in 10..<UInt32(5_010) {
                map.instances[InstanceID("i-\(number)")] = .init(
                    address: FabricBench.address(number),
                    host: FabricBench.host(Int(number) % 49 + 2),
                    ports: number < 200 ? [.init(host: 10_000 + UInt16(number), instance: 80)] : [])
            }
            let clock = ContinuousClock()
            let whole = try await clock.measure { try await bench.apply(map) }
            let before = try await state(bench)
            #expect(before.contains("02:68:0a:63:03:e8 dev hudvx0 dst 10.211.0.22 self static"))
            let again = try await clock.measure { try await bench.apply(map) }
            #expect(try await state(bench) == before)
            map.instances[InstanceID("i-1000")] = .init(
                address: FabricBench.address(1_000), host: FabricBench.host(9),
                ports: [.init(host: 9_000, instance: 90)])
            let one = try await clock.measure { try await bench.apply(map) }
            let after = try await state(bench)
            #expect(after.contains("02:68:0a:63:03:e8 dev hudvx0 dst 10.211.0.9 self static"))
            #expect(after.contains("9000 : 10.99.3.232 . 90"))
            #expect(one < .milliseconds(500))
            print("5000 instances: whole \(whole), again \(again), one of them \(one)")
        }
    }

    @Test("nothing of it is left after a tear-down, and it can be made again")
    func tearDown() async throws {
        try await FabricBench.with(hosts: 1) { bench in
            let map = bench.map([("a-0", 4, 1, [.init(host: 8_080, instance: 80)])])
            try await FabricBench.run(
                ["ip", "netns", "exec", bench.namespace(1), "iptables", "-P", "FORWARD", "DROP"])
            let before = try await state(bench)
            try await bench.apply(map)
            try await bench.attach(1, "a-0", 4)
            // Packets pass although another table drops them.
            #expect(
                try await bench.pings(bench.inside(1, InstanceID("a-0")), FabricBench.server) == 1)
            try await bench.fabrics[0].tearDown()
            #expect(try await state(bench) == before)
            #expect(!HostFile.exists("/run/netns/" + bench.inside(1, InstanceID("a-0"))))
            try await bench.fabrics[0].tearDown()
            try await bench.apply(map)
            try await bench.attach(1, "a-0", 4)
            #expect(
                try await bench.pings(bench.inside(1, InstanceID("a-0")), FabricBench.server) == 1)
        }
    }

    /// What a device is, or nothing.
    private func link(_ bench: FabricBench, _ name: String) async throws -> String {
        try await bench.in(bench.namespace(1), ["ip", "-o", "-d", "link", "show", name]).text
    }

    /// Everything of the first host that could have been changed.
    private func state(_ bench: FabricBench) async throws -> String {
        let questions =
            "ip -br link; ip -br addr; ip route; bridge fdb | grep -v -e '^33:33' -e '^01:00' | sort; "
            + "nft list ruleset"
        return try await bench.in(bench.namespace(1), ["sh", "-c", questions]).text
    }
}
