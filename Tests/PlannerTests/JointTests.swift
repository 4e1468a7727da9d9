import ClusterModel
import PlanAudit
import Planner
import Testing

/// Instances that are busy at different times share a host; those busy at the same time do not.
@Suite struct JointTests {
    private static let rule = JointRule(chance: .percent(1), window: .seconds(86_400))

    /// A day with high hours and low ones: `isEarly` is busy in the first half of it.
    private func half(_ isEarly: Bool, high: UInt64 = 700, low: UInt64 = 50, _ world: World)
        -> DaySeries
    {
        let amounts = (0..<288).map { bucket -> UInt64? in (bucket < 144) == isEarly ? high : low }
        return DaySeries(end: DaySeries.number(of: world.now), amounts)
    }

    private func world(_ demand: DemandRule, busyEarly: [Bool]) throws -> World {
        var world = World()
        world.policy.demand = demand
        for (index, isEarly) in busyEarly.enumerated() {
            world.add(host: "h\(index)")
            world.add(
                try Workload(
                    kind: .vm, name: WorkloadID("w\(index)"), image: .named("disk"),
                    size: Resources(cpu: CPU(millicores: 800), memory: .mebibytes(128)),
                    move: MovePreference(allow: [.live, .restart])),
                on: "h\(index)", day: half(isEarly, world))
        }
        return world
    }

    private func pack(_ world: World) throws -> Plan {
        let plan = try Planner(policy: world.policy, changed: Revision(3))
            .pack(world.snapshot, id: PlanID("p"), seed: 1)
        let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
        #expect(found == [])
        return plan
    }

    @Test("a pair busy in turn shares a host, and none of its day is above the ceiling")
    func anticorrelated() throws {
        let plan = try pack(try world(.joint(Self.rule), busyEarly: [true, false]))
        #expect(plan.bound.after == 1 && plan.bound.isProved)
        #expect(plan.exceedances.map { [$0.above, $0.of] } == [[0, 288]])
    }

    @Test("a pair busy at the same time does not, though its mean is the same")
    func correlated() throws {
        let plan = try pack(try world(.joint(Self.rule), busyEarly: [true, true]))
        #expect(plan.steps == [] && plan.bound.after == 2)
    }

    @Test("four instances become two pairs, each of one early and one late")
    func pairs() throws {
        let world = try world(.joint(Self.rule), busyEarly: [true, true, false, false])
        let plan = try pack(world)
        #expect(plan.bound.after == 2)
        var end = world
        for step in plan.steps { end.carryOut(step) }
        let early = Set([0, 1].map { end.instances[$0].host })
        let late = Set([2, 3].map { end.instances[$0].host })
        #expect(early == late && early.count == 2)
    }

    @Test("each by its own percentile, or by what it reserves, they need a host each")
    func alone() throws {
        for demand in [
            DemandRule.reserved,
            .percentile(rank: .percent(95), window: .seconds(600), margin: .none),
        ] {
            #expect(try pack(try world(demand, busyEarly: [true, false])).bound.after == 2)
        }
    }

    @Test("the chance is the part of buckets: one of 288 may pass under 1 %, two may not")
    func chance() throws {
        for (bursts, hosts) in [(1, 1), (2, 2)] {
            var world = try world(.joint(Self.rule), busyEarly: [true, false])
            let end = DaySeries.number(of: world.now)
            world.instances = world.instances.map { view in
                let amounts = (0..<288).map { bucket -> UInt64? in bucket < bursts ? 700 : 300 }
                return Snapshot.InstanceView(
                    instance: view.instance, workload: view.workload, changed: view.changed,
                    day: DaySeries(end: end, amounts))
            }
            let plan = try pack(world)
            #expect(plan.bound.after == hosts, "\(bursts) bursts")
            if hosts == 1 {
                #expect(plan.exceedances.map(\.above) == [bursts])
                #expect(plan.exceedances.map(\.chance) == [Share(permille: 7)])
            }
        }
    }

    @Test("an instance without a record counts for what it reserves, and shares no host")
    func unknown() throws {
        var world = try world(.joint(Self.rule), busyEarly: [true, false])
        world.instances = world.instances.map { view in
            Snapshot.InstanceView(
                instance: view.instance, workload: view.workload, changed: view.changed,
                day: view.id == InstanceID("w0") ? view.day : .empty)
        }
        #expect(try pack(world).bound.after == 2)
    }

    @Test("explain names what an instance lacks beside those on a host, at the moments that count")
    func explained() throws {
        let world = try world(.joint(Self.rule), busyEarly: [true, true, false])
        let verdicts = Planner(policy: world.policy, changed: Revision(3))
            .explain(InstanceID("w0"), in: world.snapshot)
        #expect(
            verdicts.map(\.misfit) == [nil, .cpu(short: CPU(millicores: 1400 - 950)), nil])
        #expect(verdicts.map { $0.exceedance?.above } == [0, 144, 0])
        #expect(verdicts.map(\.room.cpu.millicores) == [950, 250, 250])
    }
}

/// What holds for joint demand whatever is drawn.
@Suite struct JointLaws {
    @Test("means are never above what is needed together", arguments: PlannerLaws.seeds)
    func additive(seed: UInt64) throws {
        for round in UInt64(0)..<10 {
            var world = World.drawn(seed &* 97 &+ round, .small)
            var dice = SplitMix64(seed: seed ^ round)
            world.drawJointDemand(&dice)
            let demand = PlainDemand(world.snapshot, world.policy)
            let ids = world.instances.map(\.id).filter { _ in dice.hits(2) }
            let sum = ids.reduce(UInt64(0)) { $0 + demand.single($1).cpu.millicores }
            #expect(sum <= demand.together(ids).cpu.millicores, "seed \(seed), round \(round)")
        }
    }

    @Test("a plan states how often each host is above its ceiling", arguments: PlannerLaws.seeds)
    func exceedances(seed: UInt64) throws {
        var shape = World.Shape.small
        shape.isJoint = true
        let world = World.drawn(seed, shape)
        let plan = try Planner(policy: world.policy, changed: Revision(3))
            .pack(world.snapshot, id: PlanID("p"), seed: 1)
        var end = world
        for step in plan.steps { end.carryOut(step) }
        let demand = PlainDemand(world.snapshot, world.policy)
        let expected = world.snapshot.hosts.compactMap { view -> Plan.Exceedance? in
            var there = Set(end.instances.filter { $0.isPresent && $0.host == view.id }.map(\.id))
            there.formUnion(world.reservations.filter { $0.host == view.id }.map(\.instance))
            guard !there.isEmpty, case .joint(let rule) = world.policy.demand else { return nil }
            let ceiling = world.policy.ceiling(of: view.host.capacity.allocatable).cpu
            return Plan.Exceedance(
                host: view.id, above: demand.above(ceiling, there.sorted()), of: rule.buckets)
        }
        #expect(plan.exceedances == expected, "seed \(seed)")
    }
}
