import ClusterModel
import PlanAudit
import Planner
import Testing

/// One cluster of the size that an operator may have; LARGE=1 prints how long each part takes.
@Suite struct LargeCluster {
    static func cluster(hosts: Int, instances: Int) throws -> World {
        var dice = SplitMix64(seed: 42)
        var world = World(policy: Policy(demand: .reserved, rest: .zero))
        for index in 0..<hosts {
            world.add(
                host: "h\(1000 + index)", cpu: 32_000, memory: 128 << 10,
                labels: [Label(name: "zone", value: ["a", "b", "c"][index % 3])])
        }
        for index in 0..<instances {
            let workload = try Workload(
                kind: .container, name: WorkloadID("w\(index)"),
                labels: Labels([Label(name: "app", value: "app\(index / 4)")]),
                image: .named("image"),
                size: Resources(
                    cpu: CPU(millicores: 200 + dice.below(2_500)),
                    memory: .mebibytes(256 + dice.below(10_000))),
                rules: index % 20 == 0
                    ? Rules(apart: Labels([Label(name: "app", value: "app\(index / 4)")])) : .none,
                move: MovePreference(allow: [.live, .restart]))
            world.add(workload, on: "h\(1000 + Int(dice.below(UInt64(hosts))))")
        }
        return world
    }

    @Test("a cluster of 20 hosts and 150 instances is packed and passes")
    func packed() throws {
        let world = try Self.cluster(hosts: 20, instances: 150)
        let plan = try Planner(policy: world.policy, changed: .zero)
            .pack(world.snapshot, id: PlanID("p"), seed: 1)
        #expect(plan.bound.after < plan.bound.before)
        #expect(plan.bound.gap <= 2)
        #expect(PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot) == [])
    }

    @Test("a hundred hosts and a thousand instances", .enabled(if: Script.isTiming))
    func timed() throws {
        let world = try Self.cluster(hosts: 100, instances: 1_000)
        let clock = ContinuousClock()
        var plan: Plan?
        let packing = try clock.measure {
            plan = try Planner(policy: world.policy, changed: .zero)
                .pack(world.snapshot, id: PlanID("p"), seed: 1)
        }
        let made = try #require(plan)
        var found: [Violation] = []
        let auditing = clock.measure {
            found = PlanAudit(policy: world.policy).violations(of: made, in: world.snapshot)
        }
        let draining = try clock.measure {
            _ = try Planner(policy: world.policy, changed: .zero)
                .drain(HostID("h1000"), in: world.snapshot, id: PlanID("d"), seed: 1)
        }
        print(
            made.bound, made.steps.count, "steps; pack", packing, "audit", auditing, "drain",
            draining)
        #expect(found == [])
    }
}
