import ClusterModel
import Fabric
import HostIO
import Ports
import Testing

/// Real devices, rules and packets, on hosts that are network namespaces.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: FabricBench.isPossible, "\(FabricBench.need)")
)
struct HostsTests {
    private static let web = [Program.Port(host: 8_080, instance: 80)]

    @Test("instances on different hosts reach each other, the gateway and the outside")
    func reach() async throws {
        try await FabricBench.with(hosts: 3) { bench in
            try await bench.apply(bench.map([("a-0", 4, 1, []), ("b-0", 5, 2, [])]))
            let attachment = try await bench.attach(1, "a-0", 4)
            let identity = NetworkIdentity(
                address: FabricBench.address(4), network: .standard, largestPacket: 1_450)
            #expect(
                attachment
                    == .namespace(
                        path: "/run/netns/" + bench.inside(1, InstanceID("a-0")), identity))
            try await bench.attach(2, "b-0", 5)
            let (a, b) = (bench.inside(1, InstanceID("a-0")), bench.inside(2, InstanceID("b-0")))
            #expect(try await bench.pings(a, "10.99.0.5", count: 5) == 5)
            #expect(try await bench.pings(b, "10.99.0.4") == 1)
            #expect(try await bench.pings(a, "10.99.0.1") == 1)
            #expect(try await bench.pings(a, FabricBench.server) == 1)
            // The hosts themselves, at both ends.
            #expect(try await bench.pings(bench.namespace(3), "10.99.0.4") == 1)
            #expect(try await bench.pings(a, "10.99.1.3") == 1)
            // A full packet needs no fragments.
            let full = ["busybox", "ping", "-c", "1", "-W", "1", "-s", "1422", "10.99.0.5"]
            #expect(try await bench.in(a, full).status.isSuccess)
        }
    }

    @Test("the gateway answers at the instance's own host and never from another")
    func gateway() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            try await bench.apply(bench.map([("a-0", 4, 1, [])]))
            try await bench.attach(1, "a-0", 4)
            let ask = ["busybox", "arping", "-f", "-c", "2", "-w", "2", "-I", "eth0", "10.99.0.1"]
            let inside = bench.inside(1, InstanceID("a-0"))
            #expect(try await bench.in(inside, ask).status.isSuccess)
            try await bench.ip(bench.namespace(1), ["addr del 10.99.0.1/32 dev hud0"])
            #expect(try await !bench.in(inside, ask).status.isSuccess)
            // An apply of the same map finds what is missing.
            try await bench.apply(bench.map([("a-0", 4, 1, [])]))
            #expect(try await bench.in(inside, ask).status.isSuccess)
        }
    }

    @Test("an instance cannot send as another one")
    func honest() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            try await bench.apply(bench.map([("a-0", 4, 1, []), ("b-0", 5, 2, [])]))
            try await bench.attach(1, "a-0", 4)
            try await bench.attach(2, "b-0", 5)
            let a = bench.inside(1, InstanceID("a-0"))
            try await bench.ip(a, ["addr add 10.99.0.9/16 dev eth0"])
            let ping = ["busybox", "ping", "-c", "1", "-W", "1"]
            // The neighbour is known from here on; a forged question for it would stand in the way of an honest one.
            #expect(try await bench.in(a, ping + ["10.99.0.5"]).status.isSuccess)
            let forged = ping + ["-I", "10.99.0.9", "10.99.0.5"]
            #expect(try await !bench.in(a, forged).status.isSuccess)
            #expect(try await bench.in(a, ping + ["10.99.0.5"]).status.isSuccess)
            try await bench.ip(
                a, ["link set eth0 address 02:68:0a:63:00:09", "addr del 10.99.0.9/16 dev eth0"])
            #expect(try await !bench.in(a, ping + ["10.99.0.5"]).status.isSuccess)
            try await bench.ip(a, ["link set eth0 address 02:68:0a:63:00:04"])
            #expect(try await bench.in(a, ping + ["10.99.0.5"]).status.isSuccess)
        }
    }

    @Test("what leaves the network has the address of the host that the instance is on")
    func egress() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            try await bench.apply(bench.map([("a-0", 4, 1, [])]))
            try await bench.attach(1, "a-0", 4)
            try await bench.serving(bench.lan, port: 9_000, ["echo", "hello"]) {
                try await self.admit(1, bench)
                let first = try await bench.greeting(
                    bench.inside(1, InstanceID("a-0")), FabricBench.server, 9_000)
                #expect(first == "hello\n")
                try await self.move(bench, "a-0", 4, from: 1, to: 2)
                try await self.admit(2, bench)
                let second = try await bench.greeting(
                    bench.inside(2, InstanceID("a-0")), FabricBench.server, 9_000)
                #expect(second == "hello\n")
                try await self.admit(1, bench)
                let refused = try await bench.greeting(
                    bench.inside(2, InstanceID("a-0")), FabricBench.server, 9_000)
                #expect(refused.isEmpty)
            }
        }
    }

    @Test("a published port leads to the instance from everywhere")
    func published() async throws {
        try await FabricBench.with(hosts: 3) { bench in
            try await bench.apply(bench.map([("a-0", 4, 1, Self.web), ("b-0", 5, 2, [])]))
            try await bench.attach(1, "a-0", 4)
            try await bench.attach(2, "b-0", 5)
            let (a, b) = (bench.inside(1, InstanceID("a-0")), bench.inside(2, InstanceID("b-0")))
            try await bench.serving(a, port: 80, ["echo", "hello"]) {
                var places = [(a, "10.99.0.1"), (b, "10.99.0.1"), (b, "10.99.1.3")]
                for index in 1...3 {
                    let underlay = FabricBench.underlay(index)
                    places.append((bench.namespace(index), "127.0.0.1"))
                    places.append((bench.namespace(index), underlay))
                    places += [(bench.lan, underlay), (a, underlay), (b, underlay)]
                }
                for (namespace, address) in places {
                    let text = try await bench.greeting(namespace, address, 8_080)
                    #expect(text == "hello\n", "from \(namespace) to \(address)")
                }
                // Only published ports come in from outside.
                try await bench.ip(bench.lan, ["route add 10.99.0.0/16 via 10.211.0.1"])
                #expect(try await bench.greeting(bench.lan, "10.99.0.4", 80).isEmpty)
            }
        }
    }

    /// Lets only what has the address of the host `index` reach the server.
    private func admit(_ index: Int, _ bench: FabricBench) async throws {
        let rules = """
            table ip test
            delete table ip test
            table ip test {
                chain in {
                    type filter hook input priority 0; policy accept;
                    tcp dport 9000 ip saddr != \(FabricBench.underlay(index)) drop
                }
            }

            """
        let outcome = try await bench.in(bench.lan, ["nft", "-f", "-"], input: rules)
        try #require(outcome.status.isSuccess, "\(outcome.complaint)")
    }

    private func move(
        _ bench: FabricBench, _ name: String, _ octet: UInt32, from: Int, to: Int
    ) async throws {
        try await bench.apply(bench.map([(name, octet, nil, [])]))
        try await bench.attach(to, name, octet)
        try await bench.fabrics[from - 1].detach(InstanceID(name))
        try await bench.fabrics[to - 1].connect(
            InstanceID(name), address: FabricBench.address(octet))
        try await bench.apply(bench.map([(name, octet, to, [])]))
    }
}
