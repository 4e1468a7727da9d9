import CLI
import ClusterModel
import RPC
import Specs
import Testing
import Wire

@Suite struct CommandTests {
    private static let spec = "kind: container\nname: web\nimage: i\nsize: {cpu: 1, memory: 1GiB}\n"

    @Test("apply reads files, directories and standard input")
    func sources() async throws {
        let files = [
            "/d/b.yaml": Self.spec, "/d/a.yml": Self.spec.replacing("web", with: "mail"),
            "/d/README.md": "no",
            "-": Self.spec.replacing("web", with: "third"),
        ]
        let desk = Desk(files: files)
        let ending = await desk.run(
            ["apply", "-f", "/d", "-f", "-", "--on", "lab-1"], try .sample(desk))
        #expect(ending.status == .done, "\(ending.errors)")
        #expect(desk.noted == [#"apply ["mail", "web", "third"] false lab-1"#])
    }

    @Test("one bad file and nothing is sent")
    func badFile() async throws {
        let desk = Desk(files: [
            "/d/a.yaml": Self.spec, "/d/b.yaml": "kind: vm\nsize: {memory: 5}\n",
        ])
        let ending = await desk.run(["apply", "-f", "/d/"], try .sample(desk))
        #expect(ending.status == .failed && desk.noted.isEmpty)
        #expect(
            ending.errors.hasPrefix(
                "error: nothing was applied\nwhy: /d/b.yaml:1:1: name: is missing\n"))
        #expect(
            ending.errors.contains(
                "why: /d/b.yaml:2:16: size.memory: '5' has no unit (write 5MiB)\n"))
        #expect(ending.errors.hasSuffix("try: correct the 4 places and run the command again\n"))
    }

    @Test("the diff, and what has no room")
    func pending() async throws {
        let desk = Desk(files: ["/w.yaml": Self.spec])
        var access = try ClusterAccess.sample(desk)
        access.apply = { _ in
            ApplyReply(
                changes: [
                    WorkloadChange(workload: WorkloadID("mail"), kind: .none),
                    WorkloadChange(
                        workload: WorkloadID("web"), kind: .replaced,
                        differences: ["size.cpu 300m -> 1"],
                        starts: [InstanceID("web-1")], replaces: [InstanceID("web-0")]),
                ],
                pending: [
                    Fixtures.rationale(
                        "web-1", .pending, [("lab-1", .cpu(short: CPU(millicores: 200)))])
                ], revision: Revision(1))
        }
        let ending = await desk.run(["apply", "-f", "/w.yaml"], access)
        #expect(ending.status == .notPlaced)
        #expect(
            ending.output == """
                mail unchanged
                web replaced
                  size.cpu 300m -> 1
                  starts web-1
                  replaces, one at a time, web-0

                """)
        #expect(
            ending.errors == """
                error: accepted, and no host can have 1 instance now: web-1
                why: web-1: lab-1: CPU short by 200m
                try: huddle explain web-1 shows each host; it starts as soon as one can have it

                """)
    }

    @Test("--wait sees the replacement through and is bounded")
    func wait() async throws {
        let desk = Desk(files: ["/w.yaml": Self.spec])
        var access = try ClusterAccess.sample(desk)
        access.apply = { _ in
            ApplyReply(
                changes: [
                    .init(
                        workload: WorkloadID("web"), kind: .replaced,
                        replaces: [InstanceID("web-0")])
                ],
                revision: Revision(1))
        }
        let states: [(UInt64, Instance.Observed)] = [
            (3, .running), (3, .running), (4, .starting), (4, .running),
        ]
        let queue = Queue(states)
        access.listInstances = { _ in
            ListInstancesReply(instances: [Self.web(queue.next() ?? (9, .stopped))])
        }
        let ending = await desk.run(["apply", "-f", "/w.yaml", "--wait"], access)
        #expect(ending.status == .done, "\(ending.errors)")
        #expect(
            ending.errors
                == "web-0: running on lab-1\nweb-0: starting on lab-1\nweb-0: running on lab-1\n")
        access.listInstances = { _ in ListInstancesReply(instances: [Self.web((3, .starting))]) }
        let late = await Desk(files: ["/w.yaml": Self.spec]).run(
            ["apply", "-f", "/w.yaml", "--wait"], access)
        #expect(
            late.status == .timedOut && late.errors.contains("why: web-0 is starting on lab-1\n"))
        let failing: [(UInt64, Instance.Observed)] = [
            (3, .running), (4, .failed(reason: "no image")),
        ]
        let ends = Queue(failing)
        access.listInstances = { _ in
            ListInstancesReply(instances: [Self.web(ends.next() ?? (9, .stopped))])
        }
        let failed = await Desk(files: ["/w.yaml": Self.spec]).run(
            ["apply", "-f", "/w.yaml", "--wait"], access)
        #expect(
            failed.status == .failed
                && failed.errors.contains("error: web-0 failed\nwhy: no image\n"))
    }

    private static func web(_ state: (generation: UInt64, observed: Instance.Observed))
        -> InstanceSummary
    {
        InstanceSummary(
            instance: Instance(
                id: InstanceID("web-0"), workload: WorkloadID("web"), index: 0,
                host: HostID("lab-1"),
                generation: Generation(state.generation), observed: state.observed),
            kind: .container, reserved: .zero)
    }

    @Test(
        "plans are asked for as the command says",
        arguments: [
            (["plan"], "plan pack - -"), (["plan", "--drain", "lab-1"], "plan drain(lab-1) - -"),
            (["plan", "--relieve", "lab-1"], "plan relieve(lab-1) - -"),
            (["plan", "--repair"], "plan repair - -"),
            (
                ["migrate", "web", "--to", "lab-1", "--mode", "restart"],
                "plan move(web-0) lab-1 restart"
            ),
            (["policy", "set", "ceiling.cpu=85%", "reserve=0"], "policy 85% 0"),
            (["pack", "--pause"], "pause true"), (["pack", "--resume"], "pause false"),
            (["token", "create"], "token 1h"),
            (["token", "create", "--ttl", "10m"], "token 10m"),
        ])
    func requests(command: [String], call: String) async throws {
        let desk = Desk()
        let ending = await desk.run(command, try .sample(desk))
        #expect(ending.status == .done, "\(ending.errors)")
        #expect(desk.noted.contains(call), "\(desk.noted)")
    }

    @Test("the token alone is on standard output")
    func token() async throws {
        let ending = await Desk().run(["token", "create"], try .sample())
        #expect(ending.output == "huddle1.abc\n")
        #expect(ending.errors.contains("2026-01-02T04:04:05Z"))
    }

    @Test("settings that are wrong change none")
    func policy() async throws {
        let desk = Desk()
        let ending = await desk.run(
            ["policy", "set", "celing.cpu=9%", "rest=1h"], try .sample(desk))
        #expect(ending.status == .failed && desk.noted.isEmpty)
        #expect(
            ending.errors == """
                error: no setting was changed
                why: celing.cpu: unknown policy key 'celing.cpu'
                try: did you mean 'ceiling.cpu'?

                """)
    }

    @Test(
        "how a plan ends is how its command ends",
        arguments: [
            (PlanState.failed, 1), (.stale, 5), (.running, 7),
        ] as [(PlanState, Int32)])
    func plans(state: PlanState, code: Int32) async throws {
        var access = try ClusterAccess.sample()
        access.runPlan = { _ in incoming([PlanProgress(state: state, reason: "lab-1 changed")]) }
        let ending = await Desk().run(["pack", "--yes"], access)
        #expect(ending.status.code == code)
        access.getPlan = { _ in
            PlanReply(plan: Fixtures.plan, state: .stale, reason: "lab-1 changed")
        }
        let stale = await Desk().run(["pack", "--plan", "p7", "--yes"], access)
        #expect(
            stale.status == .conflict && stale.errors.contains("why: it is stale: lab-1 changed"))
    }

    @Test("a move that cannot be says why")
    func migrate() async throws {
        let plan = Plan(
            id: PlanID("p"), reason: .move(InstanceID("web-0")), parent: .zero, reads: [],
            steps: [],
            rationale: [
                Fixtures.rationale(
                    "web-0", .stays(on: HostID("lab-2"), because: .hostStays),
                    [("lab-1", .move(.notAllowed(allowed: [.live], possible: [.restart])))])
            ], bound: .init(before: 1, after: 1, lower: 1))
        var access = try ClusterAccess.sample()
        access.makePlan = { _ in PlanReply(plan: plan, state: .stored) }
        let ending = await Desk().run(["migrate", "web-0"], access)
        #expect(ending.status == .conflict)
        #expect(
            ending.errors.contains(
                "why: lab-1: its spec allows live moves, and between these hosts only restart is possible\n"
            ))
    }

    @Test("a move that CRIU refused before says by what, why and until when")
    func migrateUnwritable() async throws {
        let plan = Plan(
            id: PlanID("p"), reason: .move(InstanceID("web-0")), parent: .zero, reads: [],
            steps: [],
            rationale: [
                Fixtures.rationale(
                    "web-0", .stays(on: HostID("lab-2"), because: .hostStays),
                    [("lab-1", .move(.unwritable(Fixtures.unwritable)))])
            ], bound: .init(before: 1, after: 1, lower: 1))
        var access = try ClusterAccess.sample()
        access.makePlan = { _ in PlanReply(plan: plan, state: .stored) }
        let ending = await Desk().run(["migrate", "web-0"], access)
        #expect(ending.status == .conflict)
        #expect(
            ending.errors.contains(
                "why: lab-1: CRIU 4.2.1 on Linux 6.18 refused to write down this program: "
                    + "Can't dump file 3 of that type; tried again after 1970-01-01T00:00:00Z\n"),
            "\(ending.errors)")
    }

    @Test("a relocation that only the spec can allow is told apart from one that is not possible")
    func relocate() async throws {
        func words(_ possible: [MoveMode]) async throws -> String {
            let plan = Plan(
                id: PlanID("p"), reason: .move(InstanceID("web-0")), parent: .zero, reads: [],
                steps: [],
                rationale: [
                    Fixtures.rationale(
                        "web-0", .stays(on: HostID("lab-2"), because: .hostStays),
                        [("lab-1", .move(.notAllowed(allowed: [.live], possible: possible)))])
                ], bound: .init(before: 1, after: 1, lower: 1))
            var access = try ClusterAccess.sample()
            access.makePlan = { _ in PlanReply(plan: plan, state: .stored) }
            return await Desk().run(["migrate", "web-0", "--mode", "relocate"], access).errors
        }
        #expect(
            try await words([.live, .relocate, .restart]).contains(
                "lab-1: its spec allows live moves, and only a spec can allow one with two copies"))
        #expect(
            try await words([.relocate, .restart]).contains(
                "lab-1: its spec allows live moves, and between these hosts only relocate and restart is possible"
            ))
    }

    @Test("an image goes out in pieces, its header first")
    func image() async throws {
        let tar =
            String(repeating: "x", count: 257) + "ustar" + String(repeating: "y", count: 600_000)
        let desk = Desk(files: ["/i.tar": tar, "/k": "kernel", "/i": "initrd!", "/t": "text"])
        let ending = await desk.run(["image", "add", "web", "/i.tar"], try .sample(desk))
        #expect(ending.status == .done, "\(ending.errors)")
        #expect(
            desk.noted == [
                "image web archive [600262]", "262144 bytes", "262144 bytes", "75974 bytes",
            ])
        let pair = Desk(files: ["/k": "kernel", "/i": "initrd!"])
        _ = await pair.run(
            ["image", "add", "guest", "--kernel", "/k", "--initrd", "/i", "--append", "quiet"],
            try .sample(pair))
        #expect(pair.noted == ["image guest kernel [6, 7]", "6 bytes", "7 bytes"])
        let text = await desk.run(["image", "add", "web", "/t"], try .sample(desk))
        #expect(
            text.status == .failed
                && text.errors.contains("/t is neither a qcow2 disk nor a tar archive"))
    }
}
