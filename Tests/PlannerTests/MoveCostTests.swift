import ClusterModel
import PlanAudit
import Planner
import Testing

/// The rung at which a live move will end is part of what the move costs.
@Suite struct MoveCostTests {
    /// Two hosts with a guest of 512 MiB each, which writes `set` again and again at more than any link sends, and with a
    /// minute of a freed host to pay for the move: a thousand mebibytes or milliseconds.
    ///
    /// What is sent over a way that is not known is 111 MiB/s: 33 MiB in 300 ms, 67 in 600.
    private func world(
        set: Bytes?, _ move: MovePreference = MovePreference(converge: [.longer])
    ) throws -> World {
        var world = World()
        world.policy.payback = .seconds(60)
        for index in 0..<2 {
            world.add(host: "h\(index)", memory: 4_096, drivers: [.podman, .qemu, .network])
            world.add(
                try Workload(
                    kind: .vm, name: WorkloadID("w\(index)"), image: .named("disk"),
                    size: Resources(cpu: CPU(millicores: 200), memory: .mebibytes(512)),
                    move: move),
                on: "h\(index)")
        }
        let changes = set.map {
            MoveLoad.Changes(rate: BytesPerSecond(400_000_000), set: $0)
        }
        world.instances = world.instances.map { view in
            Snapshot.InstanceView(
                instance: view.instance, workload: view.workload, changed: view.changed,
                load: MoveLoad(at: world.now, memory: .mebibytes(512), changes: changes))
        }
        return world
    }

    private func moves(_ world: World) throws -> Int {
        let plan = try Planner(policy: world.policy, changed: Revision(3))
            .pack(world.snapshot, id: PlanID("p"), seed: 1, calm: true)
        #expect(PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot) == [])
        return plan.steps.count
    }

    @Test("a move that ends at the first rung pays, one that has to climb does not")
    func rung() throws {
        #expect(try moves(world(set: nil)) == 1)
        #expect(try moves(world(set: .mebibytes(30))) == 1)
        #expect(try moves(world(set: .mebibytes(60))) == 0)
        #expect(try moves(world(set: .mebibytes(120))) == 0)
    }

    @Test("a climb pays for itself once there is more time to pay in")
    func paid() throws {
        var world = try world(set: .mebibytes(60))
        world.policy.payback = .seconds(90)
        #expect(try moves(world) == 1)
    }

    @Test("what is known of the way decides which rung that is")
    func link() throws {
        var world = try world(set: .mebibytes(60))
        let fast = MoveLink(
            bandwidth: BytesPerSecond(300 << 20), setup: .zero, halt: .zero, moves: 1,
            learntAt: world.now)
        world.links = MoveLinks(
            [("h0", "h1"), ("h1", "h0")].map { source, target in
                MoveLinks.Entry(
                    way: MoveLinks.Way(
                        source: HostID(source), target: HostID(target), kind: .vm, mode: .live),
                    link: fast)
            })
        #expect(try moves(world) == 1)
    }

    @Test("a bound below the rung that would do leaves the move out")
    func bounded() throws {
        let move = MovePreference(converge: [.longer], most: .milliseconds(400))
        var world = try world(set: .mebibytes(60), move)
        world.policy.payback = .seconds(3_600)
        #expect(try moves(world) == 0)
    }
}
