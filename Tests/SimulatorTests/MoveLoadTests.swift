import ClusterModel
import ControlCore
import Simulator
import Testing

/// Guests that change their memory while it is copied: what is forecast of them is what becomes of them.
@Suite("Guests that change their memory") struct MoveLoadTests {
    /// Four hosts with a guest of 4 GiB each, and a link of 100 MiB/s.
    private static func scenario(
        rate: UInt64, set: UInt64?, _ move: MovePreference, faults: [Fault] = [],
        length: Duration = .hours(1)
    ) throws -> Scenario {
        var scenario = try Scenarios.plain(
            LoadPattern(.constant(.percent(20))), faults: faults, length: length)
        scenario.workloads = try scenario.workloads.map { work in
            Scenario.Work(
                try Workload(
                    kind: .vm, name: work.workload.name, count: work.workload.count,
                    image: .named("disk"), size: work.workload.size, move: move),
                load: work.load,
                changes: MoveLoad.Changes(
                    rate: BytesPerSecond(rate << 20), set: set.map { .mebibytes($0) }))
        }
        return scenario
    }

    private static let patient = MovePreference(converge: [.longer])

    @Test("one that changes less than is sent is moved, in as many passes as its changes need")
    func converges() throws {
        let run = Scenarios.run(try Self.scenario(rate: 50, set: 1_024, .standard))
        let move = try #require(run.moves.first)
        #expect(run.moves.count == 2 && run.moves.allSatisfy { $0.outcome == .done })
        // 4 GiB, then up to 1 GiB again, then ever half of it: between 5 and 7 GiB.
        #expect((Bytes.gibibytes(5)...Bytes.gibibytes(7)).contains(move.bytes), "\(move)")
        #expect(move.interruption < .milliseconds(301), "\(move)")
    }

    @Test("one that would never arrive is not moved by itself, and its host stays on")
    func refused() throws {
        let run = Scenarios.run(try Self.scenario(rate: 200, set: nil, .standard))
        #expect(run.moves.isEmpty)
        let last = try #require(run.samples.last)
        #expect(last.hosts.count { $0.state == .on } == 4)
    }

    @Test("one whose spec allows longer stands still for the rung that was forecast")
    func climbs() throws {
        let run = Scenarios.run(try Self.scenario(rate: 200, set: 100, Self.patient))
        let move = try #require(run.moves.first)
        #expect(run.moves.allSatisfy { $0.mode == .live && $0.outcome == .done })
        // 100 MiB at 100 MiB/s: more than 600 ms, no more than the next rung of 1 200.
        #expect(move.interruption == .seconds(1), "\(move)")
    }

    @Test("one that may run at its target before all of its memory is there hardly stands still")
    func goesByPostcopy() throws {
        let run = Scenarios.run(
            try Self.scenario(rate: 200, set: 1_024, MovePreference(converge: [.postcopy])))
        let move = try #require(run.moves.first)
        #expect(run.moves.allSatisfy { $0.mode == .live && $0.outcome == .done })
        // All of it once, and once more what it changed meanwhile.
        #expect(move.bytes == .gibibytes(5), "\(move)")
        // What any switch-over takes in this scenario, and no sending.
        #expect(move.interruption == .milliseconds(200), "\(move)")
    }

    @Test("one whose spec allows a restart is restarted where a live move would never end")
    func restarts() throws {
        let move = MovePreference(allow: [.live, .restart])
        let quiet = Scenarios.run(try Self.scenario(rate: 1, set: 16, move))
        #expect(!quiet.moves.isEmpty && quiet.moves.allSatisfy { $0.mode == .live })
        let busy = Scenarios.run(try Self.scenario(rate: 200, set: nil, move))
        #expect(!busy.moves.isEmpty && busy.moves.allSatisfy { $0.mode == .restart })
    }

    @Test(
        "a stream that the link got too slow for is given up, and the guest runs on at its source")
    func givenUp() throws {
        // Nothing was learnt of the link yet, so nothing is said against the move.
        let slow = Fault(.slow(factor: 100), begins: .zero, length: .hours(2))
        let run = Scenarios.run(
            try Self.scenario(rate: 50, set: 1_024, .standard, faults: [slow], length: .hours(2)))
        let move = try #require(run.moves.first)
        guard case .rolledBack = move.outcome else {
            Issue.record("\(move)")
            return
        }
        #expect(move.interruption == .zero)
        #expect(run.totals.downMinutes == 0)
    }

    @Test(
        "with their loads in the pictures, plans are made again byte for byte", arguments: [1, 2])
    func replays(seed: UInt64) throws {
        var scenario = try Self.scenario(rate: 200, set: 100, Self.patient, length: .hours(4))
        // Busy in turn, so that plans follow on moves from which ways were learnt.
        let load = LoadPattern(
            .square(low: .percent(10), high: .percent(300), period: .hours(1)), isScattered: true)
        scenario.workloads = scenario.workloads.map {
            Scenario.Work($0.workload, load: load, changes: $0.changes)
        }
        var simulation = Simulation(scenario, seed: seed, isRecording: true)
        let run = simulation.run()
        #expect(run.recorded.contains { $0.job.snapshot.instances.contains { $0.load != nil } })
        #expect(run.recorded.contains { !$0.job.snapshot.links.entries.isEmpty })
        for plan in run.recorded { #expect(Minds.plan(plan.job) == plan.result) }
        var again = Simulation(scenario, seed: seed, isRecording: true)
        #expect(again.run() == run)
    }

    @Test("a recorded cluster has the changes that were measured of its guests")
    func recorded() throws {
        let scenario = try Self.scenario(rate: 200, set: 100, Self.patient, length: .hours(1))
        var simulation = Simulation(scenario, seed: 1, isRecording: true)
        let pictures = simulation.run().recorded.map(\.job.snapshot)
        let told = try #require(Scenario(pictures: pictures, policy: scenario.policy))
        let changes = try #require(scenario.workloads.first?.changes)
        #expect(told.workloads.map(\.ownChanges.count) == [4])
        #expect(told.workloads.allSatisfy { $0.ownChanges.values.allSatisfy { $0 == changes } })
    }
}
