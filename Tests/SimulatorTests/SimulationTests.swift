import ClusterModel
import ControlCore
import Simulator
import Testing

@Suite("A cluster on virtual time") struct SimulationTests {
    private static let busy = LoadPattern(
        .spikes(
            low: .percent(5), high: .percent(150), period: .hours(1), length: .seconds(300)),
        isScattered: true)

    @Test("the same seed is the same run, another seed is another")
    func repeats() throws {
        let scenario = try Scenarios.plain(Self.busy, length: .hours(4))
        let first = Scenarios.run(scenario, seed: 7)
        #expect(first == Scenarios.run(scenario, seed: 7))
        #expect(first != Scenarios.run(scenario, seed: 8))
    }

    @Test("a quiet cluster is packed to the bound, and stays so")
    func packs() throws {
        let scenario = try Scenarios.plain(LoadPattern(.constant(.percent(20))), length: .hours(6))
        let run = Scenarios.run(scenario)
        let still = Scenarios.run(scenario.still)
        #expect(still.moves.isEmpty)
        #expect(abs(still.totals.hostHours - 24) < 0.1, "\(still.totals.hostHours)")
        // Two hosts, so that either may fail: half of what four need, but for the time before the first pack.
        let last = try #require(run.samples.last)
        #expect(last.hosts.count { $0.state == .on } == 2)
        #expect(last.bound == 2)
        #expect(run.moves.count == 2 && run.moves.allSatisfy { $0.outcome == .done })
        #expect(run.regret < 1.5 && run.regret >= 0, "\(run.regret)")
        #expect(run.totals.ceilingMinutes == 0 && run.totals.throttledCoreHours == 0)
        #expect(run.totals.kilowattHours < still.totals.kilowattHours * 0.7)
    }

    @Test("a live move of a VM carries its memory, and stands still for a moment")
    func live() throws {
        let run = Scenarios.run(
            try Scenarios.plain(LoadPattern(.constant(.percent(20))), length: .hours(1)))
        let move = try #require(run.moves.first)
        #expect(move.mode == .live)
        #expect(move.bytes == Bytes.gibibytes(4).scaled(by: Pace.standard.resent))
        #expect(move.interruption == Pace.standard.downtime)
        // 4.8 GiB at 100 MiB/s take 49 s.
        let took = move.ended.milliseconds - move.began.milliseconds
        #expect((49_000...60_000).contains(took), "\(took)")
    }

    @Test("a live move of a container stands still while it is carried")
    func checkpoint() throws {
        let run = Scenarios.run(
            try Scenarios.plain(
                LoadPattern(.constant(.percent(20))), kind: .container, length: .hours(1)))
        let move = try #require(run.moves.first)
        #expect(move.mode == .live && move.outcome == .done)
        #expect(move.bytes == .gibibytes(4))
        #expect((80_000...100_000).contains(move.interruption.milliseconds), "\(move)")
    }

    @Test("what one host is asked for is accounted for exactly")
    func accounts() throws {
        var scenario = try Scenarios.plain(
            LoadPattern(.constant(.percent(500))), hosts: 1, length: .hours(2))
        scenario.policy.mode = .off
        let totals = Scenarios.run(scenario).totals
        // 10 cores are wanted of 8, from the first beat after the start of five seconds.
        let busy = 2 - 10.0 / 3600
        #expect(abs(totals.wantedCoreHours - 10 * busy) < 1e-6, "\(totals.wantedCoreHours)")
        #expect(abs(totals.throttledCoreHours - 2 * busy) < 1e-6)
        #expect(abs(totals.ceilingMinutes - 60 * busy) < 1e-6)
        let idle = 5.0 / 3600 * 100
        let expected = (busy * 250 + idle + 5.0 / 3600 * 5) / 1000
        #expect(abs(totals.kilowattHours - expected) < 1e-4, "\(totals.kilowattHours)")
    }

    @Test("the bound never passes what is on", arguments: UInt64(0)..<4)
    func bound(seed: UInt64) throws {
        let run = Scenarios.run(
            try Scenarios.plain(Self.busy, each: 2, length: .hours(5)), seed: seed)
        for sample in run.samples {
            let occupied = sample.hosts.count { $0.instances > 0 }
            #expect(sample.bound <= occupied, "seed \(seed) at \(sample.at)")
            #expect(sample.bound >= 1)
        }
    }

    @Test("each plan is made again from its own picture, byte for byte")
    func recorded() throws {
        var simulation = Simulation(
            try Scenarios.plain(Self.busy, each: 2, length: .hours(6)), seed: 3, isRecording: true)
        let plans = simulation.run().recorded
        #expect(plans.count > 3, "\(plans.count)")
        for plan in plans { #expect(Minds.plan(plan.job) == plan.result) }
    }
}
