import ClusterModel
import Testing

/// Which hosts can take over a running instance from which, and what is said of the way.
@Suite struct LiveMoveTests {
    private static func host(_ name: String, _ details: [Capability.Name: String?]) -> Host {
        Host(
            id: HostID(name), labels: .none,
            capacity: Capacity(
                total: .zero, features: name == "old" ? ["sse"] : ["avx", "sse"],
                capabilities: details.map { name, detail in
                    Capability(name, available: detail != nil, detail: detail ?? "not there")
                }),
            state: .ready)
    }

    private static func full(
        _ name: String, qemu: String = "QEMU emulator version 10.0.13 (Debian 1:10.0.13)",
        criu: String? = "CRIU 4.2.1", kvm: String? = nil
    ) -> Host {
        host(
            name,
            [.qemu: qemu, .podman: "Podman 5", .network: "yes", .checkpoint: criu, .kvm: kvm])
    }

    @Test func equalHostsTakeFromEachOther() throws {
        let (a, b) = (Self.full("a"), Self.full("b"))
        for kind in Workload.Kind.allCases {
            let modes: [MoveMode] =
                kind == .vm ? [.live, .restart] : [.live, .relocate, .restart]
            let workload = try Self.workload(kind)
            #expect(MoveMode.possible(for: workload, from: a, to: b, .none) == modes)
            #expect(MoveMode.possible(for: workload, from: a, to: a, .none) == [])
        }
    }

    private static func workload(
        _ kind: Workload.Kind, restart: RestartPolicy = .always, volumes: [Storage.Volume] = []
    ) throws -> Workload {
        try Workload(
            kind: kind, name: WorkloadID("web"), image: .named("image"),
            program: Program(restart: restart), storage: Storage(volumes: volumes),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
    }

    @Test func whatIsInTheWayOfARelocationIsNamed() throws {
        let (a, b) = (Self.full("a"), Self.full("b", criu: nil))
        let cut = Self.host("cut", [.podman: "Podman 5", .network: nil])
        func obstacle(_ workload: Workload, to target: Host) -> RelocateObstacle? {
            RelocateObstacle.between(a, target, for: workload)
        }
        let plain = try Self.workload(.container)
        #expect(obstacle(plain, to: b) == nil, "it needs no checkpoint")
        #expect(MoveMode.possible(for: plain, from: a, to: b, .none) == [.relocate, .restart])
        #expect(obstacle(try Self.workload(.vm), to: b) == .kind(.vm))
        #expect(obstacle(try Self.workload(.container, restart: .never), to: b) == .runsOnce)
        let volume = try Storage.Volume(name: "data", path: "/data")
        let keeper = try Self.workload(.container, volumes: [volume])
        #expect(obstacle(keeper, to: b) == .volume("data"))
        #expect(MoveMode.possible(for: keeper, from: a, to: b, .none) == [.restart])
        let media = try Storage.Volume(name: "media", path: "/media", shared: "/srv/media")
        let sharer = try Self.workload(.container, volumes: [media])
        #expect(obstacle(sharer, to: b) == nil, "both copies have the same directory")
        #expect(MoveMode.possible(for: sharer, from: a, to: b, .none) == [.relocate, .restart])
        let both = try Self.workload(.container, volumes: [media, volume])
        #expect(obstacle(both, to: b) == .volume("data"), "whatever comes first")
        #expect(obstacle(plain, to: cut) == .lacks(HostID("cut"), .network, reason: "not there"))
    }

    @Test func whatIsInTheWayIsNamed() throws {
        let full = Self.full("a")
        let old = Self.full("b", qemu: "QEMU emulator version 7.2.22", criu: "CRIU 3.17.1")
        let bare = Self.full("b", criu: nil, kvm: "a trial guest ran")
        let machine = try Self.workload(.vm)
        let container = try Self.workload(.container)
        func between(
            _ source: Host, _ target: Host, _ kind: Workload.Kind
        ) -> LiveMoveObstacle? {
            LiveMoveObstacle.between(
                source, target, for: kind == .vm ? machine : container, .none)
        }
        #expect(between(full, old, .vm) == .older(.qemu, source: "10.0", target: "7.2"))
        #expect(
            between(full, old, .container) == .older(.checkpoint, source: "4.2", target: "3.17"))
        #expect(between(old, full, .vm) == nil)
        #expect(between(full, bare, .vm) == .acceleration(source: "tcg", target: "kvm"))
        #expect(
            between(full, bare, .container)
                == .lacks(HostID("b"), .checkpoint, reason: "not there"))
        #expect(between(full, Self.full("old"), .container) == .features(missing: ["avx"]))
        #expect(between(full, Self.full("old"), .vm) == nil, "translated guests see no feature")
        #expect(MoveMode.possible(for: machine, from: full, to: bare, .none) == [.restart])
    }

    @Test("what is shown of a copy never runs backwards", arguments: UInt64(0)..<50)
    func advanceIsMonotone(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var shown: MoveAdvance?
        var sent: UInt64 = 0
        for round in 0..<40 {
            sent += UInt64.random(in: 0...(64 << 20), using: &random)
            let progress = MoveProgress(
                rounds: round, transferred: Bytes(sent),
                remaining: Bytes(UInt64.random(in: 0...(512 << 20), using: &random)),
                bytesPerSecond: 1)
            let next = MoveAdvance(progress, after: shown)
            #expect(next.share >= shown?.share ?? .none && next.share <= .whole)
            #expect(next.latest == progress)
            shown = next
        }
    }

    @Test func newsMakeTheMapThatTheyCameFrom() {
        var before = NetworkMap()
        before.hosts[HostID("a")] = NetworkMap.HostEnd(
            underlay: IPv4Address(bits: 1), address: IPv4Address(bits: 2))
        before.instances[InstanceID("x-0")] = NetworkMap.Entry(
            address: IPv4Address(bits: 3), host: HostID("a"))
        var after = before
        after.hosts[HostID("a")] = nil
        after.instances[InstanceID("x-0")] = NetworkMap.Entry(
            address: IPv4Address(bits: 3), host: nil)
        after.instances[InstanceID("y-0")] = NetworkMap.Entry(
            address: IPv4Address(bits: 4), host: HostID("b"))
        let news = NetworkNews(from: before, to: after)
        #expect(news?.applied(to: before) == after)
        #expect(news?.map.instances.count == 2 && news?.goneHosts == [HostID("a")])
        #expect(NetworkNews(from: after, to: after) == nil)
        #expect(NetworkNews(complete: after).applied(to: before) == after)
    }

    @Test func addresses() throws {
        let network = try ClusterNetwork(parsing: "10.99.0.0/16")
        #expect(network == .standard && "\(network.gateway)" == "10.99.0.1")
        #expect("\(IPv4Address("10.99.0.7")?.hardware, default: "-")" == "02:68:0a:63:00:07")
        for text in ["10.99.0", "10.99.0.256", "10.099.0.1", "10.99.0.1 ", "a.b.c.d", ""] {
            #expect(IPv4Address(text) == nil, "\(text)")
        }
        for text in ["10.99.0.1/16", "10.99.0.0/7", "10.99.0.0/29", "10.99.0.0", "x/16"] {
            #expect(throws: InvalidValue.self) { try ClusterNetwork(parsing: text) }
        }
    }
}
