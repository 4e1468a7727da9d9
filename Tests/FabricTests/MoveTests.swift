import ClusterModel
import Fabric
import HostIO
import Ports
import Testing

/// An address changes hosts while packets are under way to it.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: FabricBench.isPossible, "\(FabricBench.need)")
)
struct MoveTests {
    private static let name = "a-0"
    private static let octet: UInt32 = 4
    /// What the end at the host of its pair is called.
    private static let portName = "hudn0a630004"
    private static let web = [Program.Port(host: 8_080, instance: 80)]

    @Test("pings from every host, twenty a second, are answered before, during and after")
    func pings() async throws {
        try await FabricBench.with(hosts: 3) { bench in
            try await bench.apply(Self.map(bench, at: 1))
            try await bench.attach(1, Self.name, Self.octet)
            for index in 1...3 {
                try await bench.attach(index, "p\(index)-0", 10 + UInt32(index))
                #expect(
                    try await bench.pings(bench.inside(index, Self.probe(index)), "10.99.0.4") == 1)
            }
            let (answered, change) = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 1...3 {
                    group.addTask {
                        try await bench.pings(
                            bench.inside(index, Self.probe(index)), "10.99.0.4", count: 60)
                    }
                }
                try await Task.sleep(for: .milliseconds(500))
                // Both ends answer for a moment, as a copy that goes on at the instant of the switch-over.
                try await bench.apply(Self.map(bench, at: nil))
                try await bench.attach(2, Self.name, Self.octet)
                try await bench.fabrics[1].connect(
                    InstanceID(Self.name), address: FabricBench.address(Self.octet))
                let began = ContinuousClock.now
                try await bench.fabrics[0].detach(InstanceID(Self.name))
                try await bench.apply(Self.map(bench, at: 2))
                let change = ContinuousClock.now - began
                return (try await group.reduce(into: [Int]()) { $0.append($1) }, change)
            }
            // One at each may have been on its way to the old end, and those that were sent there until every host knew the
            // new one: on an idle machine none, on a busy one as many as fit into that time.
            let lost = 2 + Int(change / .milliseconds(50))
            #expect(answered.allSatisfy { $0 >= 60 - lost }, "\(answered) of 60, \(change)")
            print("answered while moving, of 60 each: \(answered)")
        }
    }

    @Test("of two copies with one address one is heard, and the other is asked from inside")
    func relocation() async throws {
        try await FabricBench.with(hosts: 3) { bench in
            let id = InstanceID(Self.name)
            let (old, new) = (bench.fabrics[0], bench.fabrics[1])
            let address = FabricBench.address(Self.octet)
            try await bench.apply(Self.map(bench, at: 1))
            try await bench.attach(1, Self.name, Self.octet)
            try await bench.attach(3, "b-0", 5)
            // Left by an earlier residence, so it is not held yet.
            try await bench.attach(2, Self.name, Self.octet)
            _ = try await new.attach(id, address: address, owner: nil, held: true)
            try await new.hold(id, address: address)
            let clients = [
                (bench.inside(3, InstanceID("b-0")), "10.99.0.4", 80),
                (bench.namespace(1), "10.99.0.4", 80), (bench.namespace(2), "10.99.0.4", 80),
                (bench.lan, FabricBench.underlay(2), 8_080),
                (bench.lan, FabricBench.underlay(3), 8_080),
            ]
            func heard(_ copy: String) async throws {
                for (place, address, port) in clients {
                    try await eventually {
                        try await bench.greeting(place, address, port) == copy + "\n"
                    }
                }
            }
            let inside = try #require(new.namespace(of: id))
            func asked(_ port: UInt16) async -> String? {
                await PortProbe.connect(
                    "10.99.0.4", port: port, in: inside, within: .seconds(2))
            }
            try await bench.serving(bench.inside(1, id), port: 80, ["echo", "old"]) {
                try await heard("old")
                #expect(await asked(80)?.contains("refused") == true)
                try await bench.serving(bench.inside(2, id), port: 80, ["echo", "new"]) {
                    #expect(await asked(80) == nil)
                    let page = ["sh", "-c", "read line; printf 'HTTP/1.0 204 well\\r\\n\\r\\n'"]
                    try await bench.serving(bench.inside(2, id), port: 81, page) {
                        let answer = await PortProbe.get(
                            "/", "10.99.0.4", port: 81, in: inside, within: .seconds(2))
                        #expect(answer == nil, "\(answer ?? "")")
                    }
                    try await heard("old")
                    try await bench.apply(Self.map(bench, at: nil))
                    try await heard("old")
                    try await old.hold(id, address: address)
                    try await new.connect(id, address: address)
                    try await heard("new")
                    try await bench.apply(Self.map(bench, at: 2))
                    try await heard("new")
                    // And back, as when it is undone.
                    try await new.hold(id, address: address)
                    try await bench.apply(Self.map(bench, at: 1))
                    try await old.connect(id, address: address)
                    try await heard("old")
                }
            }
        }
    }

    @Test("what the old end still says after the switch-over leads nobody back to it")
    func lastWords() async throws {
        try await FabricBench.with(hosts: 3) { bench in
            let id = InstanceID(Self.name)
            try await bench.apply(Self.map(bench, at: 1))
            try await bench.attach(1, Self.name, Self.octet)
            for index in 2...3 {
                try await bench.attach(index, "p\(index)-0", 10 + UInt32(index))
                let place = bench.inside(index, Self.probe(index))
                try await eventually { try await bench.pings(place, "10.99.0.4") == 1 }
            }
            try await bench.apply(Self.map(bench, at: nil))
            try await bench.attach(2, Self.name, Self.octet)
            // What the kernel says of itself at moments of its choice would lead to whoever says it once both are heard again.
            let mute = ["busybox", "sysctl", "-w", "net.ipv6.conf.eth0.disable_ipv6=1"]
            #expect(try await bench.in(bench.inside(2, id), mute).status.isSuccess)
            try await bench.fabrics[1].connect(id, address: FabricBench.address(Self.octet))
            func reached() async throws {
                for index in 2...3 {
                    let place = bench.inside(index, Self.probe(index))
                    #expect(try await bench.pings(place, "10.99.0.4") == 1, "from host \(index)")
                }
            }
            // On its way while the other was connected, as on a network with queues.
            _ = try await bench.pings(bench.inside(1, id), "10.99.0.12")
            try await bench.fabrics[0].detach(id)
            try await bench.apply(Self.map(bench, at: 2))
            try await reached()
            // The next time it leaves, its old port is let go of, whoever is still attached to it.
            try await bench.apply(Self.map(bench, at: nil))
            try await bench.attach(3, Self.name, Self.octet)
            let deaf = ["busybox", "sysctl", "-w", "net.ipv4.icmp_echo_ignore_all=1"]
            #expect(try await bench.in(bench.inside(2, id), deaf).status.isSuccess)
            try await bench.fabrics[2].connect(id, address: FabricBench.address(Self.octet))
            try await reached()
        }
    }

    @Test("who took its own end down is connected all the same, and heard from when it has it up")
    func withoutCarrier() async throws {
        try await FabricBench.with(hosts: 2) { bench in
            let probe = bench.inside(1, Self.probe(1))
            try await bench.apply(Self.map(bench, at: nil))
            try await bench.attach(1, "p1-0", 11)
            try await Self.takeEndDown(bench, at: 2)
            try await bench.fabrics[1].connect(
                InstanceID(Self.name), address: FabricBench.address(Self.octet))
            #expect(try await !Self.isLedTo(bench, at: 2))
            try await bench.apply(Self.map(bench, at: 2))
            #expect(try await bench.pings(probe, "10.99.0.4") == 0)
            try await Self.takeEndUp(bench, at: 2)
            try await eventually { try await bench.pings(probe, "10.99.0.4") == 1 }
        }
    }

    @Test("a port that is not ready when it comes up is waited for")
    func ready() async throws {
        try await FabricBench.with(hosts: 1, patience: .seconds(60)) { bench in
            try await bench.apply(Self.map(bench, at: 1))
            try await Self.takeEndDown(bench, at: 1)
            async let connected: Void = bench.fabrics[0].connect(
                InstanceID(Self.name), address: FabricBench.address(Self.octet))
            try await eventually { try await Self.port(bench, at: 1).contains(",UP>") }
            try await Self.takeEndUp(bench, at: 1)
            try await connected
            #expect(try await Self.isLedTo(bench, at: 1))
        }
    }

    @Test("a port that is taken away while it is waited for is a failure")
    func takenAway() async throws {
        try await FabricBench.with(hosts: 1, patience: .seconds(60)) { bench in
            let id = InstanceID(Self.name)
            try await bench.apply(Self.map(bench, at: 1))
            try await Self.takeEndDown(bench, at: 1)
            let fabric = bench.fabrics[0]
            let connecting = Task {
                try await fabric.connect(id, address: FabricBench.address(Self.octet))
            }
            try await eventually { try await Self.port(bench, at: 1).contains(",UP>") }
            try await bench.fabrics[0].hold(id, address: FabricBench.address(Self.octet))
            let failure = await #expect(throws: NetworkFailure.self) {
                try await connecting.value
            }
            #expect(failure?.message == "\(Self.portName) went away again")
        }
    }

    /// Attaches the instance and takes its own end down; the port is held, and the kernel has noticed both.
    private static func takeEndDown(_ bench: FabricBench, at index: Int) async throws {
        let id = InstanceID(name)
        try await bench.attach(index, name, octet)
        _ = try await bench.ip(bench.inside(index, id), ["link set eth0 down"])
        try await eventually { try await port(bench, at: index).contains("state DOWN") }
        try await bench.fabrics[index - 1].hold(id, address: FabricBench.address(octet))
    }

    private static func takeEndUp(_ bench: FabricBench, at index: Int) async throws {
        _ = try await bench.ip(bench.inside(index, InstanceID(name)), ["link set eth0 up"])
    }

    /// What the kernel says of the instance's port.
    private static func port(_ bench: FabricBench, at index: Int) async throws -> String {
        let links = try await FabricBench.run(
            ["ip", "-n", bench.namespace(index), "-o", "link", "show"])
        return links.split(separator: "\n").map(String.init)
            .first { $0.contains(": \(portName)@") } ?? ""
    }

    /// Whether the bridge was led to the instance's port.
    private static func isLedTo(_ bench: FabricBench, at index: Int) async throws -> Bool {
        let entries = try await FabricBench.run(
            ["bridge", "-n", bench.namespace(index), "fdb", "show"])
        return entries.split(separator: "\n").contains {
            $0.hasPrefix("\(FabricBench.address(octet).hardware) dev \(portName) ")
                && $0.contains("sticky")
        }
    }

    private static func probe(_ index: Int) -> InstanceID { InstanceID("p\(index)-0") }

    @Test("open connections to the address and to a published port survive")
    func connections() async throws {
        try await FabricBench.with(hosts: 3) { bench in
            try await bench.apply(Self.map(bench, at: 1))
            let guest = bench.name + "guest"
            try await FabricBench.run(["ip", "netns", "add", guest])
            try await bench.ip(guest, ["link set lo up"])
            try await Self.plug(bench, 1, into: guest)
            try await bench.attach(3, "b-0", 5)
            let clients = [
                (bench.inside(3, InstanceID("b-0")), "10.99.0.4", 80),
                (bench.inside(3, InstanceID("b-0")), "10.99.0.1", 8_080),
                (bench.lan, FabricBench.underlay(1), 8_080),
                (bench.lan, FabricBench.underlay(3), 8_080),
                (bench.namespace(1), "127.0.0.1", 8_080),
                (bench.namespace(2), "127.0.0.1", 8_080),
            ]
            try await bench.serving(guest, port: 80, ["cat"]) {
                let lines = Lines(count: clients.count)
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for client in clients {
                        group.addTask { try await Self.talk(bench, client, lines) }
                    }
                    group.addTask {
                        try await lines.allSaid()
                        try await bench.apply(Self.map(bench, at: nil))
                        try await bench.fabrics[0].detach(InstanceID(Self.name))
                        try await Self.plug(bench, 2, into: guest)
                        try await bench.fabrics[1].connect(
                            InstanceID(Self.name), address: FabricBench.address(Self.octet))
                        try await bench.apply(Self.map(bench, at: 2))
                        // The tables anew, as after a restart of the agent: connections keep their ways.
                        for index in 1...3 {
                            var settings = FabricSettings()
                            settings.host = bench.namespace(index)
                            settings.namespacePrefix = bench.name + "i\(index)-"
                            try await LinuxFabric(
                                host: FabricBench.host(index), settings: settings
                            ).apply(Self.map(bench, at: 2))
                        }
                        lines.moved()
                        return true
                    }
                    for try await good in group { #expect(good) }
                }
            }
        }
    }

    /// Attaches at a host and puts the instance's end into `guest`, where its processes stay over the move.
    private static func plug(_ bench: FabricBench, _ index: Int, into guest: String) async throws {
        try await bench.attach(index, name, octet)
        try await bench.ip(bench.inside(index, InstanceID(name)), ["link set eth0 netns \(guest)"])
        try await bench.ip(
            guest,
            [
                "addr add 10.99.0.4/16 dev eth0", "link set eth0 up",
                "route add default via 10.99.0.1",
            ])
    }

    /// Says a line before and one after the move on one connection; whether both came back.
    private static func talk(
        _ bench: FabricBench, _ client: (namespace: String, address: String, port: Int),
        _ lines: Lines
    ) async throws -> Bool {
        let words = [
            "ip", "netns", "exec", client.namespace, "busybox", "nc", client.address,
            "\(client.port)",
        ]
        let said = Array("before\n".utf8) + Array("after\n".utf8)
        let outcome = try await withDeadline(
            .seconds(60), late: ProcessFailure.timedOut("\(client)", .seconds(60))
        ) { () async throws(ProcessFailure) in
            try await Tool.streaming("/usr/bin/env", words) {
                (reader, writer) async throws(ProcessFailure) in
                do throws(SocketFailure) {
                    var heard: [UInt8] = []
                    try await writer.write(Array(said.prefix(7)))
                    while heard.count < 7, let more = try await reader.next() { heard += more }
                    lines.said()
                    await lines.move()
                    try await writer.write(Array(said.dropFirst(7)))
                    while heard.count < said.count, let more = try await reader.next() {
                        heard += more
                    }
                    writer.finish()
                    return heard
                } catch {
                    throw .broken("\(client)", error)
                }
            }
        }
        return outcome.output == said
    }

    private static func map(_ bench: FabricBench, at host: Int?) -> NetworkMap {
        var entries: [(name: String, octet: UInt32, host: Int?, ports: [Program.Port])] = [
            (name, octet, host, web), ("b-0", 5, 3, []),
        ]
        for index in 1...3 { entries.append(("p\(index)-0", 10 + UInt32(index), index, [])) }
        return bench.map(entries)
    }
}

/// Lets the move wait until every connection was used once, and the connections wait for the move.
final class Lines: Sendable {
    private let sayer: AsyncStream<Void>.Continuation
    private let saying: AsyncStream<Void>
    private let mover: AsyncStream<Void>.Continuation
    private let moving: AsyncStream<Void>
    private let count: Int

    init(count: Int) {
        self.count = count
        (saying, sayer) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(count))
        (moving, mover) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func said() { sayer.yield() }

    func allSaid() async throws {
        var heard = 0
        for await _ in saying {
            heard += 1
            if heard == count { return }
        }
    }

    /// Ends the stream: every one who waits goes on.
    func moved() { mover.finish() }

    func move() async { for await _ in moving {} }
}
