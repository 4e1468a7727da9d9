import ClusterModel
import PlanAudit
import Planner
import Testing

/// What holds for packs that are one sweep, on clusters small enough to check everything.
@Suite struct SweepLaws {
    private func sweep(_ world: World) throws -> Plan {
        try Planner(policy: world.policy, changed: Revision(3), searchedPairs: 0)
            .pack(world.snapshot, id: PlanID("p"), seed: 1)
    }

    @Test(
        "every sweep passes the audit and no interleaving breaks a rule",
        arguments: PlannerLaws.seeds)
    func audited(seed: UInt64) throws {
        for shape in [
            World.Shape.small, .plain, World.Shape(hosts: 6...12, instances: 12...40),
        ] {
            let world = World.drawn(seed, shape)
            let plan = try sweep(world)
            let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
            #expect(found == [], "seed \(seed): \(Rendering.lines(of: plan))")
            for order in UInt64(0)..<4 where !plan.steps.isEmpty {
                var interleaving = Interleaving(plan, in: world, seed: seed &* 31 &+ order)
                interleaving.run()
                #expect(interleaving.problems == [], "seed \(seed), order \(order)")
            }
        }
    }

    @Test("a sweep never gains what the bound forbids, and repeats", arguments: PlannerLaws.seeds)
    func bounded(seed: UInt64) throws {
        let world = World.drawn(seed, .tiny)
        let plan = try sweep(world)
        #expect(plan.bound.after >= Optimum(world).hosts, "seed \(seed)")
        #expect(plan.bound.lower <= plan.bound.after, "seed \(seed)")
        #expect(try sweep(world) == plan, "seed \(seed)")
    }

    @Test("a cluster of 300 hosts and 3,600 instances is swept close to the bound and passes")
    func large() throws {
        let world = try LargeCluster.cluster(hosts: 300, instances: 3_600)
        let plan = try Planner(policy: world.policy, changed: .zero)
            .pack(world.snapshot, id: PlanID("p"), seed: 1)
        #expect(plan.bound.gap * 100 <= plan.bound.lower * 2, "\(plan.bound)")
        #expect(PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot) == [])
    }
}
