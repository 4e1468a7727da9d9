import ClusterModel
import PlanAudit
import Planner
import Testing

/// What is undone comes back by plans as good as any other, and is not done again.
@Suite struct UndoLaws {
    /// A drawn cluster in which some instances did worse on some hosts.
    private static func world(_ seed: UInt64) -> World {
        var dice = SplitMix64(seed: seed ^ 0x0DD)
        var world = World.drawn(seed, .small)
        let (now, hosts) = (world.now, world.hosts.map(\.id))
        world.instances = world.instances.map { view in
            guard view.host != nil, dice.hits(2) else { return view }
            var undone: [HostID: Instant] = [:]
            for host in hosts where dice.hits(2) {
                undone[host] = now.advanced(by: .seconds(dice.hits(4) ? -1 : 60))
            }
            return Snapshot.InstanceView(
                instance: view.instance, workload: view.workload, changed: view.changed,
                undone: undone)
        }
        return world
    }

    @Test("a pack brings nothing to where it did worse", arguments: PlannerLaws.seeds)
    func pack(seed: UInt64) throws {
        let world = Self.world(seed)
        for searched in [1_000_000, 0] {
            let planner = Planner(
                policy: world.policy, changed: Revision(3), searchedPairs: searched)
            let plan = try planner.pack(world.snapshot, id: PlanID("p"), seed: 1)
            let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
            #expect(found == [], "seed \(seed), \(searched): \(Rendering.lines(of: plan))")
        }
    }

    @Test(
        "whatever part of a pack was done, it can be undone, but for broken rules",
        arguments: PlannerLaws.seeds)
    func undo(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed ^ 0xB4C)
        var world = World.drawn(seed, .small)
        let planner = Planner(policy: world.policy, changed: Revision(3))
        let pack = try planner.pack(world.snapshot, id: PlanID("p"), seed: 1)
        guard !pack.steps.isEmpty else { return }
        var origins: [InstanceID: HostID] = [:]
        for step in pack.steps.prefix(Int(1 + dice.below(UInt64(pack.steps.count)))) {
            guard case .move(let instance, let source, _, _) = step.action else { continue }
            if origins[instance] == nil { origins[instance] = source }
            world.carryOut(step)
        }
        let returns = origins.sorted { $0.key < $1.key }.map {
            Release.Return(instance: $0.key, host: $0.value)
        }
        let undo = try planner.undo(returns, in: world.snapshot, id: PlanID("u"), seed: 1)
        let found = PlanAudit(policy: world.policy).violations(of: undo, in: world.snapshot)
        #expect(found == [], "seed \(seed): \(Rendering.lines(of: undo))")
        for step in undo.steps { world.carryOut(step) }
        let away = returns.filter {
            world.snapshot.instance($0.instance)?.host != $0.host
        }
        // Some broke a rule where they were, which no plan does, and may bar the way of others.
        let barred = away.contains { back in
            let entry = undo.rationale.first { $0.instance == back.instance }
            switch entry?.refusals.first(where: { $0.host == back.host })?.misfit {
            case .need, .avoid, .taint, .driver, .hostState, .apart, .together, .spread: return true
            default: return false
            }
        }
        #expect(away.isEmpty || barred, "seed \(seed): \(Rendering.lines(of: undo))")
    }

    /// Two hosts, and a workload that may be on either.
    private static func twoHosts() throws -> (World, Workload) {
        var world = World()
        for name in ["a", "b"] { world.add(host: name) }
        let web = try Workload(
            kind: .container, name: WorkloadID("web"), image: .named("image"),
            size: Resources(cpu: CPU(millicores: 300), memory: .mebibytes(64)),
            move: MovePreference(allow: [.restart]))
        return (world, web)
    }

    @Test("what cannot go back stays, and says why")
    func stays() throws {
        let (start, web) = try Self.twoHosts()
        var world = start
        world.add(web, on: "b")
        let db = try Workload(
            kind: .container, name: WorkloadID("db"), image: .named("image"),
            size: Resources(cpu: CPU(millicores: 800), memory: .mebibytes(64)))
        world.add(db, on: "a")
        let returns = [Release.Return(instance: InstanceID("web"), host: HostID("a"))]
        let plan = try Planner(policy: world.policy, changed: Revision(3))
            .undo(returns, in: world.snapshot, id: PlanID("u"), seed: 1)
        #expect(plan.steps.isEmpty)
        let entry = try #require(plan.rationale.first)
        #expect(entry.decision == .stays(on: HostID("b"), because: .hostStays))
        #expect(entry.refusals.map(\.host) == [HostID("a")])
        guard case .cpu = entry.refusals.first?.misfit else {
            Issue.record("\(entry.refusals)")
            return
        }
    }

    @Test("explain says where it did worse, and until when")
    func explained() throws {
        let (start, web) = try Self.twoHosts()
        var world = start
        world.add(web, on: "a")
        let until = world.now.advanced(by: .seconds(60))
        world.instances = world.instances.map {
            Snapshot.InstanceView(
                instance: $0.instance, workload: $0.workload, changed: $0.changed,
                undone: [HostID("b"): until])
        }
        let verdicts = Planner(policy: world.policy, changed: Revision(3))
            .explain(InstanceID("web"), in: world.snapshot)
        #expect(verdicts.map(\.misfit) == [nil, .undone(until: until)])
    }
}
