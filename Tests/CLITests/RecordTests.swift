import CLI
import ClusterModel
import ControlCore
import Foundation
import RPC
import Simulator
import Specs
import Synchronization
import Testing
import Wire

@Suite("huddle record and simulate --replay") struct RecordTests {
    /// Entries of a simulated cluster, as a coordinator sends them.
    private static func entries() throws -> [RecordEntry] {
        let host = { (number: Int) in
            Scenario.Machine(
                id: HostID("h\(number)"),
                total: Resources(
                    cpu: CPU(millicores: 8000), memory: .gibibytes(32), disk: .gibibytes(100)))
        }
        let web = try Workload(
            kind: .vm, name: WorkloadID("web"), count: 3, image: .named("disk"),
            size: Resources(cpu: CPU(millicores: 2000), memory: .gibibytes(4)))
        var policy = Policy.standard
        policy.mode = .auto
        let scenario = Scenario(
            hosts: (0..<3).map(host),
            workloads: [Scenario.Work(web, load: LoadPattern(.constant(.percent(30))))],
            policy: policy, length: .seconds(2_400))
        var simulation = Simulation(scenario, seed: 1, isRecording: true)
        return simulation.run().recorded.map { made in
            RecordEntry(
                id: made.job.id, reason: made.job.task == .repair ? .repair : .pack,
                origin: made.job.origin, seed: made.job.seed,
                policy: made.job.policy, policyChanged: made.job.policyChanged,
                snapshot: made.job.snapshot, plan: Replay.plan(in: made.result))
        }
    }

    private static func access(_ entries: [RecordEntry]) -> ClusterAccess {
        let pieces = entries.flatMap { entry in
            let bytes = entry.encoded()
            return [
                RecordPiece(bytes: Array(bytes.prefix(100)), isLast: false),
                RecordPiece(bytes: Array(bytes.dropFirst(100)), isLast: true),
            ]
        }
        var access = ClusterAccess.disconnected
        access.record = { _ in
            let left = Pieces(pieces)
            return Incoming { () throws(RPCStatus) in left.next() }
        }
        return access
    }

    private final class Pieces: Sendable {
        private let left: Mutex<[RecordPiece]>
        init(_ pieces: [RecordPiece]) { left = Mutex(pieces) }
        func next() -> RecordPiece? { left.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    @Test("what was recorded replays to the very same plans")
    func replays() async throws {
        let entries = try Self.entries()
        try #require(entries.contains { $0.plan?.steps.isEmpty == false })
        let desk = Desk()
        let ending = await desk.run(["record", "--for", "1m", "run.rec"], Self.access(entries))
        #expect(ending.status == .done, "\(ending.errors)")
        let bytes = try #require(desk.written(to: "run.rec"))
        #expect(try RecordingFile.read(bytes) == entries)
        let again = await Self.replay(bytes)
        #expect(again.status == .done, "\(again.errors)")
        #expect(again.output.hasSuffix("\(entries.count) the same, 0 different\n"))
    }

    @Test("a plan that comes out different is shown, and fails")
    func differs() async throws {
        let entries = try Self.entries().map { entry in
            var policy = entry.policy
            policy.movesPerCluster = 1
            policy.ceilingCPU = .percent(10)
            policy.coldCPU = .percent(5)
            return RecordEntry(
                id: entry.id, reason: entry.reason, origin: entry.origin, seed: entry.seed,
                policy: policy, policyChanged: entry.policyChanged, snapshot: entry.snapshot,
                plan: entry.plan)
        }
        let bytes = RecordingFile.header + entries.flatMap { RecordingFile.framed($0.encoded()) }
        let ending = await Self.replay(bytes)
        #expect(ending.status == .failed)
        #expect(ending.output.contains("- move web-"), "\(ending.output)")
        #expect(ending.errors.contains("does not replay"))
    }

    @Test("what is no recording, or only a part of one, is refused")
    func refused() async throws {
        let whole =
            RecordingFile.header
            + RecordingFile.framed(try #require(Self.entries().first).encoded())
        #expect(await Self.replay([1, 2, 3]).errors.contains("it is no recording"))
        #expect(await Self.replay(Array(whole.dropLast())).errors.contains("cut off after entry 0"))
        let newer = Array("huddle-recording 2\n".utf8)
        #expect(await Self.replay(newer).errors.contains("another version"))
        let broken = RecordingFile.header + RecordingFile.framed([255, 255, 255])
        #expect(await Self.replay(broken).errors.contains("entry 1 cannot be read"))
    }

    @Test("what was recorded is run again as a load, under the recorded policy or another")
    func becomesALoad() async throws {
        let bytes =
            RecordingFile.header
            + (try Self.entries()).flatMap { RecordingFile.framed($0.encoded()) }
        func run(_ further: [String]) async throws -> [String: Any] {
            let ending = await Self.simulate(bytes, further)
            #expect(ending.status == .done, "\(ending.errors)")
            let data = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
            return try #require((data as? [String: Any])?["simulated"] as? [String: Any])
        }
        let same = try await run([])
        // Three instances that want 600m each, for as long as use was measured.
        let wanted = try #require(same["wantedCoreSeconds"] as? Double)
        let scenario = try #require(
            Scenario(
                pictures: Self.entries().map(\.snapshot), policy: .standard))
        let expected = 1.8 * Double(scenario.length.milliseconds) / 1000
        #expect(abs(wanted - expected) < expected * 0.02)
        #expect(scenario.homes?.values.sorted() == ["h0", "h1", "h2"].map(HostID.init))
        #expect(Self.moves(same) > 0)
        #expect(Self.moves(try await run(["--policy", "mode=off"])) == 0)
    }

    @Test("a key that no policy has, and a value that it cannot have, are refused with advice")
    func badSetting() async throws {
        let bytes =
            RecordingFile.header
            + (try Self.entries()).flatMap { RecordingFile.framed($0.encoded()) }
        let misspelt = await Self.simulate(bytes, ["--policy", "ceiling.cpus=70%"])
        #expect(misspelt.status == .failed)
        #expect(misspelt.errors.contains("did you mean 'ceiling.cpu'?"), "\(misspelt.errors)")
        let absurd = await Self.simulate(bytes, ["--policy", "ceiling.cpu=99%"])
        #expect(absurd.errors.contains("hot.cpu: is below ceiling.cpu"), "\(absurd.errors)")
        let empty = await Self.simulate(RecordingFile.header, [])
        #expect(empty.errors.contains("holds no plan"), "\(empty.errors)")
    }

    private static func moves(_ run: [String: Any]) -> Int {
        (run["moves"] as? [String: Int])?.values.reduce(0, +) ?? -1
    }

    private static func simulate(_ bytes: [UInt8], _ further: [String]) async -> Ending {
        await Desk(binaries: ["run.rec": bytes], environment: [:])
            .run(["simulate", "--load", "run.rec", "-o", "json"] + further) {
                _, _ throws(RPCStatus) in
                throw RPCStatus(.unavailable, "a simulation needs no cluster")
            }
    }

    private static func replay(_ bytes: [UInt8]) async -> Ending {
        await Desk(binaries: ["run.rec": bytes], environment: [:])
            .run(["simulate", "--replay", "run.rec"]) { _, _ throws(RPCStatus) in
                throw RPCStatus(.unavailable, "a replay needs no cluster")
            }
    }
}
