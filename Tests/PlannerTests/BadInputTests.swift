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

    // MARK: Placing

    private func workload(
        _ name: String, _ size: Resources, rules: Rules = .none
    ) throws -> Workload {
        try Workload(
            kind: .container, name: WorkloadID(name), image: .named("image"), size: size,
            rules: rules)
    }

    private func place(_ world: World) throws -> Plan {
        let ids = world.instances.filter { $0.host == nil }.map(\.id)
        let plan = try Planner(policy: world.policy, changed: .zero).place(
            ids, in: world.snapshot, id: PlanID("p"), seed: 0)
        #expect(PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot) == [])
        #expect(plan.bound.lower <= plan.bound.after)
        var placer = try Placer(Planner(policy: world.policy, changed: .zero), world.snapshot)
        for id in ids { _ = try placer.place(id) }
        return plan
    }

    @Test(
        "everything is as large as can be, and placed", arguments: [0, 1, 2, .max, .min])
    func absurdPlacing(reserve: Int) throws {
        let whole = Resources(
            cpu: CPU(millicores: .max), memory: Bytes(.max), disk: Bytes(.max),
            network: BytesPerSecond(.max),
            scalars: [Resources.Scalar(name: "gpu", amount: .max)])
        var world = World(
            policy: Policy(
                demand: .reserved, ceilingCPU: .percent(100), ceilingMemory: .percent(100),
                hotCPU: .percent(100), reserve: .hosts(reserve)))
        for name in ["a", "b", "c"] {
            world.hosts.append(
                Snapshot.HostView(
                    host: Host(
                        id: HostID(name), labels: .none,
                        capacity: Capacity(
                            total: whole,
                            capabilities: [Capability(.podman, available: true, detail: "1")]),
                        state: .ready),
                    changed: world.revision))
        }
        for index in 0..<5 {
            world.add(try workload("w\(index)", whole), on: index == 0 ? "a" : nil)
        }
        let placed = try place(world).steps.count
        #expect(placed <= 2)
        if reserve <= 0 { #expect(placed == 2) }
        let swept = try Planner(policy: world.policy, changed: .zero, searchedPairs: 0).pack(
            world.snapshot, id: PlanID("s"), seed: 0)
        #expect(swept.bound.lower <= swept.bound.after)
    }

    @Test func aHostSmallerThanAnyWorkload() throws {
        var world = World()
        world.add(host: "a", cpu: 10, memory: 1)
        let size = Resources(cpu: CPU(millicores: 500), memory: .mebibytes(512))
        world.add(try workload("big", size), on: nil)
        let plan = try place(world)
        #expect(plan.rationale.map(\.decision) == [.pending])
        #expect(
            plan.rationale.first?.refusals.map(\.misfit) == [.cpu(short: CPU(millicores: 491))])
    }

    @Test func noHosts() throws {
        var world = World()
        let size = Resources(cpu: CPU(millicores: 500), memory: .mebibytes(512))
        world.add(try workload("alone", size), on: nil)
        let plan = try place(world)
        #expect(plan.rationale.map(\.decision) == [.pending])
        #expect(plan.bound == Plan.Bound(before: 0, after: 0, lower: 0))
    }

    @Test func aLabelThatIsNeededAndAvoided() throws {
        var world = World()
        let zone = Label(name: "zone", value: "a")
        world.add(host: "a", labels: [zone])
        world.add(host: "b")
        let rules = Rules(need: Labels([zone]), avoid: Labels([zone]))
        let size = Resources(cpu: CPU(millicores: 1), memory: .mebibytes(1))
        world.add(try workload("torn", size, rules: rules), on: nil)
        let plan = try place(world)
        #expect(plan.rationale.map(\.decision) == [.pending])
        #expect(plan.rationale.first?.refusals.map(\.misfit) == [.avoid(zone), .need(zone)])
    }

    @Test("a million workloads that fit nowhere are refused", .enabled(if: Script.isTiming))
    func aMillion() throws {
        var world = World()
        for index in 0..<100 { world.add(host: "h\(index)") }
        let size = Resources(cpu: CPU(millicores: 10_000), memory: .mebibytes(64))
        world.instances.reserveCapacity(1_000_000)
        let common = try workload("many", size)
        for index in 0..<1_000_000 {
            world.instances.append(
                Snapshot.InstanceView(
                    instance: Instance(
                        id: InstanceID("many-\(index)"), workload: common.name, index: index),
                    workload: common, changed: world.revision))
        }
        let ids = world.instances.map(\.id)
        let plan = try Planner(policy: world.policy, changed: .zero).place(
            ids, in: world.snapshot, id: PlanID("p"), seed: 0)
        #expect(plan.steps.isEmpty)
        #expect(plan.rationale.count == 1_000_000)
        #expect(plan.rationale.first?.refusals.count == 100)
    }
}
