import ClusterModel
import Planner
import Testing

/// For each kind of refusal: the changes that are named, that they flip the verdict, and that
/// nothing less does.
@Suite struct FlipTests {
    /// A cluster in which host `b` refuses instance `w`, and why.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let world: World
        let misfit: Misfit
        /// Each flip, its changes as words.
        let flips: [[Flip.Change]]
    }

    private static let zoneA = Label(name: "zone", value: "a")
    private static let b = HostID("b")
    private static let w = InstanceID("w")
    private static let name = WorkloadID("w")

    /// One container, on `a` unless it waits.
    private static func workload(
        _ name: String = "w", _ kind: Workload.Kind = .container, count: Int = 1,
        cpu: UInt64 = 300, memory: UInt64 = 100, further: Resources = .zero,
        labels: [Label] = [], rules: Rules = .none, allow: [MoveMode] = [.restart]
    ) throws -> Workload {
        var size = further
        size.cpu = CPU(millicores: cpu)
        size.memory = .mebibytes(memory)
        return try Workload(
            kind: kind, name: WorkloadID(name), count: count, labels: Labels(labels),
            image: .named("image"), size: size, rules: rules, move: MovePreference(allow: allow))
    }

    private static func world(
        _ workload: Workload, on host: String? = "a", movedAt: Int64? = nil,
        _ change: (inout World) throws -> Void = { _ in }
    ) throws -> World {
        var world = World()
        world.add(host: "a")
        try change(&world)
        if !world.hosts.contains(where: { $0.id == b }) { world.add(host: "b") }
        world.add(
            workload, on: host,
            movedAt: movedAt.map { Instant(milliseconds: world.now.milliseconds - $0) })
        return world
    }

    static let cases: Result<[Case], any Error> = Result {
        try rooms() + hosts() + moves() + others() + [reserve()]
    }

    // MARK: Room

    private static func rooms() throws -> [Case] {
        let full = try workload("full", cpu: 800, memory: 1900)
        let scalar = Resources(scalars: [Resources.Scalar(name: "gpu", amount: 1000)])
        return [
            Case(
                testDescription: "cpu",
                world: try world(try workload()) { $0.add(try workload("x", cpu: 700), on: "b") },
                misfit: .cpu(short: CPU(millicores: 50)),
                flips: [
                    [.room(b, Resources(cpu: CPU(millicores: 50)))],
                    [.smaller(w, by: Resources(cpu: CPU(millicores: 50)))],
                ]),
            Case(
                testDescription: "cpu, under a lower ceiling",
                world: try world(try workload()) {
                    $0.policy.ceilingCPU = .percent(80)
                    $0.add(try workload("x", cpu: 555), on: "b")
                }, misfit: .cpu(short: CPU(millicores: 55)),
                flips: [
                    [.room(b, Resources(cpu: CPU(millicores: 55)))],
                    [.smaller(w, by: Resources(cpu: CPU(millicores: 55)))],
                    [.ceilingCPU(Share(permille: 855))],
                ]),
            Case(
                testDescription: "memory and cpu",
                world: try world(try workload(memory: 200)) { $0.add(full, on: "b") },
                misfit: .cpu(short: CPU(millicores: 150)),
                flips: [
                    [.room(b, Resources(cpu: CPU(millicores: 150), memory: Bytes(161_900_135)))],
                    [
                        .smaller(
                            w, by: Resources(cpu: CPU(millicores: 150), memory: Bytes(161_900_135)))
                    ],
                ]),
            Case(
                testDescription: "disk",
                world: try world(try workload(further: Resources(disk: Bytes(7)))),
                misfit: .disk(short: Bytes(7)),
                flips: [
                    [.room(b, Resources(disk: Bytes(7)))],
                    [.smaller(w, by: Resources(disk: Bytes(7)))],
                ]),
            Case(
                testDescription: "network",
                world: try world(try workload(further: Resources(network: BytesPerSecond(9)))),
                misfit: .network(short: BytesPerSecond(9)),
                flips: [
                    [.room(b, Resources(network: BytesPerSecond(9)))],
                    [.smaller(w, by: Resources(network: BytesPerSecond(9)))],
                ]),
            Case(
                testDescription: "scalar", world: try world(try workload(further: scalar)),
                misfit: .scalar(name: "gpu", short: 1000),
                flips: [[.room(b, scalar)], [.smaller(w, by: scalar)]]),
        ]
    }

    // MARK: The host by itself

    private static func hosts() throws -> [Case] {
        [
            Case(
                testDescription: "host state",
                world: try world(try workload()) { $0.add(host: "b", state: .draining) },
                misfit: .hostState(.draining), flips: [[.ready(b)]]),
            Case(
                testDescription: "driver",
                world: try world(try workload()) { $0.add(host: "b", drivers: []) },
                misfit: .driver(.container, reason: "no binary"), flips: [[.capability(b, .podman)]]
            ),
            Case(
                testDescription: "architecture, which nothing changes",
                world: try world(try workload()) { $0.add(host: "b", architecture: "aarch64") },
                misfit: .architecture(needed: "x86_64", found: "aarch64"), flips: []),
            Case(
                testDescription: "need",
                world: try world(try workload(rules: Rules(need: Labels([zoneA])))),
                misfit: .need(zoneA), flips: [[.label(b, zoneA)], [.dropNeed(name, zoneA)]]),
            Case(
                testDescription: "avoid",
                world: try world(try workload(rules: Rules(avoid: Labels([zoneA])))) {
                    $0.add(host: "b", labels: [zoneA])
                }, misfit: .avoid(zoneA), flips: [[.unlabel(b, zoneA)], [.dropAvoid(name, zoneA)]]),
            Case(
                testDescription: "need and avoid of the same label",
                world: try world(
                    try workload(rules: Rules(need: Labels([zoneA]), avoid: Labels([zoneA])))),
                misfit: .need(zoneA), flips: [[.dropNeed(name, zoneA)]]),
            Case(
                testDescription: "taint",
                world: try world(try workload()) { $0.add(host: "b", taints: [zoneA]) },
                misfit: .taint(zoneA), flips: [[.untaint(b, zoneA)], [.tolerate(name, zoneA)]]),
            Case(
                testDescription: "more than one thing in the way",
                world: try world(try workload(rules: Rules(need: Labels([zoneA])))) {
                    $0.add(host: "b", cpu: 100, taints: [Label(name: "x", value: "y")])
                }, misfit: .taint(Label(name: "x", value: "y")),
                flips: [
                    [
                        .untaint(b, Label(name: "x", value: "y")), .label(b, zoneA),
                        .room(b, Resources(cpu: CPU(millicores: 205))),
                    ],
                    [
                        .tolerate(name, Label(name: "x", value: "y")), .dropNeed(name, zoneA),
                        .smaller(w, by: Resources(cpu: CPU(millicores: 205))),
                    ],
                ]),
        ]
    }

    // MARK: Moves and time

    private static func moves() throws -> [Case] {
        let plan = PlanID("other")
        return [
            Case(
                testDescription: "no mode allowed", world: try world(try workload(allow: [])),
                misfit: .move(.notAllowed(allowed: [], possible: [.restart])),
                flips: [[.allow(name, .restart)]]),
            Case(
                testDescription: "a mode that the host could learn",
                world: try world(try workload("w", .vm, allow: [.live])) {
                    $0.hosts = []
                    $0.add(host: "a", drivers: [.qemu, .network])
                },
                misfit: .move(.notAllowed(allowed: [.live], possible: [.restart])),
                flips: [[.capability(b, .network)], [.allow(name, .restart)]]),
            Case(
                testDescription: "not running",
                world: try world(try workload()) { world in
                    world.hosts = []
                    world.add(host: "a", state: .lost)
                }, misfit: .move(.notRunning), flips: [[.ready(HostID("a"))]]),
            Case(
                testDescription: "under way",
                world: try world(try workload()) {
                    $0.reservations = [Snapshot.Reservation(plan: plan, instance: w, host: b)]
                }, misfit: .move(.underway), flips: [[.settle(w)]]),
            Case(
                testDescription: "resting",
                world: try world(try workload(), movedAt: 60_000) {
                    $0.policy.rest = .seconds(100)
                },
                misfit: .resting(until: Instant(milliseconds: 1_000_040_000)),
                flips: [
                    [.wait(until: Instant(milliseconds: 1_000_040_000))],
                    [.rest(.seconds(60))],
                ]),
        ]
    }

    // MARK: Other instances

    private static func others() throws -> [Case] {
        let app = Label(name: "app", value: "x")
        let apart = Rules(apart: Labels([app]))
        let spread = try workload(count: 2, rules: Rules(spread: "zone"))
        let bound = try workload(labels: [app], rules: Rules(together: Labels([app])))
        return [
            Case(
                testDescription: "apart",
                world: try world(try workload(rules: apart)) {
                    $0.add(try workload("foe", labels: [app]), on: "b")
                    $0.add(try workload("foe2", labels: [app], rules: .none), on: "b")
                }, misfit: .apart(from: InstanceID("foe")),
                flips: [
                    [.leave(InstanceID("foe"), from: b), .leave(InstanceID("foe2"), from: b)],
                    [.dropApart(name)],
                ]),
            Case(
                testDescription: "together",
                world: try world(bound) {
                    $0.add(try workload("mate", labels: [app]), on: "a")
                    $0.instances = $0.instances.map { view in
                        var instance = view.instance
                        instance.observed = .starting
                        return Snapshot.InstanceView(
                            instance: instance, workload: view.workload, changed: view.changed)
                    }
                }, misfit: .together(with: InstanceID("mate")), flips: [[.run(InstanceID("mate"))]]),
            Case(
                testDescription: "spread",
                world: {
                    var world = World()
                    world.add(host: "a", labels: [zoneA])
                    world.add(host: "b", labels: [Label(name: "zone", value: "b")])
                    world.add(spread, index: 1, on: "b")
                    world.instances.append(
                        Snapshot.InstanceView(
                            instance: Instance(
                                id: w, workload: name, index: 0, host: HostID("a"),
                                observed: .running), workload: spread, changed: world.revision))
                    return world
                }(), misfit: .spread(domain: Label(name: "zone", value: "b"), over: 1),
                flips: [[.leave(InstanceID("w-1"), from: b)], [.dropSpread(name)]]),
        ]
    }

    private static func reserve() throws -> Case {
        var world = World()
        world.policy.reserve = .hosts(1)
        for name in ["a", "b"] { world.add(host: name) }
        world.add(try workload("x", cpu: 600), on: "a")
        world.add(try workload("w", cpu: 500), on: nil)
        return Case(
            testDescription: "reserve", world: world,
            misfit: .reserve(short: Resources(cpu: CPU(millicores: 600), memory: .mebibytes(100))),
            flips: [[.reserve(0)]])
    }

    // MARK: Tests

    private func verdict(of world: World, after changes: [Flip.Change] = []) -> HostVerdict? {
        var supposed = Supposed(world.snapshot, world.policy)
        supposed.make(changes)
        return Planner(policy: supposed.policy, changed: .zero)
            .explain(Self.w, in: supposed.snapshot).first { $0.host == Self.b }
    }

    @Test("a refusal names what would lift it", arguments: try cases.get())
    func named(_ sample: Case) throws {
        let verdict = try #require(self.verdict(of: sample.world))
        #expect(verdict.misfit == sample.misfit)
        #expect(verdict.flips.map(\.changes) == sample.flips)
    }

    @Test("what is named lifts it, and nothing less does", arguments: try cases.get())
    func exact(_ sample: Case) throws {
        for changes in sample.flips {
            #expect(verdict(of: sample.world, after: changes).map { $0.misfit == nil } == true)
            for less in Flip(changes).lesser(than: sample.world.policy) {
                let after = try #require(self.verdict(of: sample.world, after: less))
                #expect(after.misfit != nil, "\(less)")
            }
        }
    }
}
