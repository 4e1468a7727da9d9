import ClusterModel
import Foundation
import Planner
import Testing

/// What a plan states is held against a time that it has not seen.
@Suite struct JointHeldOutTests {
    private static let hosts = 4
    private static let buckets = 288

    /// Two windows of an instance: a wave by day or by night, and noise that several share.
    private struct Load {
        let amounts: [UInt64]

        init(mean: Double, phase: Double, shared: [Double], _ dice: inout SplitMix64) {
            var own = 0.0
            amounts = shared.indices.map { bucket in
                own = 0.7 * own + 0.3 * Self.noise(&dice)
                let wave = sin(Double(bucket) / Double(buckets) * 2 * .pi + phase)
                let level = mean * (1 + 0.5 * wave + 0.4 * shared[bucket] + 0.6 * own)
                return UInt64(max(1, level))
            }
        }

        /// About normal, of mean 0 and deviation 1.
        static func noise(_ dice: inout SplitMix64) -> Double {
            (0..<12).reduce(-6.0) { sum, _ in sum + Double(dice.below(1 << 20)) / Double(1 << 20) }
        }
    }

    private struct Outcome {
        var stated = 0.0
        var observed = 0.0
        var hosts = 0
    }

    private func outcome(_ seed: UInt64, chance: Share) throws -> Outcome {
        var dice = SplitMix64(seed: seed)
        var world = World()
        world.policy.demand = .joint(
            JointRule(chance: chance, window: DaySeries.bucket * Self.buckets))
        let end = DaySeries.number(of: world.now)
        let shared = (0..<2).map { _ in
            (0..<(2 * Self.buckets)).map { _ in Load.noise(&dice) }
        }
        var loads: [InstanceID: Load] = [:]
        for host in 0..<Self.hosts {
            world.add(host: "h\(host)", cpu: 4000, memory: 1 << 20)
            for slot in 0..<3 {
                let side = Int(dice.below(2))
                let load = Load(
                    mean: Double(100 + dice.below(500)), phase: Double(side) * .pi,
                    shared: shared[side], &dice)
                let name = "w\(host)\(slot)"
                loads[InstanceID(name)] = load
                let known = load.amounts.prefix(Self.buckets).map { Optional($0) }
                world.add(
                    try Workload(
                        kind: .vm, name: WorkloadID(name), image: .named("disk"),
                        size: Resources(cpu: CPU(millicores: 1000), memory: .mebibytes(64)),
                        move: MovePreference(allow: [.live, .restart])),
                    on: "h\(host)", day: DaySeries(end: end, known))
            }
        }
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let plan = try planner.pack(world.snapshot, id: PlanID("p"), seed: 1)
        var after = world
        for step in plan.steps { after.carryOut(step) }
        var outcome = Outcome(hosts: plan.exceedances.count)
        for entry in plan.exceedances {
            let there = after.instances.filter { $0.host == entry.host }.compactMap { loads[$0.id] }
            let ceiling = CPU(millicores: 3_800 * 95 / 100).millicores
            let above = (Self.buckets..<(2 * Self.buckets)).count { bucket in
                there.reduce(0) { $0 + $1.amounts[bucket] } > ceiling
            }
            outcome.stated += Double(entry.above + 1) / Double(entry.of + 1)
            outcome.observed += Double(above) / Double(Self.buckets)
        }
        return outcome
    }

    @Test("hosts are above their ceilings about as often as stated, in a window that was not known")
    func observed() throws {
        for chance in [Share.percent(10)] {
            var sum = Outcome()
            for seed in UInt64(0)..<5 {
                let one = try outcome(seed, chance: chance)
                sum.stated += one.stated
                sum.observed += one.observed
                sum.hosts += one.hosts
            }
            let text =
                "chance \(chance.permille) permille, \(sum.hosts) hosts: stated \(sum.stated), observed \(sum.observed)"
            #expect(sum.hosts < Self.hosts * 5, "nothing was packed")
            #expect(sum.observed <= 2 * sum.stated && sum.stated <= 2 * sum.observed, "\(text)")
        }
    }
}
