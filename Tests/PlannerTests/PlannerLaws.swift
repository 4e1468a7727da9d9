import ClusterModel
import Foundation
import PlanAudit
import Planner
import Testing

/// What holds for every cluster; each failure names the seed that shows it.
@Suite struct PlannerLaws {
    /// LAW_SEEDS=1000 looks further than a run of all tests has time for.
    static let seeds: Range<UInt64> = {
        let wanted = ProcessInfo.processInfo.environment["LAW_SEEDS"].flatMap { UInt64($0) }
        return 0..<(wanted ?? 40)
    }()

    private func planner(_ world: World) -> Planner {
        Planner(policy: world.policy, changed: Revision(3))
    }

    private func pack(_ world: World) throws -> Plan {
        try planner(world).pack(world.snapshot, id: PlanID("p"), seed: 1)
    }

    /// A plan of each kind that makes sense in `world`.
    private func plans(_ world: World) throws -> [Plan] {
        let planner = planner(world)
        let snapshot = world.snapshot
        var plans = [try pack(world)]
        for view in world.hosts {
            plans.append(try planner.drain(view.id, in: snapshot, id: PlanID("d"), seed: 1))
            plans.append(try planner.relieve(view.id, in: snapshot, id: PlanID("r"), seed: 1))
        }
        let waiting = world.instances.filter { $0.host == nil }.map(\.id)
        if !waiting.isEmpty {
            plans.append(try planner.place(waiting, in: snapshot, id: PlanID("n"), seed: 1))
        }
        for view in world.instances where view.isPresent {
            if let plan = try? planner.move(
                view.id, to: nil, in: snapshot, id: PlanID("m"), seed: 1)
            {
                plans.append(plan)
            }
        }
        return plans
    }

    @Test("every plan passes the audit", arguments: seeds)
    func audited(seed: UInt64) throws {
        let world = World.drawn(seed, .small)
        for plan in try plans(world) {
            let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
            #expect(found == [], "seed \(seed), \(plan.reason): \(Rendering.lines(of: plan))")
        }
    }

    @Test("no interleaving overcommits a host or a budget", arguments: seeds)
    func interleaved(seed: UInt64) throws {
        let world = World.drawn(seed, .small)
        for plan in try plans(world) where !plan.steps.isEmpty {
            for order in UInt64(0)..<8 {
                var interleaving = Interleaving(plan, in: world, seed: seed &* 31 &+ order)
                interleaving.run()
                #expect(
                    interleaving.problems == [], "seed \(seed), order \(order): \(plan.reason)")
            }
        }
    }

    @Test("packing what was packed gains nothing", arguments: seeds)
    func settled(seed: UInt64) throws {
        let world = World.drawn(seed, .small)
        let plan = try pack(world)
        var run = Interleaving(plan, in: world, seed: seed)
        run.run()
        let again = try pack(run.end)
        #expect(again.steps == [], "seed \(seed): \(Rendering.lines(of: plan))")
        #expect(again.bound.before == plan.bound.after, "seed \(seed)")
    }

    @Test("the order of input does not matter", arguments: seeds)
    func deterministic(seed: UInt64) throws {
        let world = World.drawn(seed, .small)
        var dice = SplitMix64(seed: seed)
        var shuffled = world
        shuffled.hosts.shuffle(using: &dice)
        shuffled.instances.shuffle(using: &dice)
        shuffled.reservations.shuffle(using: &dice)
        #expect(try Set(plans(world)) == Set(plans(shuffled)), "seed \(seed)")
    }

    @Test(
        "the bound is never above the optimum, nor a plan below it",
        arguments: 0..<(seeds.upperBound * 3))
    func bounded(seed: UInt64) throws {
        let world = World.drawn(seed, .tiny)
        let plan = try pack(world)
        let best = Optimum(world).hosts
        #expect(plan.bound.lower <= best, "seed \(seed)")
        #expect(plan.bound.after >= best, "seed \(seed)")
        #expect(plan.bound.after <= plan.bound.before, "seed \(seed)")
    }

    @Test("small clusters without rules are packed to the optimum almost always")
    func nearlyOptimal() throws {
        var missed = 0
        for seed in Self.seeds {
            let world = World.drawn(
                seed, World.Shape(hosts: 3...4, instances: 3...6, oneInRules: 0, isTroubled: false))
            if try pack(world).bound.after > Optimum(world).hosts { missed += 1 }
        }
        #expect(
            missed * 50 <= Self.seeds.count, "\(missed) of \(Self.seeds.count) missed the optimum")
    }

    @Test("every refusal in a rationale is one that explain gives too", arguments: seeds)
    func explained(seed: UInt64) throws {
        let world = World.drawn(seed, .small)
        let planner = planner(world)
        for view in world.instances {
            let verdicts = planner.explain(view.id, in: world.snapshot)
            #expect(verdicts.map(\.host) == world.snapshot.hosts.map(\.id), "seed \(seed)")
            let current = verdicts.filter(\.current).map(\.host)
            #expect(current == (view.isPresent ? view.host.map { [$0] } ?? [] : []), "seed \(seed)")
            guard view.isPresent else { continue }
            for verdict in verdicts where !verdict.current {
                let moved = try? planner.move(
                    view.id, to: verdict.host, in: world.snapshot, id: PlanID("m"), seed: 1)
                #expect((moved != nil) == (verdict.misfit == nil), "seed \(seed), \(view.id)")
            }
        }
    }
}
