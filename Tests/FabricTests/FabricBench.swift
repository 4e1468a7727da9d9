import ClusterModel
import Fabric
import Glibc
import HostIO
import Ports
import Synchronization

/// Hosts on one machine: each is a network namespace, and one more is the switch between them, with a server's
/// address on it. Nothing of the machine's own network is used.
struct FabricBench: Sendable {
    static let isPossible =
        geteuid() == 0
        && ["/usr/sbin/ip", "/usr/sbin/nft", "/bin/busybox"].allSatisfy(HostFile.exists)
    static let need = "needs root, iproute2, nftables and busybox"

    /// Begins the name of every namespace of this bench.
    let name: String
    let fabrics: [LinuxFabric]
    /// All hosts with their addresses; no instances.
    let map: NetworkMap

    var lan: String { name + "sw" }
    static let server = "10.211.0.254"

    private static let number = Atomic<Int>(0)

    /// Makes the hosts, lends them to `body`, and takes everything away again.
    ///
    /// - Parameter patience: how long ports are waited for; `nil` is as ever.
    static func with(
        hosts count: Int, patience: Duration? = nil, _ body: (FabricBench) async throws -> Void
    ) async throws {
        let bench = FabricBench(count: count, patience: patience)
        do {
            try await bench.build()
            try await body(bench)
            try await bench.remove()
        } catch {
            try await bench.remove()
            throw error
        }
    }

    private init(count: Int, patience: Duration?) {
        // It ends with a letter, so that none begins another.
        let name = "fab\(getpid())-\(Self.number.add(1, ordering: .relaxed).newValue)n"
        self.name = name
        var map = NetworkMap()
        fabrics = (1...count).map { index in
            map.hosts[Self.host(index)] = NetworkMap.HostEnd(
                underlay: IPv4Address(bits: 10 << 24 | 211 << 16 | UInt32(index)),
                address: IPv4Address(bits: 10 << 24 | 99 << 16 | 1 << 8 | UInt32(index)))
            var settings = FabricSettings()
            settings.host = name + "h\(index)"
            settings.namespacePrefix = name + "i\(index)-"
            if let patience { settings.portPatience = patience }
            // The same mount namespace, by the way that a service takes that has one of its own.
            if index == 1 { settings.mounts = "/proc/self/ns/mnt" }
            return LinuxFabric(host: Self.host(index), settings: settings)
        }
        self.map = map
    }

    static func host(_ index: Int) -> HostID { HostID("h\(index)") }
    func namespace(_ index: Int) -> String { name + "h\(index)" }
    func inside(_ index: Int, _ instance: InstanceID) -> String { name + "i\(index)-\(instance)" }
    static func underlay(_ index: Int) -> String { "10.211.0.\(index)" }

    private func build() async throws {
        let hosts = fabrics.indices.map { $0 + 1 }
        for namespace in [lan] + hosts.map(namespace) {
            try await Self.run(["ip", "netns", "add", namespace])
        }
        var lines = [
            "link add lan type bridge", "link set lan up", "link set lo up",
            "addr add \(Self.server)/24 dev lan",
        ]
        for index in hosts {
            lines.append("link add h\(index) type veth peer name eth0 netns \(namespace(index))")
            lines.append("link set h\(index) master lan up")
        }
        try await ip(lan, lines)
        for index in hosts {
            try await ip(
                namespace(index),
                [
                    "addr add \(Self.underlay(index))/24 dev eth0", "link set eth0 up",
                    "link set lo up",
                ])
        }
    }

    private func remove() async throws {
        for name in try HostFile.names(in: "/run/netns") where name.hasPrefix(self.name) {
            try await Self.run(["ip", "netns", "del", name])
        }
    }

    /// The map applied at every host.
    func apply(_ map: NetworkMap) async throws {
        for fabric in fabrics { try await fabric.apply(map) }
    }

    /// `map` with further instances, as `(name, last octet, host, ports)`.
    func map(
        _ instances: [(name: String, octet: UInt32, host: Int?, ports: [Program.Port])]
    ) -> NetworkMap {
        var map = map
        for entry in instances {
            map.instances[InstanceID(entry.name)] = NetworkMap.Entry(
                address: Self.address(entry.octet), host: entry.host.map(Self.host),
                ports: entry.ports)
        }
        return map
    }

    static func address(_ octet: UInt32) -> IPv4Address {
        IPv4Address(bits: 10 << 24 | 99 << 16 | octet)
    }

    @discardableResult
    func attach(_ index: Int, _ instance: String, _ octet: UInt32) async throws
        -> NetworkAttachment
    {
        try await fabrics[index - 1].attach(
            InstanceID(instance), address: Self.address(octet), owner: nil, held: false)
    }

    @discardableResult
    func ip(_ namespace: String, _ lines: [String]) async throws -> String {
        try await Self.run(
            ["ip", "-n", namespace, "-batch", "-"], input: lines.joined(separator: "\n") + "\n")
    }

    /// Runs a command in a namespace; what it printed, and whether it succeeded.
    func `in`(_ namespace: String, _ words: [String], input: String = "") async throws
        -> Tool.Outcome
    {
        try await Tool.run(
            "/usr/bin/env", ["ip", "netns", "exec", namespace] + words, input: Array(input.utf8))
    }

    /// Answers that came to `count` pings, 50 ms apart, as fast as they come.
    func pings(_ namespace: String, _ address: String, count: Int = 1) async throws -> Int {
        let outcome = try await self.in(
            namespace,
            ["busybox", "ping", "-q", "-c", "\(count)", "-i", "0.05", "-W", "1", address])
        let words = outcome.text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard let place = words.lastIndex(of: "received,"), place >= 2 else { return 0 }
        return Int(words[place - 2]) ?? 0
    }

    /// What a TCP server says to who connects and sends nothing.
    func greeting(_ namespace: String, _ address: String, _ port: Int) async throws -> String {
        try await self.in(
            namespace, ["timeout", "2", "busybox", "nc", "-w", "2", address, "\(port)"]
        ).text
    }

    /// Serves `words` to every connection in `namespace` while `body` runs.
    func serving(
        _ namespace: String, port: Int, _ words: [String],
        while body: () async throws -> Void
    ) async throws {
        let command = ["ip", "netns", "exec", namespace, "busybox", "nc", "-ll", "-p", "\(port)"]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try? await Tool.run(
                    "/usr/bin/env", command + ["-e"] + words, within: .seconds(120))
            }
            defer { group.cancelAll() }
            try await eventually {
                try await self.in(namespace, ["cat", "/proc/net/tcp", "/proc/net/tcp6"]).text
                    .contains(":" + Self.hexadecimal(port) + " ")
            }
            try await body()
        }
    }

    private static func hexadecimal(_ port: Int) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    @discardableResult
    static func run(_ words: [String], input: String = "") async throws -> String {
        let outcome = try await Tool.run("/usr/bin/env", words, input: Array(input.utf8))
        guard outcome.status.isSuccess else {
            throw NetworkFailure(words.joined(separator: " "), cause: outcome.complaint)
        }
        return outcome.text
    }
}

/// Asks again until it holds, for five seconds.
func eventually(_ holds: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < end {
        if try await holds() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NetworkFailure("it did not come to hold within five seconds")
}
