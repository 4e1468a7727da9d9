import ClusterModel
import ControlCore
import Foundation
import Simulator
import Testing

/// Emptying a host is a transaction: it ends with the host empty or as it was, and is undone where somebody does worse.
@Suite("Releases and guards on virtual time") struct ReleaseTests {
    private static let quiet = LoadPattern(.constant(.percent(20)))

    /// How many seeds; more with `HUDDLE_SEEDS=1000`.
    private static let seeds =
        ProcessInfo.processInfo.environment["HUDDLE_SEEDS"].flatMap { UInt64($0) } ?? 12

    /// Four hosts with a VM each, every one of which takes `bandwidth` of its host's memory.
    private static func crowded(_ bandwidth: Share, length: Duration) throws -> Scenario {
        var scenario = try Scenarios.plain(quiet, length: length)
        for index in scenario.workloads.indices { scenario.workloads[index].bandwidth = bandwidth }
        return scenario
    }

    @Test("what does worse after a move is back within two windows, and not tried again for a day")
    func contention() throws {
        let scenario = try Self.crowded(.percent(70), length: .hours(5))
        let run = Scenarios.run(scenario)
        let trips = run.warnings.filter { $0.message.contains("guard trips") }
        #expect(!trips.isEmpty)
        // The longest time that any two share a host: settling, the window, and the way back.
        let window = scenario.policy.guardWindow.milliseconds
        for move in run.moves where move.reason == .pack && move.outcome == .done {
            let back = run.moves.first {
                $0.instance == move.instance && $0.began >= move.ended && $0.reason == .repair
            }
            let returned = try #require(back, "\(move.instance) never came back")
            #expect(returned.target == move.source)
            let took = returned.ended.milliseconds - move.ended.milliseconds
            #expect(took <= 2 * window + Self.wayBack, "\(move.instance): \(took) ms")
        }
        let last = try #require(run.samples.last)
        #expect(last.hosts.allSatisfy { $0.instances == 1 })
        // No instance comes to the same host twice.
        let packed = run.moves.filter { $0.reason == .pack }
        let pairs = packed.map { "\($0.instance) \($0.target)" }
        #expect(Set(pairs).count == pairs.count, "\(pairs)")
        #expect(run.mostMovesOfOneADay <= scenario.policy.movesPerInstance)

        var unguarded = scenario
        unguarded.policy.guardian = .off
        let crowded = Scenarios.run(unguarded).totals.crowdedMinutes
        #expect(
            run.totals.crowdedMinutes < crowded / 10, "\(run.totals.crowdedMinutes), \(crowded)")
    }

    /// A beat of ten seconds until it shows, planning, and a move of 4 GiB.
    private static let wayBack: Int64 = 100_000

    @Test("what does no worse is kept")
    func good() throws {
        let run = Scenarios.run(try Self.crowded(.percent(30), length: .hours(2)))
        #expect(run.samples.last?.hosts.count { $0.state == .on } == 2)
        #expect(run.moves.allSatisfy { $0.reason == .pack && $0.outcome == .done })
        #expect(run.totals.crowdedMinutes == 0)
    }

    /// A cluster of which two hosts each have three VMs, so that a release takes several moves, and a fault in its midst.
    private static func interrupted(seed: UInt64) throws -> Scenario {
        var random = SplitMix64(seed: seed)
        var scenario = try Scenarios.plain(quiet, hosts: 4, each: 2, length: .seconds(4_800))
        scenario.policy.reserve = .hosts(0)
        // The first pack is asked for after a quarter of an hour; its moves take a minute each.
        let begins = Duration.seconds(900 + Int64.random(in: 0...420, using: &random))
        let length = Duration.seconds(Int64.random(in: 20...600, using: &random))
        let host = HostID("h\(Int.random(in: 0..<4, using: &random))")
        let kinds: [Fault.Kind] = [
            .loss(host), .cut(host), .failing(.percent(60)), .coordinator,
        ]
        scenario.faults = [
            Fault(
                kinds[Int.random(in: 0..<kinds.count, using: &random)], begins: begins,
                length: length)
        ]
        return scenario
    }

    @Test("whatever happens in its midst, a release ends with the host empty or as it was")
    func transaction() throws {
        var undone = 0
        for seed in 0..<Self.seeds {
            var simulation = Simulation(try Self.interrupted(seed: seed), seed: seed)
            let run = simulation.run()
            for release in run.releases {
                let took = release.ended.milliseconds - release.began.milliseconds
                #expect(
                    release.isWhole && took <= Self.longest,
                    "seed \(seed): \(release.host) was \(release.stage) after \(took) ms")
                if release.stage == .undone { undone += 1 }
            }
            #expect(!run.releases.isEmpty, "seed \(seed) releases nothing")
        }
        #expect(undone > 0)
        print("releases undone in \(Self.seeds) runs: \(undone)")
    }

    /// Half an hour of trying, and moves that were under way.
    private static let longest = ControlLimits.undoPatience.milliseconds + 600_000
}
