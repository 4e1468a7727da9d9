import ClusterModel
import Fabric
import HostIO
import Ports
import Testing

/// What is sent to an instance while it is nowhere.
@Suite(.enabled(if: FabricBench.isPossible, "\(FabricBench.need)"), .timeLimit(.minutes(1)))
struct GatheringTests {
    @Test("what was sent to an instance on its way is there when it comes, once, from both sides")
    func handedOver() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            let mover = InstanceID("mover-0")
            let address = FabricBench.address(9)
            try await bench.apply(
                bench.map([("near-0", 4, 2, []), ("far-0", 5, 1, []), ("mover-0", 9, nil, [])]))
            try await bench.attach(2, "near-0", 4)
            try await bench.attach(1, "far-0", 5)
            let target = bench.fabrics[1]
            _ = try await target.attach(mover, address: address, owner: nil, held: true)
            try await target.gather(mover, address: address, isNowhere: true)
            // Neither knows the other's hardware address yet: the question who has it is kept like the rest.
            for (host, name) in [(2, "near-0"), (1, "far-0")] {
                #expect(try await bench.pings(bench.inside(host, .init(name)), "\(address)") == 0)
            }
            #expect(try await questions(at: mover, bench) == 0)
            try await target.connect(mover, address: address)
            // Both ask once and then send what waited for the answer, or have given up on it; either way they are heard.
            try await eventually { try await self.known(to: mover, bench).count == 2 }
            for (host, name) in [(2, "near-0"), (1, "far-0")] {
                #expect(try await bench.pings(bench.inside(host, .init(name)), "\(address)") == 1)
            }
        }
    }

    @Test("a datagram whose checksum the network card was to write arrives whole")
    func checksums() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            let mover = InstanceID("mover-0")
            let address = FabricBench.address(9)
            try await bench.apply(bench.map([("far-0", 5, 1, []), ("mover-0", 9, nil, [])]))
            try await bench.attach(1, "far-0", 5)
            let far = bench.inside(1, InstanceID("far-0"))
            try await bench.ip(far, ["neigh add \(address) lladdr \(address.hardware) dev eth0"])
            let target = bench.fabrics[1]
            _ = try await target.attach(mover, address: address, owner: nil, held: true)
            try await target.gather(mover, address: address, isNowhere: true)
            for _ in 0..<3 {
                let sent = try await bench.in(
                    far, ["bash", "-c", "echo hello > /dev/udp/\(address)/7"])
                #expect(sent.status.isSuccess, "\(sent.complaint)")
            }
            try await target.connect(mover, address: address)
            // Nobody listens at port 7 there: the kernel counts what came for it, and what came broken.
            try await eventually { try await self.datagrams(at: mover, bench).unasked == 3 }
            #expect(try await datagrams(at: mover, bench).broken == 0)
        }
    }

    @Test(
        "of what came while its source may still have heard it, it gets only what it may hear twice"
    )
    func heardTwice() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            let mover = InstanceID("mover-0")
            let address = FabricBench.address(9)
            try await bench.apply(bench.map([("far-0", 5, 1, []), ("mover-0", 9, nil, [])]))
            try await bench.attach(1, "far-0", 5)
            let far = bench.inside(1, InstanceID("far-0"))
            try await bench.ip(far, ["neigh add \(address) lladdr \(address.hardware) dev eth0"])
            let target = bench.fabrics[1]
            _ = try await target.attach(mover, address: address, owner: nil, held: true)
            try await target.gather(mover, address: address, isNowhere: false)
            for `protocol` in ["udp", "tcp"] {
                _ = try await bench.in(
                    far,
                    [
                        "timeout", "0.2", "bash", "-c",
                        ": > /dev/\(`protocol`)/\(address)/7; echo hello > /dev/\(`protocol`)/\(address)/7",
                    ])
            }
            try await target.gather(mover, address: address, isNowhere: true)
            _ = try await bench.in(far, ["bash", "-c", "echo hello > /dev/udp/\(address)/7"])
            try await target.connect(mover, address: address)
            // Nobody listens there: a connection that was asked for is refused, and a datagram is counted.
            try await eventually {
                let resets = try await self.counters("Tcp", at: mover, bench)["OutRsts"] ?? 0
                return try await self.datagrams(at: mover, bench).unasked >= 1 && resets >= 1
            }
            #expect(try await datagrams(at: mover, bench).unasked == 1)
        }
    }

    @Test("an instance that is about to go on is heard before it hears")
    func unmuted() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            let mover = InstanceID("mover-0")
            let address = FabricBench.address(9)
            let peer = FabricBench.address(5)
            try await bench.apply(bench.map([("far-0", 5, 1, []), ("mover-0", 9, nil, [])]))
            try await bench.attach(1, "far-0", 5)
            let far = bench.inside(1, InstanceID("far-0"))
            let near = bench.inside(2, mover)
            let target = bench.fabrics[1]
            _ = try await target.attach(mover, address: address, owner: nil, held: true)
            try await bench.ip(near, ["neigh add \(peer) lladdr \(peer.hardware) dev eth0"])
            try await bench.ip(far, ["neigh add \(address) lladdr \(address.hardware) dev eth0"])
            func heard(_ host: Int, _ instance: String) async throws -> Int {
                try await counters("Icmp", at: InstanceID(instance), bench, host: host)["InEchos"]
                    ?? 0
            }
            try await target.gather(mover, address: address, isNowhere: true)
            #expect(try await bench.pings(near, "\(peer)") == 0)
            #expect(try await heard(1, "far-0") == 0)
            try await target.unmute(mover, address: address)
            #expect(try await bench.pings(near, "\(peer)") == 0)
            #expect(try await heard(1, "far-0") == 1)
            #expect(try await bench.pings(far, "\(address)") == 0)
            #expect(try await heard(2, "mover-0") == 0)
            try await target.connect(mover, address: address)
            try await eventually { try await heard(2, "mover-0") == 1 }
            #expect(try await bench.pings(near, "\(peer)") == 1)
            #expect(try await bench.pings(far, "\(address)") == 1)
        }
    }

    @Test("an instance that is not attached is not gathered for, and a detached one is forgotten")
    func forgotten() async throws {
        try await FabricBench.with(hosts: 1) { bench in
            let mover = InstanceID("mover-0")
            let address = FabricBench.address(9)
            try await bench.apply(bench.map([("near-0", 4, 1, []), ("mover-0", 9, nil, [])]))
            try await bench.attach(1, "near-0", 4)
            let host = bench.fabrics[0]
            try await host.gather(mover, address: address, isNowhere: true)
            _ = try await host.attach(mover, address: address, owner: nil, held: true)
            try await host.gather(mover, address: address, isNowhere: true)
            let near = bench.inside(1, InstanceID("near-0"))
            #expect(try await bench.pings(near, "\(address)") == 0)
            try await host.detach(mover)
            _ = try await host.attach(mover, address: address, owner: nil, held: true)
            try await host.connect(mover, address: address)
            #expect(try await known(to: mover, bench, host: 1).isEmpty)
            #expect(try await bench.pings(near, "\(address)") == 1)
        }
    }

    /// Echo requests that reached the instance.
    private func questions(at instance: InstanceID, _ bench: FabricBench) async throws -> Int {
        try await counters("Icmp", at: instance, bench)["InEchos"] ?? 0
    }

    private func datagrams(
        at instance: InstanceID, _ bench: FabricBench
    ) async throws -> (unasked: Int, broken: Int) {
        let counters = try await counters("Udp", at: instance, bench)
        return (counters["NoPorts"] ?? 0, counters["InCsumErrors"] ?? 0)
    }

    /// Two lines of /proc/net/snmp: names, then values.
    private func counters(
        _ protocol: String, at instance: InstanceID, _ bench: FabricBench, host: Int = 2
    ) async throws -> [String: Int] {
        let text = try await bench.in(bench.inside(host, instance), ["cat", "/proc/net/snmp"]).text
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("\(`protocol`):") }
            .map { $0.split(separator: " ").dropFirst().map(String.init) }
        guard lines.count == 2 else { return [:] }
        return Dictionary(
            zip(lines[0], lines[1].map { Int($0) ?? 0 }), uniquingKeysWith: { first, _ in first })
    }

    /// Whom the instance has heard from.
    private func known(
        to instance: InstanceID, _ bench: FabricBench, host: Int = 2
    ) async throws -> [Substring] {
        try await bench.in(bench.inside(host, instance), ["ip", "neigh", "show", "dev", "eth0"])
            .text.split(separator: "\n")
    }
}
