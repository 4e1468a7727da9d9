import ClusterModel
import PlanAudit
import Planner
import Testing

/// Input that makes no sense gets a correct plan or a typed refusal, never a trap.
@Suite struct BadInputTests {
    private func pack(_ world: World) throws(PlanningFailure) -> Plan {
        try Planner(policy: world.policy, changed: .zero).pack(
            world.snapshot, id: PlanID("p"), seed: 0)
    }

    @Test func nothingAtAll() throws {
        var world = World()
        #expect(try pack(world).bound == Plan.Bound(before: 0, after: 0, lower: 0))
        world.add(host: "a")
        #expect(try pack(world).bound == Plan.Bound(before: 0, after: 0, lower: 0))
    }

    @Test func absurdSizes() throws {
        var world = World()
        world.add(host: "a", cpu: .max, memory: 1 << 40)
        world.add(host: "b", cpu: .max, memory: 1 << 40)
        for (name, host) in [("one", "a"), ("two", "a"), ("six", "b")] {
            let workload = try Workload(
                kind: .container, name: WorkloadID(name), image: .named("image"),
                size: Resources(cpu: CPU(millicores: .max), memory: Bytes(.max)),
                move: MovePreference(allow: [.restart]))
            world.add(workload, on: host)
        }
        let plan = try pack(world)
        #expect(plan.steps == [])
        #expect(plan.bound.lower <= plan.bound.after)
        #expect(PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot) == [])
    }

    @Test func aPolicyThatContradictsItself() {
        var world = World()
        world.policy.movesPerHost = 0
        #expect(throws: PlanningFailure.self) { try pack(world) }
        world.policy = .standard
        world.policy.hotCPU = .percent(10)
        #expect(throws: PlanningFailure.self) { try pack(world) }
    }

    @Test func rulesThatContradictOneAnother() throws {
        var world = World()
        for name in ["a", "b"] { world.add(host: name) }
        let app = Labels([Label(name: "app", value: "x")])
        let workload = try Workload(
            kind: .container, name: WorkloadID("odd"), count: 2, labels: app,
            image: .named("image"),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)),
            rules: Rules(apart: app, together: app, spread: "zone"))
        for index in 0..<2 { world.add(workload, index: index, on: nil) }
        let plan = try Planner(policy: world.policy, changed: .zero).place(
            world.instances.map(\.id), in: world.snapshot, id: PlanID("p"), seed: 0)
        #expect(plan.steps == [])
        #expect(plan.rationale.map(\.decision) == [.pending, .pending])
        #expect(plan.rationale.allSatisfy { $0.refusals.count == 2 })
    }

    @Test func anInstanceOnAHostThatIsGone() throws {
        var world = World()
        world.add(host: "a")
        let workload = try Workload(
            kind: .container, name: WorkloadID("lost"), image: .named("image"),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        world.add(workload, on: "gone")
        #expect(try pack(world).steps == [])
        #expect(throws: PlanningFailure.notPlaced(InstanceID("lost"))) {
            try Planner(policy: world.policy, changed: .zero).move(
                InstanceID("lost"), to: nil, in: world.snapshot, id: PlanID("m"), seed: 0)
        }
    }
}
