import ClusterModel
import Planner
import Testing

/// The bound against trying every layout: sizes from small ones, where volume decides, to those of
/// which two or three fill a host, on hosts of different sizes, with and without rules, homes that
/// cannot be left, and room that other plans hold.
@Suite struct BoundLaws {
    static let shapes = [9, 14, 18].flatMap { (largest: UInt64) in
        [
            World.Shape(hosts: 2...4, instances: 1...6, largest: largest),
            World.Shape(
                hosts: 3...5, instances: 3...5, oneInRules: 0, isTroubled: false, largest: largest),
        ]
    }

    @Test(
        "the bound is never above the optimum, over a thousand clusters and more",
        arguments: 0..<(max(200, PlannerLaws.seeds.upperBound)))
    func bounded(seed: UInt64) throws {
        for shape in Self.shapes {
            let world = World.drawn(seed &+ 100_000, shape)
            let bound = try Planner(policy: world.policy, changed: Revision(3))
                .fewestHosts(in: world.snapshot)
            #expect(bound <= Optimum(world).hosts, "seed \(seed), \(shape)")
        }
    }

    @Test("clusters without rules are mostly proved")
    func proved() throws {
        var missed = 0
        var all = 0
        for seed in PlannerLaws.seeds {
            for shape in Self.shapes where shape.oneInRules == 0 {
                let world = World.drawn(seed, shape)
                let bound = try Planner(policy: world.policy, changed: Revision(3))
                    .fewestHosts(in: world.snapshot)
                all += 1
                if bound < Optimum(world).hosts { missed += 1 }
            }
        }
        #expect(missed * 4 <= all, "\(missed) of \(all) bounds are below the optimum")
    }
}
