import CLI
import ClusterModel
import Foundation
import Testing
import Wire

/// What people read, compared with a file; REWRITE=1 writes the files anew, then read the diff.
@Suite struct GoldenTests {
    static let scripts: [(file: String, command: [String])] = [
        ("hosts", ["hosts"]), ("hosts-wide", ["hosts", "-o", "wide"]), ("plan", ["plan"]),
        ("explain", ["explain", "web-0"]), ("instances", ["get", "instances"]),
        ("workloads", ["get"]),
        ("moves", ["moves"]), ("policy", ["policy"]), ("describe-host", ["describe", "lab-1"]),
        ("describe-instance", ["describe", "mail-0"]), ("events", ["events"]),
        ("images", ["image"]),
    ]

    @Test("tables", arguments: scripts)
    func golden(file: String, command: [String]) async throws {
        let ending = await Desk().run(command, try .sample())
        #expect(ending.status == .done, "\(ending.errors)")
        try compare(ending.output, with: file)
    }

    @Test("a pack from its plan to its end")
    func pack() async throws {
        let ending = await Desk().run(["pack", "--yes"], try .sample())
        try compare(ending.output + "---- standard error\n" + ending.errors, with: "pack")
    }

    @Test("a program that CRIU refused before, and what would help")
    func unwritable() async throws {
        let summary = Fixtures.explanation.instance
        let words = Fixtures.unwritable.words
        let room = Resources(cpu: CPU(millicores: 500), memory: .gibibytes(1))
        let reply = ExplainReply(
            instance: summary,
            verdicts: [
                HostVerdict(
                    host: HostID("lab-1"), misfit: .move(.unwritable(Fixtures.unwritable)),
                    room: room, obstacle: words,
                    flips: [Flip([.allow(WorkloadID("web"), .restart)])]),
                HostVerdict(host: HostID("lab-2"), current: true, room: room),
                HostVerdict(
                    host: HostID("lab-3"), room: room, mode: .restart, obstacle: words, rank: 1),
            ], lastDecision: nil)
        var access = try ClusterAccess.sample()
        access.explain = { _ in reply }
        try compare(await Desk().run(["explain", "web-0"], access).output, with: "explain-refused")
    }

    @Test("a plan that gains nothing, with a gap")
    func nothing() async throws {
        var access = try ClusterAccess.sample()
        access.makePlan = { _ in .init(plan: Fixtures.emptyPlan, state: .stored) }
        let ending = await Desk().run(["pack"], access)
        #expect(ending.status == .done)
        try compare(ending.output, with: "plan-nothing")
    }

    @Test("many refused hosts are counted by rule")
    func counted() async throws {
        let refusals = (0..<40).map { index -> (String, Misfit) in
            (
                "h\(index)",
                index < 38
                    ? .memory(short: .mebibytes(UInt64(index))) : .apart(from: InstanceID("a-0"))
            )
        }
        let plan = Plan(
            id: PlanID("p9"), reason: .place, parent: .zero, reads: [],
            steps: [Step(id: .init(0), action: .start(InstanceID("b-0"), on: HostID("h40")))],
            rationale: [
                Fixtures.rationale("b-0", .placed(on: HostID("h40"), because: .fullest), refusals),
                Fixtures.rationale("c-0", .pending),
            ], bound: .init(before: 41, after: 41, lower: 41))
        var access = try ClusterAccess.sample()
        access.makePlan = { _ in .init(plan: plan, state: .stored) }
        try compare(await Desk().run(["plan"], access).output, with: "plan-counted")
    }

    @Test("a plan for which some give way, with the next best hosts")
    func displaces() async throws {
        let full = HostVerdict.Score(
            missing: 0, isEmpty: false, fullness: .percent(90), resource: "cpu")
        let empty = HostVerdict.Score(
            missing: 1, isEmpty: true, fullness: .percent(40), resource: "memory")
        let plan = Plan(
            id: PlanID("place-7"), reason: .place, parent: Revision(41), reads: [],
            steps: [
                Fixtures.move(0, "mail-0", from: "lab-1", to: "lab-3"),
                Step(id: Step.StepID(1), action: .stop(InstanceID("job-0"), on: HostID("lab-1"))),
                Step(
                    id: Step.StepID(2), action: .start(InstanceID("king-0"), on: HostID("lab-1")),
                    after: [Step.StepID(0), Step.StepID(1)]),
            ],
            rationale: [
                Rationale(
                    instance: InstanceID("job-0"),
                    decision: .stopped(
                        on: HostID("lab-1"), because: .displaced(by: InstanceID("king-0"))),
                    refusals: [
                        .init(host: HostID("lab-3"), misfit: .cpu(short: CPU(millicores: 300)))
                    ]),
                Rationale(
                    instance: InstanceID("king-0"),
                    decision: .placed(
                        on: HostID("lab-1"),
                        because: .displaces([InstanceID("job-0"), InstanceID("mail-0")])),
                    refusals: [], standing: .init(score: full)),
                Rationale(
                    instance: InstanceID("mail-0"),
                    decision: .moved(
                        from: HostID("lab-1"), to: HostID("lab-3"),
                        because: .displaced(by: InstanceID("king-0"))),
                    refusals: [],
                    standing: .init(
                        score: full, runnerUp: .init(host: HostID("lab-4"), score: empty))),
            ], bound: Plan.Bound(before: 2, after: 2, lower: 2))
        var access = try ClusterAccess.sample()
        access.makePlan = { _ in .init(plan: plan, state: .stored) }
        try compare(await Desk().run(["plan"], access).output, with: "plan-displaces")
    }

    @Test("a narrow terminal cuts the widest text, and colours only mark what words say")
    func narrow() async throws {
        let terminal = Terminal(outputIsTerminal: true, width: 60)
        let plain = Desk(
            terminal: terminal, environment: ["HUDDLE_CONTEXT": "/c/admin.yaml", "NO_COLOR": "1"])
        let output = await plain.run(["plan"], try .sample()).output
        let rows = output.split(separator: "\n")
        #expect(rows.prefix(4).allSatisfy { $0.count <= 72 }, "\(output)")
        #expect(!output.contains("\u{1B}"))
        let coloured = await Desk(terminal: terminal).run(["hosts"], try .sample()).output
        #expect(coloured.contains("\u{1B}[32mready\u{1B}[0m"))
    }

    private func compare(_ text: String, with name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/\(name).txt")
        if ProcessInfo.processInfo.environment["REWRITE"] == "1" {
            try Data(text.utf8).write(to: file)
            return
        }
        let expected = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        #expect(text == expected, "REWRITE=1 swift test --filter GoldenTests, then read the diff")
    }
}
