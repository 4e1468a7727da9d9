import ClusterModel
import ControlCore
import PlanAudit
import Planner
import Testing

/// What CRIU refused once is a fact about a program and the software of its host, for a day.
@Suite struct CheckpointRefusalTests {
    private static let now = Instant(milliseconds: 1_000_000)
    private static let policy = Policy(
        mode: .off, demand: .reserved, reserve: .hosts(0), rest: .zero)
    private static let why = "Can't dump file 3 of that type [20600] (chr 10:200)"

    private static func host(_ name: String, kernel: String = "6.18.2", criu: String = "4.2.1")
        -> Host
    {
        let details: [Capability.Name: String] = [
            .podman: "Podman 5.4.2", .network: "yes", .checkpoint: "CRIU \(criu)",
        ]
        return Host(
            id: HostID(name), labels: .none,
            capacity: Capacity(
                total: Resources(
                    cpu: CPU(millicores: 4_000), memory: .gibibytes(4), disk: .gibibytes(10)),
                kernel: kernel,
                capabilities: details.map { Capability($0, available: true, detail: $1) }),
            state: .ready)
    }

    private static func workload(
        _ name: String = "web", command: [String] = ["serve"],
        environment: [Program.Variable] = [], volumes: [Storage.Volume] = [],
        labels: Labels = .none, allow: [MoveMode] = [.live]
    ) throws -> Workload {
        try Workload(
            kind: .container, name: WorkloadID(name), labels: labels, image: .named("image"),
            program: Program(command: command, environment: environment),
            storage: Storage(volumes: volumes),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)),
            move: MovePreference(allow: allow))
    }

    private static func refusal(
        _ work: CheckpointVerdict.Work, of workload: Workload, by host: Host,
        until: Instant = now.advanced(by: .seconds(60))
    ) throws -> CheckpointRefusal {
        CheckpointRefusal(
            program: try #require(CheckpointedProgram(workload)),
            software: try #require(CheckpointSoftware(host.capacity)),
            verdict: CheckpointVerdict(work, reason: why), until: until)
    }

    private static func snapshot(
        _ workload: Workload, on home: String = "a", _ hosts: [Host],
        _ refusals: [CheckpointRefusal]
    ) -> Snapshot {
        let instance = Instance(
            id: workload.instance(0), workload: workload.name, index: 0, host: HostID(home),
            observed: .running)
        return Snapshot(
            revision: Revision(2), takenAt: now,
            hosts: hosts.map { Snapshot.HostView(host: $0, changed: Revision(1)) },
            instances: [
                Snapshot.InstanceView(instance: instance, workload: workload, changed: Revision(1))
            ], refusals: CheckpointRefusals(refusals, at: now))
    }

    private static func plan(
        _ snapshot: Snapshot, to target: String, named mode: MoveMode? = nil
    ) throws -> Plan {
        try Planner(policy: policy, changed: .zero).move(
            InstanceID("web-0"), to: HostID(target), mode: mode, in: snapshot, id: PlanID("p-1"),
            seed: 1)
    }

    private static func mode(of plan: Plan) -> MoveMode? {
        guard case .move(_, _, _, let mode) = plan.steps.first?.action else { return nil }
        return mode
    }

    @Test func aProgramIsWhatItsProcessesComeFrom() throws {
        let web = try #require(CheckpointedProgram(try Self.workload()))
        let other = try Self.workload(
            "other", labels: Labels([Label(name: "app", value: "x")]), allow: [.restart])
        #expect(CheckpointedProgram(other) == web)
        let volume = try Storage.Volume(name: "data", path: "/data")
        let others = [
            try Self.workload(command: ["serve", ""]), try Self.workload(command: ["serv", "e"]),
            try Self.workload(environment: [.init(name: "UV_USE_IO_URING", value: "0")]),
            try Self.workload(environment: [.init(name: "UV_USE_IO_URING", value: "1")]),
            try Self.workload(command: [], environment: [.init(name: "serve", value: "")]),
            try Self.workload(volumes: [volume]),
        ].map(CheckpointedProgram.init)
        #expect(Set(others + [web]).count == others.count + 1)
        let machine = try Workload(
            kind: .vm, name: WorkloadID("web"), image: .named("image"),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        #expect(CheckpointedProgram(machine) == nil)
    }

    @Test func itIsTheSourceThatWritesAndTheTargetThatReads() throws {
        let (old, new) = (Self.host("a"), Self.host("b", kernel: "6.19"))
        let web = try Self.workload()
        func between(_ work: CheckpointVerdict.Work, by host: Host) throws -> [Bool] {
            let refusals = CheckpointRefusals(
                [try Self.refusal(work, of: web, by: host)], at: Self.now)
            return [(old, new), (new, old)].map { source, target in
                LiveMoveObstacle.between(source, target, for: web, refusals) == nil
            }
        }
        #expect(try between(.checkpoint, by: old) == [false, true])
        #expect(try between(.checkpoint, by: new) == [true, false])
        #expect(try between(.restore, by: old) == [true, false])
        #expect(try between(.restore, by: new) == [false, true])
        #expect(try between(.checkpoint, by: Self.host("c", criu: "4.1")) == [true, true])
    }

    @Test func itIsOverAtItsEnd() throws {
        let (a, b) = (Self.host("a"), Self.host("b"))
        let web = try Self.workload()
        let refusal = try Self.refusal(.checkpoint, of: web, by: a)
        let snapshot = Self.snapshot(web, [a, b], [refusal])
        #expect(snapshot.refusals.entries == [refusal])
        var supposed = Supposed(snapshot, Self.policy)
        supposed.make(.wait(until: refusal.until))
        #expect(supposed.snapshot.refusals.isEmpty)
        #expect(Self.mode(of: try Self.plan(supposed.snapshot, to: "b")) == .live)
    }

    @Test func anotherWayIsTakenWhereTheSpecHasOne() throws {
        let (a, b) = (Self.host("a"), Self.host("b"))
        func mode(_ allow: [MoveMode], named: MoveMode? = nil) throws -> MoveMode? {
            let web = try Self.workload(allow: allow)
            let snapshot = Self.snapshot(
                web, [a, b], [try Self.refusal(.checkpoint, of: web, by: a)])
            let plan = try Self.plan(snapshot, to: "b", named: named)
            #expect(PlanAudit(policy: Self.policy).violations(of: plan, in: snapshot).isEmpty)
            return Self.mode(of: plan)
        }
        #expect(try mode([.live, .relocate, .restart]) == .relocate)
        #expect(try mode([.live, .restart]) == .restart)
        let web = try Self.workload()
        let refused = PlanningFailure.refused(
            InstanceID("web-0"),
            [
                Rationale.Refusal(
                    host: HostID("b"),
                    misfit: .move(.unwritable(try Self.refusal(.checkpoint, of: web, by: a))))
            ])
        #expect(throws: refused) { try mode([.live]) }
        #expect(throws: refused) { try mode([.live, .restart], named: .live) }
    }

    /// Hosts that differ in their kernels alone are told apart, also where tables are made of kinds of hosts.
    @Test func itHoldsForTheKernelsThatItWasSeenOn() throws {
        let hosts = [
            Self.host("a"), Self.host("b"), Self.host("c", kernel: "6.19"),
            Self.host("d", kernel: "6.19"),
        ]
        let web = try Self.workload(allow: [.live, .restart])
        let refusal = try Self.refusal(.checkpoint, of: web, by: hosts[0])
        func mode(from source: String, to target: String, _ workload: Workload) throws -> MoveMode?
        {
            Self.mode(
                of: try Self.plan(
                    Self.snapshot(workload, on: source, hosts, [refusal]), to: target))
        }
        #expect(try mode(from: "a", to: "b", web) == .restart)
        #expect(try mode(from: "a", to: "c", web) == .restart)
        #expect(try mode(from: "c", to: "a", web) == .live)
        #expect(try mode(from: "c", to: "d", web) == .live)
        let other = try Self.workload(command: ["other"], allow: [.live, .restart])
        #expect(try mode(from: "a", to: "b", other) == .live)
    }

    @Test func theAuditKnowsOfItByItself() throws {
        let (a, b) = (Self.host("a"), Self.host("b"))
        let web = try Self.workload(allow: [.live, .restart])
        let plan = try Self.plan(Self.snapshot(web, [a, b], []), to: "b")
        #expect(Self.mode(of: plan) == .live)
        let taught = Self.snapshot(web, [a, b], [try Self.refusal(.restore, of: web, by: b)])
        let found = PlanAudit(policy: Self.policy).violations(of: plan, in: taught)
        let refused = MoveRefusal.notAllowed(
            allowed: [.live, .restart], possible: [.relocate, .restart])
        #expect(
            found.contains(.notMovable(plan.steps[0].id, InstanceID("web-0"), refused)), "\(found)")
    }

    @Test func explainSaysWhoRefusedWhatAndUntilWhen() throws {
        let (a, b) = (Self.host("a"), Self.host("b"))
        let web = try Self.workload()
        let snapshot = Self.snapshot(
            web, [a, b], [try Self.refusal(.checkpoint, of: web, by: a)])
        let verdicts = Planner(policy: Self.policy, changed: .zero)
            .explain(InstanceID("web-0"), in: snapshot)
        let verdict = try #require(verdicts.first { $0.host == HostID("b") })
        let words =
            "CRIU 4.2.1 on Linux 6.18.2 refused to write down this program: \(Self.why); "
            + "tried again after 1970-01-01T00:17:40Z"
        #expect(verdict.obstacle == words)
        guard case .move(.unwritable(let refusal)) = verdict.misfit else {
            Issue.record("\(String(describing: verdict.misfit))")
            return
        }
        #expect(refusal.words == words)
        let flip = Flip([.allow(web.name, .relocate)])
        #expect(verdict.flips == [flip], "\(verdict.flips)")
        var supposed = Supposed(snapshot, Self.policy)
        supposed.make(flip.changes)
        #expect(Self.mode(of: try Self.plan(supposed.snapshot, to: "b")) == .relocate)
    }

    // MARK: What the engine keeps

    @Test func whatIsOverIsForgotten() throws {
        let web = try Self.workload()
        let a = Self.host("a")
        var state = ClusterState()
        let ends = [1, 2, 9].map { Self.now.advanced(by: .seconds($0)) }
        let refusals = try zip(["x", "y", "z"], ends).map { command, until in
            try Self.refusal(
                .checkpoint, of: try Self.workload(command: [command]), by: a, until: until)
        }
        for refusal in refusals { state.apply(.putRefusal(refusal), at: Revision(1)) }
        #expect(state.refusals.count == 3 && CheckpointedProgram(web) != refusals[0].program)
        var engine = ClusterEngine(state: state, now: Self.now, seed: 1)
        _ = engine.handle(.tick, at: ends[1])
        #expect(engine.state.refusals.values.map(\.self) == [refusals[2]])
        #expect(engine.snapshot().refusals.entries == [refusals[2]])
    }

    /// Whatever agents say, no more than so many are kept, and no reason is longer than so much.
    @Test func whatIsKeptIsBounded() throws {
        let a = Self.host("a")
        let web = try Self.workload()
        var state = ClusterState()
        for number in 0..<ControlLimits.keptRefusals {
            let refusal = try Self.refusal(
                .checkpoint, of: try Self.workload(command: ["\(number)"]), by: a,
                until: Self.now.advanced(by: .seconds(100 + (number + 7) % 256)))
            state.apply(.putRefusal(refusal), at: Revision(1))
        }
        let oldest = try #require(state.refusals.values.min { $0.until < $1.until }?.id)
        var engine = try Self.moving(web, state, a)
        let said = CheckpointVerdict(
            .checkpoint, reason: "one\ntwo " + String(repeating: "x", count: 999))
        #expect(
            said.reason.count == CheckpointVerdict.longestReason
                && said.reason.hasPrefix("one two "))
        for host in ["b", "a"] {
            _ = engine.handle(
                .said(
                    HostID(host), SessionID(1),
                    .move(MoveID("m-1"), .copy, undo: false, failure: "no", verdict: said)),
                at: Self.now)
            // The target writes nothing down.
            #expect(engine.state.refusals.values.contains { $0.verdict == said } == (host == "a"))
        }
        #expect(engine.state.refusals.count == ControlLimits.keptRefusals)
        #expect(engine.state.refusals[oldest] == nil)
        let learnt = try #require(engine.state.refusals.values.first { $0.verdict == said })
        #expect(learnt.program == CheckpointedProgram(web))
        #expect(learnt.until == Self.now.advanced(by: ControlLimits.refusalMemory))
    }

    /// An engine of which `web-0` is being written down on a, for b.
    private static func moving(
        _ web: Workload, _ state: ClusterState, _ host: Host
    ) throws -> ClusterEngine {
        var state = state
        for name in ["a", "b"] {
            state.apply(.putHost(HostRecord(id: HostID(name))), at: Revision(2))
        }
        state.apply(.putWorkload(web), at: Revision(2))
        let instance = Instance(
            id: web.instance(0), workload: web.name, index: 0, host: HostID("a"),
            generation: Generation(2), observed: .running)
        state.apply(.putInstance(instance), at: Revision(2))
        let move = Move(
            id: MoveID("m-1"), instance: instance.id, kind: .container, source: HostID("a"),
            target: HostID("b"), mode: .live, generation: Generation(2), plan: nil)
        state.apply(
            .putMove(MoveRecord(move: move, phase: .copy, beganAt: now)), at: Revision(2))
        var engine = ClusterEngine(state: state, now: now, seed: 1)
        for name in ["a", "b"] {
            _ = engine.handle(
                .connected(
                    HostID(name), SessionID(1),
                    AgentHello(
                        version: "1", capacity: host.capacity, labels: .none, address: "\(name):1")
                ), at: now)
        }
        return engine
    }
}
