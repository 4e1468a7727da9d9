import ClusterModel
import PlanAudit
import Planner
import Testing

/// Moves that nobody asked for heed what the same time of the day before was like.
@Suite struct ForecastTests {
    /// Two hosts with one instance each that uses 300 m now and `before` a day ago.
    private func world(before: UInt64?, hours: Int = 0) throws -> World {
        var world = World()
        world.policy.demand = .percentile(
            rank: .percent(95), window: .seconds(600), margin: .none)
        let use = Use(
            at: world.now, cpu: Use.Figure(mean: 300, maximum: 300, last: 300), memory: .zero)
        var amounts = [UInt64?](repeating: 300, count: 288)
        // The window of 288 buckets begins with this time of the day before.
        amounts[hours * 12] = before
        amounts[hours * 12 + 1] = before
        let day = DaySeries(
            end: DaySeries.number(of: world.now), before == nil ? [] : amounts)
        for index in 0..<2 {
            world.add(host: "h\(index)")
            world.add(
                try Workload(
                    kind: .vm, name: WorkloadID("w\(index)"), image: .named("disk"),
                    size: Resources(cpu: CPU(millicores: 800), memory: .mebibytes(128)),
                    move: MovePreference(allow: [.live, .restart])),
                on: "h\(index)", day: day)
        }
        world.instances = world.instances.map { view in
            Snapshot.InstanceView(
                instance: view.instance, workload: view.workload, changed: view.changed,
                use: UseSeries([use]), day: view.day)
        }
        return world
    }

    private func hosts(_ world: World, calm: Bool = true) throws -> Int {
        let plan = try Planner(policy: world.policy, changed: Revision(3))
            .pack(world.snapshot, id: PlanID("p"), seed: 1, calm: calm)
        let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
        #expect(found == [])
        return plan.bound.after
    }

    @Test("without a record of it, what is used now decides")
    func unknown() throws {
        #expect(try hosts(world(before: nil)) == 1)
        #expect(try hosts(world(before: 300)) == 1)
    }

    @Test("what was busy at this time of the day before is not packed now, unless a user asks")
    func busy() throws {
        #expect(try hosts(world(before: 700)) == 2)
        #expect(try hosts(world(before: 700), calm: false) == 1)
    }

    @Test("a busy time hours away does not hinder a move that takes seconds")
    func later() throws { #expect(try hosts(world(before: 700, hours: 3)) == 1) }
}
