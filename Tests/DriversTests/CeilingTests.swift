import ClusterModel
import Drivers
import HostIO
import Ports
import Synchronization
import Testing

/// What a move under a ceiling sends, as the kernel counts it.
@Suite(.serialized, .withRealGuests, .timeLimit(.minutes(3)))
final class CeilingTests {
    private let data = "/tmp/huddle-test-ceiling-\(UInt32.random(in: 0...UInt32.max))"
    private let bench: MoveBench
    private let ceiling = BytesPerSecond(24 << 20)

    init() async throws { bench = try await MoveBench(data: data) }

    deinit {
        try? HostFile.remove(data)
        bench.source.removeParentGroup()
        bench.target.removeParentGroup()
    }

    /// Random bytes fill 48 MiB of the memory, and 32 MiB of the disk; then the guest writes both, all the time.
    ///
    /// With few processes: an emulated guest that starts many may lose a change while it moves (see the docs of moves).
    private static let busy =
        "dd if=/dev/urandom of=/dev/vda bs=1M count=32 2> /dev/null; "
        + "/bin/holder 48 3 > /tmp/held & until [ -s /tmp/held ]; do sleep 0.2; done; "
        + "(while :; do dd if=/dev/urandom of=/dev/vda bs=64k count=40 conv=fsync 2> /dev/null; "
        + "sleep 1; done) &"

    @Test func diskAndMemoryTogetherKeepIt() async throws {
        let id = InstanceID("paced-0")
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(48)]), memory: .mebibytes(192))
        let credentials = try await bench.authority.credentials(for: "m-1.move.huddle")
        let ceiling = ceiling
        try await bench.withGuest(order) { source, target in
            try await source.run(Self.busy, in: id)
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            let watch = WireWatch(ports: [endpoint.memoryPort, endpoint.diskPort ?? 0])
            try await watch.during {
                try await source.copy(
                    id, to: endpoint, credentials: credentials,
                    accepting: MovePreference(downtime: bench.downtime),
                    ceiling: { ceiling }
                ) { _ in }
                try await source.switchOver(
                    id, within: DowntimeLadder(bench.downtime), ceiling: { ceiling })
            }
            _ = try await target.arrived(id)
            // A guest whose memory did not come whole says nothing more.
            try await target.run("sync", in: id)
            try watch.expect(atMost: ceiling)
            try await source.remove(id, with: ["disk0"])
        }
    }

    /// The move has all of it at first, and a half from the moment another one begins.
    @Test func aShareThatShrinksHoldsAtOnce() async throws {
        let id = InstanceID("shrunk-0")
        let order = try bench.source.order(id, generation: 1, memory: .mebibytes(192))
        let credentials = try await bench.authority.credentials(for: "m-2.move.huddle")
        let ceiling = ceiling
        try await bench.withGuest(order) { source, target in
            try await source.run(
                "dd if=/dev/urandom of=/tmp/a bs=1M count=64 2> /dev/null", in: id)
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            let half = BytesPerSecond(ceiling.count / 2)
            let turn = ContinuousClock.now + .milliseconds(1_500)
            let share: @Sendable () -> BytesPerSecond? = {
                ContinuousClock.now < turn ? ceiling : half
            }
            let watch = WireWatch(ports: [endpoint.memoryPort])
            try await watch.during {
                try await source.copy(
                    id, to: endpoint, credentials: credentials,
                    accepting: MovePreference(downtime: bench.downtime),
                    ceiling: share
                ) { _ in }
                try await source.switchOver(
                    id, within: DowntimeLadder(bench.downtime), ceiling: share)
            }
            _ = try await target.arrived(id)
            try watch.expect(atMost: ceiling)
            try watch.expect(atMost: half, since: turn)
            try await source.remove(id)
        }
    }
}

/// Reads how many bytes went to some ports of this machine, ten times a second.
private final class WireWatch: Sendable {
    private struct Sample: Sendable {
        let at: ContinuousClock.Instant
        let bytes: UInt64
    }

    private struct Seen: Sendable {
        var samples: [Sample] = []
        /// Most that each connection was seen to have sent; one that ended is remembered.
        var connections: [String: UInt64] = [:]
    }

    private let ports: [UInt16]
    private let seen = Mutex(Seen())

    init(ports: [UInt16]) { self.ports = ports.filter { $0 > 0 } }

    func during(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while !Task.isCancelled {
                    try await look()
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            try await body()
            try await look()
            group.cancelAll()
            while let _ = await group.nextResult() {}
        }
    }

    /// As a whole, and in every window of two seconds. A twentieth more is given to frames and to QEMU's own grain, and
    /// in a window twice as much again to what disks and memory have both under way where one begins and the other goes on.
    func expect(
        atMost ceiling: BytesPerSecond, since turn: ContinuousClock.Instant? = nil
    ) throws {
        // Two tenths for what was under way at the turn: the driver looks, and QEMU counts, ten times a second.
        let samples = seen.withLock(\.samples).filter { sample in
            turn.map { sample.at >= $0 + .milliseconds(200) } ?? true
        }
        let first = try #require(samples.first)
        let last = try #require(samples.last)
        let sent = rate(first, last)
        var worst = 0.0
        for (number, begin) in samples.enumerated() {
            let end = samples[number...].first { $0.at - begin.at >= .seconds(2) }
            if let end { worst = max(worst, rate(begin, end)) }
        }
        let allowed = Double(ceiling.count)
        print(
            "ceiling \(ceiling.count >> 10) KiB/s: \(Int(sent) >> 10) KiB/s over "
                + "\(last.at - first.at), \(Int(worst) >> 10) KiB/s in the worst two seconds")
        #expect(sent <= allowed * 1.05)
        #expect(worst <= allowed * 1.15)
        // One that sends nothing keeps every ceiling.
        #expect(worst > allowed * 0.7)
    }

    private func rate(_ begin: Sample, _ end: Sample) -> Double {
        let seconds = Double((end.at - begin.at).milliseconds) / 1_000
        return Double(end.bytes - begin.bytes) / max(0.001, seconds)
    }

    private func look() async throws {
        var arguments = ["--tcp", "--info", "--numeric", "--no-header", "--oneline"]
        arguments.append(ports.map { "dport = :\($0)" }.joined(separator: " or "))
        let outcome = try await Tool.run("/usr/bin/ss", arguments)
        let now = ContinuousClock.now
        seen.withLock { seen in
            for line in outcome.text.split(separator: "\n") {
                let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
                guard words.count > 4,
                    let sent = words.first(where: { $0.hasPrefix("bytes_sent:") })
                else { continue }
                let connection = words[3] + words[4]
                let bytes = UInt64(sent.dropFirst("bytes_sent:".count)) ?? 0
                seen.connections[connection] = max(seen.connections[connection] ?? 0, bytes)
            }
            seen.samples.append(Sample(at: now, bytes: seen.connections.values.reduce(0, +)))
        }
    }
}
