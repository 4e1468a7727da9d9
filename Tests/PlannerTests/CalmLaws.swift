import ClusterModel
import PlanAudit
import Planner
import Testing

/// What holds for plans that nobody asked for, in clusters whose hosts use more than demands explain.
@Suite struct CalmLaws {
    private static let round = Duration.seconds(60)

    /// A drawn cluster with measured use, instances that rest and a short time to pay in.
    private func world(_ seed: UInt64) -> World {
        var dice = SplitMix64(seed: seed ^ 0xCA1)
        var world = World.drawn(seed, .small)
        world.policy.payback = Self.round * Int(1 + dice.below(12))
        world.policy.rest = Self.round
        let now = world.now
        world.hosts = world.hosts.map { view in
            let cpu = dice.below(1 + view.host.capacity.total.cpu.millicores)
            let use = Use(at: now, cpu: .init(mean: cpu, maximum: cpu, last: cpu), memory: .zero)
            return Snapshot.HostView(
                host: view.host, changed: view.changed, use: UseSeries([use]))
        }
        world.instances = world.instances.map { view in
            guard view.host != nil, dice.hits(3) else { return view }
            var instance = view.instance
            instance.movedAt = now
            return Snapshot.InstanceView(
                instance: instance, workload: view.workload, changed: view.changed, day: view.day)
        }
        return world
    }

    @Test(
        "every calm plan passes the audit, and fills no host beyond what it uses",
        arguments: PlannerLaws.seeds)
    func audited(seed: UInt64) throws {
        let world = world(seed)
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let snapshot = world.snapshot
        var plans = [try planner.pack(snapshot, id: PlanID("p"), seed: 1, calm: true)]
        for view in world.hosts {
            plans.append(
                try planner.relieve(view.id, in: snapshot, id: PlanID("r"), seed: 1, calm: true))
        }
        for plan in plans {
            let found = PlanAudit(policy: world.policy).violations(of: plan, in: snapshot)
            #expect(found == [], "seed \(seed), \(plan.reason): \(Rendering.lines(of: plan))")
            for host in world.hosts where !fits(plan, on: host, in: world) {
                Issue.record("seed \(seed): \(plan.reason) fills \(host.id) beyond its ceiling")
            }
        }
    }

    /// Whether what `plan` brings to `host` has room beside what was measured there.
    private func fits(_ plan: Plan, on host: Snapshot.HostView, in world: World) -> Bool {
        let demand = PlainDemand(world.snapshot, world.policy)
        var there = Set(world.instances.filter { $0.isPresent && $0.host == host.id }.map(\.id))
        there.formUnion(world.reservations.filter { $0.host == host.id }.map(\.instance))
        let before = demand.together(there).cpu
        for step in plan.steps {
            if case .move(let id, _, host.id, _) = step.action { there.insert(id) }
        }
        let coming = demand.together(there).cpu.subtracting(before) ?? .zero
        let leaves = plan.steps.contains { step in
            if case .move(_, host.id, _, _) = step.action { true } else { false }
        }
        guard coming > .zero, !leaves else { return true }
        let measured = CPU(millicores: host.use.last?.cpu.mean ?? 0)
        return max(measured, before) + coming
            <= world.policy.ceiling(of: host.host.capacity.allocatable).cpu
    }

    @Test(
        "a calm pack pays: it frees hosts whose saving is more than its moves cost",
        arguments: PlannerLaws.seeds)
    func pays(seed: UInt64) throws {
        let world = world(seed)
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let plan = try planner.pack(world.snapshot, id: PlanID("p"), seed: 1, calm: true)
        let freed = UInt64(plan.bound.before - plan.bound.after)
        let minutes = UInt64(world.policy.payback.milliseconds / 60_000)
        // Each move interrupts, or carries its memory; this is the least that any of them costs.
        let least = plan.steps.reduce(UInt64(0)) { sum, step in
            guard case .move(let id, _, _, _) = step.action,
                let view = world.snapshot.instance(id)
            else { return sum }
            return sum + (view.reserved.memory.count >> 20)
        }
        #expect(plan.steps.isEmpty || freed * minutes * 1_000 > least, "seed \(seed)")
    }
}
