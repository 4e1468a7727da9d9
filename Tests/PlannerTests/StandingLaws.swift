import ClusterModel
import Planner
import Testing

/// What plans say of the host that was taken, and of the next best.
@Suite struct StandingLaws {
    private func planner(_ world: World) -> Planner {
        Planner(policy: world.policy, changed: Revision(3))
    }

    /// Whether it has to share a host with another.
    private func isBound(_ view: Snapshot.InstanceView, in world: World) -> Bool {
        view.workload.rules.together != .none
            || world.instances.contains {
                view.workload.labels.matches($0.workload.rules.together)
            }
    }

    @Test("the runner-up of a start is who explain ranks second", arguments: PlannerLaws.seeds)
    func second(seed: UInt64) throws {
        var world = World.drawn(
            seed, World.Shape(hosts: 2...8, instances: 6...24, oneInRules: 8))
        let waiting = world.instances.filter { $0.host == nil }
        for view in waiting where !isBound(view, in: world) {
            let ranked = planner(world).explain(view.id, in: world.snapshot)
                .filter { $0.rank != nil }.sorted { $0.rank ?? 0 < $1.rank ?? 0 }
            let plan = try planner(world).place(
                [view.id], in: world.snapshot, id: PlanID("p"), seed: 1)
            let entry = try #require(plan.rationale.first)
            guard case .placed(let host, _) = entry.decision else {
                #expect(entry.standing == nil && ranked.isEmpty, "seed \(seed), \(view.id)")
                continue
            }
            let standing = try #require(entry.standing, "seed \(seed), \(view.id)")
            #expect(ranked.first?.host == host, "seed \(seed), \(view.id)")
            #expect(standing.score == ranked.first?.score, "seed \(seed), \(view.id)")
            let second = ranked.dropFirst().first
            #expect(standing.runnerUp?.host == second?.host, "seed \(seed), \(view.id)")
            #expect(standing.runnerUp?.score == second?.score, "seed \(seed), \(view.id)")
            for step in plan.steps { world.carryOut(step) }
        }
    }

    @Test("whatever goes to a host says why not to the next best", arguments: PlannerLaws.seeds)
    func complete(seed: UInt64) throws {
        let world = World.drawn(seed, .small)
        let planner = planner(world)
        var plans = [
            try planner.pack(world.snapshot, id: PlanID("p"), seed: 1),
            try planner.repair(world.snapshot, id: PlanID("r"), seed: 1),
        ]
        for view in world.hosts {
            plans.append(
                try planner.drain(view.id, in: world.snapshot, id: PlanID("d"), seed: 1))
        }
        for plan in plans {
            for entry in plan.rationale {
                guard case .moved(let from, let target, _) = entry.decision else {
                    #expect(entry.standing == nil, "seed \(seed), \(plan.reason)")
                    continue
                }
                let standing = try #require(entry.standing, "seed \(seed), \(plan.reason)")
                let refused = entry.refusals.map(\.host)
                guard let other = standing.runnerUp else { continue }
                #expect(other.host != target && other.host != from, "seed \(seed)")
                #expect(!refused.contains(other.host), "seed \(seed)")
            }
            // Where there is none, every host but its own and its last refuses it, or the reserve.
            for entry in plan.rationale where entry.standing.map({ $0.runnerUp == nil }) ?? false {
                guard plan.reason != .pack, case .moved(let from, let target, _) = entry.decision
                else { continue }
                var rest = Set(world.hosts.map(\.id)).subtracting(entry.refusals.map(\.host))
                if case .drain(let host) = plan.reason { rest.remove(host) }
                #expect(rest.subtracting([from, target]).isEmpty, "seed \(seed)")
            }
        }
    }
}
