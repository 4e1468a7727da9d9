import ClusterModel
import Planner
import Testing

/// Placing by an index, one instance after the other, against the plain definition of where an
/// instance goes.
@Suite struct PlacerLaws {
    /// A drawn cluster in which most instances wait for a host.
    private func world(_ seed: UInt64) -> World {
        var dice = SplitMix64(seed: seed ^ 0x91ACE)
        var world = World.drawn(
            seed, World.Shape(hosts: 2...16, instances: 4...40, oneInRules: 8))
        world.instances = world.instances.map { view in
            guard dice.hits(2), view.host != nil else { return view }
            var instance = view.instance
            instance.host = nil
            instance.observed = .pending
            return Snapshot.InstanceView(
                instance: instance, workload: view.workload, changed: view.changed,
                day: view.day)
        }
        return world
    }

    private func waiting(_ world: World) -> [InstanceID] {
        world.instances.filter { $0.host == nil }.map(\.id).sorted()
    }

    /// Whether it has to share a host with another.
    private func isBound(_ id: InstanceID, in world: World) -> Bool {
        guard let own = world.instances.first(where: { $0.id == id })?.workload else { return true }
        return own.rules.together != .none
            || world.instances.contains { own.labels.matches($0.workload.rules.together) }
    }

    private func planner(_ world: World) -> Planner {
        Planner(policy: world.policy, changed: Revision(3))
    }

    @Test("a placer decides as a plan from scratch does", arguments: PlannerLaws.seeds)
    func incremental(seed: UInt64) throws {
        var world = world(seed)
        let planner = planner(world)
        var placer = try Placer(planner, world.snapshot)
        for id in waiting(world) {
            let plan = try planner.place([id], in: world.snapshot, id: PlanID("n"), seed: 1)
            let decision = try placer.place(id)
            #expect(plan.rationale.map(\.decision) == [decision], "seed \(seed), \(id)")
            // Of a group, a plan from scratch knows by now whether those placed before can move.
            if !isBound(id, in: world) {
                let refusals = try placer.refusals(of: id)
                #expect(plan.rationale.first?.refusals == refusals, "seed \(seed), \(id)")
            }
            #expect(placer.bound.after == plan.bound.after, "seed \(seed), \(id)")
            for step in plan.steps { world.carryOut(step) }
        }
    }

    @Test("what was released leaves no trace", arguments: PlannerLaws.seeds)
    func released(seed: UInt64) throws {
        let world = world(seed)
        let ids = waiting(world)
        var placer = try Placer(planner(world), world.snapshot)
        let first = try ids.map { try placer.place($0) }
        for id in ids { try placer.release(id) }
        #expect(try ids.map { try placer.place($0) } == first, "seed \(seed)")
    }

    @Test(
        "an instance goes to the first host in the order that is defined",
        arguments: PlannerLaws.seeds)
    func defined(seed: UInt64) throws {
        var world = world(seed)
        let planner = planner(world)
        for id in waiting(world) {
            let plan = try planner.place([id], in: world.snapshot, id: PlanID("n"), seed: 1)
            let view = try #require(world.snapshot.instance(id))
            guard !isBound(id, in: world) else { continue }
            let open = planner.explain(id, in: world.snapshot).filter { $0.misfit == nil }
                .map(\.host)
            let best = open.map { Standing(of: $0, for: view, in: world) }.min()
            let expected: Rationale.Decision =
                best.map { .placed(on: $0.host, because: .fullest) } ?? .pending
            #expect(plan.rationale.map(\.decision) == [expected], "seed \(seed), \(id)")
            for step in plan.steps { world.carryOut(step) }
        }
    }
}

/// How good a host is for an instance, by the words of the planner's documentation; the smallest
/// is the best.
private struct Standing: Comparable {
    let host: HostID
    let dislikes: Int
    let isEmpty: Bool
    let taken: UInt64
    let ceiling: UInt64

    init(of host: HostID, for view: Snapshot.InstanceView, in world: World) {
        self.host = host
        let facts = world.hosts.first { $0.id == host }?.host
        dislikes = view.workload.rules.prefer.pairs.count {
            facts?.labels[$0.name] != $0.value
        }
        var there = world.instances.filter { $0.isPresent && $0.host == host }
        there += world.reservations.filter { $0.host == host }.compactMap { reservation in
            world.instances.first { $0.id == reservation.instance && $0.host != host }
        }
        isEmpty = there.isEmpty
        let demand = PlainDemand(world.snapshot, world.policy)
        let load = there.reduce(demand.single(view.id)) { $0 + demand.single($1.id) }
        let room = world.policy.ceiling(of: facts?.capacity.allocatable ?? .zero)
        let shares = [
            (load.cpu.millicores, room.cpu.millicores), (load.memory.count, room.memory.count),
        ]
        let fullest = shares.max { $0.0 * $1.1 < $1.0 * $0.1 }
        (taken, ceiling) = fullest ?? (0, 1)
    }

    static func < (a: Standing, b: Standing) -> Bool {
        guard (a.dislikes, a.isEmpty) == (b.dislikes, b.isEmpty) else {
            return (a.dislikes, a.isEmpty ? 1 : 0) < (b.dislikes, b.isEmpty ? 1 : 0)
        }
        let (one, other) = (a.taken * b.ceiling, b.taken * a.ceiling)
        guard one == other else { return a.isEmpty ? one < other : one > other }
        return a.host < b.host
    }
}
