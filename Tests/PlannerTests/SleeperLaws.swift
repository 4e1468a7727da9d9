import ClusterModel
import PlanAudit
import Planner
import Testing

/// Hosts that sleep count for the reserve exactly where they wake in time.
@Suite struct SleeperLaws {
    /// Clusters in which most of what the reserve asks for is asked of sleepers.
    private func world(_ seed: UInt64) -> World {
        var world = World.drawn(
            seed,
            World.Shape(
                hosts: 3...4, instances: 2...6, oneInRules: seed % 2 == 0 ? 0 : 8,
                isTroubled: seed % 3 == 0, isJoint: false, sleeps: true))
        world.policy.reserve = .hosts(1 + Int(seed % 5 / 4))
        return world
    }

    @Test("what the planner counts on is what the audit counts on", arguments: PlannerLaws.seeds)
    func audited(seed: UInt64) throws {
        let world = world(seed)
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let audit = PlanAudit(policy: world.policy)
        let pack = try planner.pack(world.snapshot, id: PlanID("p"), seed: seed)
        #expect(audit.violations(of: pack, in: world.snapshot) == [], "seed \(seed)")
        let waiting = world.instances.filter { $0.host == nil }.map(\.id)
        let place = try planner.place(waiting, in: world.snapshot, id: PlanID("q"), seed: seed)
        #expect(audit.violations(of: place, in: world.snapshot) == [], "seed \(seed)")
    }

    @Test("no pack ends below what every layout together can reach", arguments: PlannerLaws.seeds)
    func optimal(seed: UInt64) throws {
        let world = world(seed)
        let plan = try Planner(policy: world.policy, changed: Revision(3))
            .pack(world.snapshot, id: PlanID("p"), seed: seed)
        let optimum = Optimum(world).hosts
        #expect(plan.bound.lower <= optimum, "seed \(seed)")
        #expect(plan.bound.after >= optimum, "seed \(seed)")
    }

    @Test("small clusters without rules are mostly packed as far as can be, and sleepers count")
    func reached() throws {
        var (all, reached, counted) = (0, 0, 0)
        for seed in PlannerLaws.seeds where seed % 2 == 0 && seed % 3 != 0 {
            let world = world(seed)
            let plan = try Planner(policy: world.policy, changed: Revision(3))
                .pack(world.snapshot, id: PlanID("p"), seed: seed)
            all += 1
            if plan.bound.after == Optimum(world).hosts { reached += 1 }
            if !plan.standbys.isEmpty { counted += 1 }
        }
        #expect(reached * 10 >= all * 9, "\(reached) of \(all)")
        #expect(counted > 0, "none of \(all) counts on a sleeper")
    }

    @Test(
        "what stands by wakes in time, and a moment less is too late", arguments: PlannerLaws.seeds)
    func exact(seed: UInt64) throws {
        var world = world(seed)
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let plan = try planner.pack(world.snapshot, id: PlanID("p"), seed: seed)
        for standby in plan.standbys {
            #expect(standby.margin >= .zero && standby.instances > 0, "seed \(seed): \(standby)")
            let sleeper = world.snapshot.host(standby.sleeper)?.host
            #expect(sleeper?.capacity.wakeTime == standby.wake, "seed \(seed): \(standby)")
        }
        // Sleepers that need a moment more than anyone can wait are as if they were not there.
        guard let tightest = plan.standbys.map(\.margin).max() else { return }
        world.hosts = world.hosts.map { view in
            let slower = view.host.capacity.wakeTime.map { $0 + tightest + .milliseconds(1) }
            return Snapshot.HostView(
                host: view.host.with(capacity: view.host.capacity.waking(in: slower)),
                changed: view.changed, use: view.use)
        }
        let claims = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
        #expect(claims.contains(.standbys), "seed \(seed): \(claims)")
    }

    @Test("what is woken takes what waits", arguments: PlannerLaws.seeds)
    func woken(seed: UInt64) throws {
        var world = world(seed)
        // Hosts that are on are a reserve for more than those that sleep, so with one the next look may ask for more.
        world.policy.reserve = .hosts(0)
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let waiting = world.instances.filter { $0.host == nil }.map(\.id)
        let plan = try planner.place(waiting, in: world.snapshot, id: PlanID("q"), seed: seed)
        guard !plan.wakes.isEmpty else { return }
        for step in plan.steps { world.carryOut(step) }
        let asleep = world
        world.hosts = world.hosts.map { view in
            guard plan.wakes.contains(view.id) else { return view }
            return Snapshot.HostView(
                host: view.host.with(state: .ready), changed: view.changed, use: view.use)
        }
        let left = plan.rationale.filter { $0.decision == .pending }.map(\.instance)
        let before = try planner.place(left, in: asleep.snapshot, id: PlanID("r"), seed: seed)
        let after = try planner.place(left, in: world.snapshot, id: PlanID("r"), seed: seed)
        #expect(before.steps.isEmpty, "seed \(seed)")
        let used = after.steps.compactMap { step -> HostID? in
            guard case .start(_, let host) = step.action else { return nil }
            return host
        }
        #expect(Set(plan.wakes).isSubset(of: used), "seed \(seed): \(plan.wakes), \(used)")
        #expect(after.wakes.isEmpty, "seed \(seed): \(after.wakes)")
    }

    @Test("what would have room with every sleeper on wakes one", arguments: PlannerLaws.seeds)
    func wakesWhatHelps(seed: UInt64) throws {
        var world = world(seed)
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let waiting = world.instances.filter { $0.host == nil }.map(\.id)
        let plan = try planner.place(waiting, in: world.snapshot, id: PlanID("q"), seed: seed)
        let left = plan.rationale.filter { $0.decision == .pending }.map(\.instance)
        // Who would give way is looked at with what is on alone.
        guard plan.wakes.isEmpty, !left.isEmpty,
            plan.steps.allSatisfy({ if case .start = $0.action { true } else { false } })
        else { return }
        for step in plan.steps { world.carryOut(step) }
        world.hosts = world.hosts.map { view in
            guard view.host.state == .asleep, view.host.capacity.wakeTime != nil else {
                return view
            }
            return Snapshot.HostView(
                host: view.host.with(state: .ready), changed: view.changed, use: view.use)
        }
        let awake = try planner.place(left, in: world.snapshot, id: PlanID("r"), seed: seed)
        #expect(awake.steps.isEmpty, "seed \(seed): \(awake.steps.map(\.action))")
    }
}
