import ClusterModel
import Foundation
import Simulator
import Testing

/// Under any load pattern an instance moves at most k times a day; only a host above its hard limit overrides that.
///
/// k is `moves.instance`, 4 by default. A rest of two hours alone would allow 12, and a load that follows its instance does
/// reach 11.
@Suite struct CalmLaws {
    /// How many seeds for each pattern; more with `HUDDLE_SEEDS=100`.
    static let seeds =
        ProcessInfo.processInfo.environment["HUDDLE_SEEDS"].flatMap { UInt64($0) } ?? 1

    /// A load made to make instances move.
    struct Attack: Sendable, CustomStringConvertible {
        let name: String
        let pattern: LoadPattern
        let each: Int

        var description: String { name }

        static let all: [Attack] = [
            Attack(
                name: "as a packer hates it", pattern: contrary(185), each: 1),
            Attack(name: "the same, milder", pattern: contrary(92), each: 1),
            Attack(name: "squares of 4 h", pattern: square(.hours(4), false), each: 2),
            Attack(name: "squares of 2 h, each its own", pattern: square(.hours(2), true), each: 2),
            Attack(name: "squares of 40 min", pattern: square(.seconds(2_400), false), each: 1),
            Attack(
                name: "spikes",
                pattern: LoadPattern(
                    .spikes(
                        low: .percent(5), high: .percent(180), period: .hours(1),
                        length: .seconds(600)), isScattered: true), each: 1),
        ]

        private static func contrary(_ high: UInt32) -> LoadPattern {
            LoadPattern(.contrary(low: .percent(5), high: .percent(high)))
        }

        private static func square(_ period: Duration, _ isScattered: Bool) -> LoadPattern {
            LoadPattern(
                .square(low: .percent(5), high: .percent(100), period: period),
                isScattered: isScattered)
        }
    }

    @Test(
        "no instance moves more often than it may, under the default policy", arguments: Attack.all)
    func calm(attack: Attack) throws {
        for seed in 0..<Self.seeds {
            let scenario = try Scenarios.plain(
                attack.pattern, hosts: 4, each: attack.each, length: .hours(16))
            let run = Scenarios.run(scenario, seed: seed)
            let most = run.mostMoves(within: .hours(24)) { !$0.isExempt }
            #expect(most <= scenario.policy.movesPerInstance, "\(attack), seed \(seed): \(most)")
            #expect(run.plansBegun > 0, "\(attack), seed \(seed) attacks nothing")
        }
    }

    @Test("rest alone holds an attacker to 12 a day; the budget is what makes it fewer")
    func budget() throws {
        var scenario = try Scenarios.plain(
            Attack.all[0].pattern, hosts: 6, each: 1, length: .hours(16))
        scenario.policy.movesPerInstance = 100
        let most = Scenarios.run(scenario).mostMoves(within: .hours(24)) { !$0.isExempt }
        #expect(most > Policy.standardMovesPerInstance && most <= 12, "\(most)")
    }
}
