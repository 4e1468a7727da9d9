import ClusterModel
import PlanAudit
import Planner
import Testing

/// Clusters in which amounts are absurd and rules contradict: every plan is made or refused by a
/// type, passes the audit, and its bound is none that a better layout disproves.
@Suite struct AbsurdLaws {
    private static let amounts: [UInt64] = [0, 1, 2, 1 << 20, 1 << 40, 1 << 63, .max - 1, .max]

    private func amount(_ dice: inout SplitMix64) -> UInt64 {
        Self.amounts[Int(dice.below(UInt64(Self.amounts.count)))]
    }

    private func resources(_ dice: inout SplitMix64) -> Resources {
        Resources(
            cpu: CPU(millicores: amount(&dice)), memory: Bytes(amount(&dice)),
            disk: Bytes(amount(&dice)), network: BytesPerSecond(amount(&dice)),
            scalars: dice.hits(3) ? [Resources.Scalar(name: "gpu", amount: amount(&dice))] : [])
    }

    private func policy(_ dice: inout SplitMix64) -> Policy {
        Policy(
            demand: .reserved, ceilingCPU: .percent([1, 80, 100][Int(dice.below(3))]),
            ceilingMemory: .percent([0, 90, 100][Int(dice.below(3))]), hotCPU: .percent(100),
            coldCPU: .none, reserve: .hosts([0, 1, .max, .min][Int(dice.below(4))]),
            rest: [.zero, .seconds(Int64.max)][Int(dice.below(2))],
            movesPerHost: [1, .max][Int(dice.below(2))],
            movesPerCluster: [1, .max][Int(dice.below(2))])
    }

    private func world(_ seed: UInt64) -> World {
        var dice = SplitMix64(seed: seed ^ 0xAB5D)
        var world = World(policy: policy(&dice))
        for index in 0..<Int(dice.below(5)) {
            world.hosts.append(
                Snapshot.HostView(
                    host: Host(
                        id: HostID("h\(index)"),
                        labels: Labels([Label(name: "zone", value: dice.hits(2) ? "a" : "b")]),
                        capacity: Capacity(
                            total: resources(&dice),
                            hostReserve: dice.hits(3) ? resources(&dice) : .zero,
                            capabilities: [Capability(.podman, available: true, detail: "1")]),
                        state: .ready), changed: world.revision))
        }
        let app = Labels([Label(name: "app", value: "x")])
        let zone = Labels([Label(name: "zone", value: "a")])
        for index in 0..<Int(dice.below(6)) {
            var size = resources(&dice)
            size.cpu = max(size.cpu, CPU(millicores: 1))
            size.memory = max(size.memory, .mebibytes(1))
            let rules = Rules(
                need: dice.hits(3) ? zone : .none, avoid: dice.hits(3) ? zone : .none,
                apart: dice.hits(3) ? app : .none, together: dice.hits(3) ? app : .none,
                spread: dice.hits(3) ? "zone" : nil,
                priority: [0, .max, .min][Int(dice.below(3))])
            guard
                let workload = try? Workload(
                    kind: .container, name: WorkloadID("w\(index)"), labels: app,
                    image: .named("image"), size: size, rules: rules,
                    move: MovePreference(
                        allow: [.restart], downtime: .seconds(dice.hits(2) ? Int64.max : 0)))
            else { continue }
            let host = dice.hits(3) ? nil : world.hosts.randomElement(using: &dice)?.id.rawValue
            let moved = [Int64.min, Int64.max, 0][Int(dice.below(3))]
            world.add(
                workload, on: host,
                movedAt: dice.hits(4) ? Instant(milliseconds: moved) : nil)
        }
        return world
    }

    private func plans(_ world: World) throws -> [Plan] {
        let planner = Planner(policy: world.policy, changed: .zero)
        let (snapshot, id) = (world.snapshot, PlanID("p"))
        var plans = [
            try planner.pack(snapshot, id: id, seed: 1),
            try planner.pack(snapshot, id: id, seed: 1, calm: true),
            try planner.repair(snapshot, id: id, seed: 1),
        ]
        for host in world.hosts {
            plans.append(try planner.drain(host.id, in: snapshot, id: id, seed: 1))
            plans.append(try planner.relieve(host.id, in: snapshot, id: id, seed: 1))
        }
        let waiting = world.instances.filter { $0.host == nil }.map(\.id)
        plans.append(try planner.place(waiting, in: snapshot, id: id, seed: 1))
        return plans
    }

    @Test("absurd clusters are planned for and audited", arguments: PlannerLaws.seeds)
    func plannedFor(seed: UInt64) throws {
        let world = world(seed)
        for plan in try plans(world) {
            let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
            #expect(found == [], "seed \(seed), \(plan.reason): \(Rendering.lines(of: plan))")
            #expect(plan.bound.lower <= plan.bound.after, "seed \(seed), \(plan.reason)")
        }
    }

    @Test(
        "no bound is above what trying all layouts finds",
        arguments: 0..<max(1, PlannerLaws.seeds.upperBound / 4))
    func bounded(seed: UInt64) throws {
        let world = world(seed)
        let plan = try Planner(policy: world.policy, changed: .zero)
            .pack(world.snapshot, id: PlanID("p"), seed: 1)
        #expect(plan.bound.lower <= Optimum(world).hosts, "seed \(seed)")
    }

    @Test("every host of an absurd cluster has a verdict", arguments: PlannerLaws.seeds)
    func explained(seed: UInt64) {
        let world = world(seed)
        for view in world.instances {
            let verdicts = Planner(policy: world.policy, changed: .zero)
                .explain(view.id, in: world.snapshot)
            #expect(verdicts.count == world.hosts.count, "seed \(seed)")
        }
    }
}
