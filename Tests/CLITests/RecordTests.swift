import CLI
import ClusterModel
import ControlCore
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
                id: made.job.id, reason: .pack, origin: made.job.origin, seed: made.job.seed,
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

    private static func replay(_ bytes: [UInt8]) async -> Ending {
        await Desk(binaries: ["run.rec": bytes], environment: [:])
            .run(["simulate", "--replay", "run.rec"]) { _, _ throws(RPCStatus) in
                throw RPCStatus(.unavailable, "a replay needs no cluster")
            }
    }
}
