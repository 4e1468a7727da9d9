import ClusterModel
import PlanAudit
import Planner
import Testing

/// A live move that would never end is not planned: what the spec allows besides is, or nothing.
@Suite struct EndlessMoveTests {
    static let policy = Policy(
        mode: .off, demand: .reserved, reserve: .hosts(0), rest: .zero)

    /// One VM on a that writes 200 MB/s to 64 MiB, and an empty host b.
    static func snapshot(
        allow: [MoveMode], rate: UInt64 = 200_000_000, bandwidth: UInt64 = 64 << 20,
        age: Duration = .seconds(1)
    ) throws -> Snapshot {
        try snapshot(MovePreference(allow: allow), rate: rate, bandwidth: bandwidth, age: age)
    }

    static func snapshot(
        _ preference: MovePreference, rate: UInt64 = 200_000_000, bandwidth: UInt64 = 64 << 20,
        age: Duration = .seconds(1), postcopy: [String] = []
    ) throws -> Snapshot {
        let hosts = ["a", "b"].map { name in
            Snapshot.HostView(
                host: Host(
                    id: HostID(name), labels: .none,
                    capacity: Capacity(
                        total: Resources(
                            cpu: CPU(millicores: 4_000), memory: .gibibytes(4),
                            disk: .gibibytes(10)),
                        capabilities: [Capability.Name.qemu, .network].map {
                            Capability($0, available: true, detail: "10.0")
                        } + [
                            Capability(.postcopy, available: postcopy.contains(name), detail: "")
                        ]),
                    state: .ready), changed: Revision(1))
        }
        let workload = try Workload(
            kind: .vm, name: WorkloadID("db"), image: .named("image"),
            size: Resources(cpu: CPU(millicores: 500), memory: .mebibytes(256)),
            move: preference)
        let load = MoveLoad(
            at: Instant(milliseconds: 0), memory: .mebibytes(128),
            changes: MoveLoad.Changes(rate: BytesPerSecond(rate), set: .mebibytes(64)))
        let view = Snapshot.InstanceView(
            instance: Instance(
                id: InstanceID("db-0"), workload: workload.name, index: 0, host: HostID("a"),
                observed: .running),
            workload: workload, changed: Revision(1), load: load)
        let way = MoveLinks.Way(
            source: HostID("a"), target: HostID("b"), kind: .vm, mode: .live)
        let link = MoveLink(
            bandwidth: BytesPerSecond(bandwidth), setup: .zero, halt: .zero, moves: 1,
            learntAt: Instant(milliseconds: 0).advanced(by: age))
        return Snapshot(
            revision: Revision(2), takenAt: Instant(milliseconds: 0).advanced(by: age),
            hosts: hosts,
            instances: [view], links: MoveLinks([MoveLinks.Entry(way: way, link: link)]))
    }

    static func plan(_ snapshot: Snapshot, named mode: MoveMode? = nil) throws -> Plan {
        try Planner(policy: policy, changed: .zero).move(
            InstanceID("db-0"), to: HostID("b"), mode: mode, in: snapshot, id: PlanID("p-1"),
            seed: 1)
    }

    static func mode(of plan: Plan) -> MoveMode? {
        guard case .move(_, _, _, let mode) = plan.steps.first?.action else { return nil }
        return mode
    }

    @Test func itGoesTheWayThatTheSpecAllowsBesides() throws {
        let snapshot = try Self.snapshot(allow: [.live, .restart])
        let plan = try Self.plan(snapshot)
        #expect(Self.mode(of: plan) == .restart)
        let calm = try Self.snapshot(allow: [.live, .restart], rate: 20_000_000)
        #expect(Self.mode(of: try Self.plan(calm)) == .live)
        // What was measured long ago says nothing of now.
        let old = try Self.snapshot(allow: [.live, .restart], age: .seconds(901))
        #expect(Self.mode(of: try Self.plan(old)) == .live)
        // It is a matter of the way: a faster one ends.
        let fast = try Self.snapshot(allow: [.live, .restart], bandwidth: 1 << 30)
        #expect(Self.mode(of: try Self.plan(fast)) == .live)
    }

    @Test func itStaysWhereNothingElseIsAllowed() throws {
        #expect(throws: PlanningFailure.self) {
            try Self.plan(Self.snapshot(allow: [.live]))
        }
        #expect(throws: PlanningFailure.self) {
            try Self.plan(Self.snapshot(allow: [.live, .restart]), named: .live)
        }
    }

    @Test func whoIsSupposedToWaitIsMeasuredThenToo() throws {
        let snapshot = try Self.snapshot(allow: [.live])
        let id = InstanceID("db-0")
        var supposed = Supposed(snapshot, Self.policy)
        supposed.make(.wait(until: snapshot.takenAt.advanced(by: .seconds(200_000))))
        let view = try #require(supposed.snapshot.instance(id))
        let (source, target) = (HostID("a"), HostID("b"))
        #expect(
            supposed.snapshot.endless(view, from: source, to: target)
                == snapshot.endless(
                    try #require(snapshot.instance(id)), from: source, to: target))
        #expect(supposed.snapshot.endless(view, from: source, to: target) != nil)
    }

    @Test func explainSaysItInNumbers() throws {
        let planner = Planner(policy: Self.policy, changed: .zero)
        let verdicts = planner.explain(
            InstanceID("db-0"), in: try Self.snapshot(allow: [.live, .restart]))
        let away = try #require(verdicts.first { $0.host == HostID("b") })
        #expect(away.obstacle?.contains("191 MiB/s") == true)
        #expect(away.mode == .restart)
        #expect(away.forecast?.mode == .restart)
        let calm = planner.explain(
            InstanceID("db-0"), in: try Self.snapshot(allow: [.live], rate: 20_000_000))
        let open = try #require(calm.first { $0.host == HostID("b") })
        #expect(open.obstacle == nil)
        #expect(open.forecast?.endless == nil)
    }

    @Test func theAuditFindsAPlanThatCountsOnIt() throws {
        let calm = try Self.snapshot(allow: [.live], rate: 20_000_000)
        let plan = try Self.plan(calm)
        #expect(PlanAudit(policy: Self.policy).violations(of: plan, in: calm).isEmpty)
        let busy = try Self.snapshot(allow: [.live])
        #expect(!PlanAudit(policy: Self.policy).violations(of: plan, in: busy).isEmpty)
    }

    @Test func itGoesByPostcopyWhereSpecAndBothHostsHaveThat() throws {
        let wanted = MovePreference(allow: [.live, .restart], converge: [.postcopy, .restart])
        func forecast(_ snapshot: Snapshot) throws -> MoveForecast {
            snapshot.forecast(
                .live, of: try #require(snapshot.instance(InstanceID("db-0"))),
                from: HostID("a"), to: HostID("b"), ceiling: BytesPerSecond(16 << 20))
        }
        let able = try Self.snapshot(wanted, postcopy: ["a", "b"])
        let plan = try Self.plan(able)
        #expect(Self.mode(of: plan) == .live)
        #expect(PlanAudit(policy: Self.policy).violations(of: plan, in: able).isEmpty)
        let expected = try forecast(able)
        guard case .postcopy(let endless) = expected.recourse else {
            Issue.record("by \(String(describing: expected.recourse))")
            return
        }
        #expect(expected.endless == nil && endless.set == .mebibytes(64))
        // 128 MiB at the ceiling, then what changed of it as fast as the way takes it.
        #expect(expected.duration == .seconds(9) && expected.bytes == .mebibytes(192))
        #expect(expected.downtime == MoveForecast.ambition)
        for hosts in [["a"], ["b"], []] {
            let unable = try Self.snapshot(wanted, postcopy: hosts)
            #expect(Self.mode(of: try Self.plan(unable)) == .restart)
            #expect(!PlanAudit(policy: Self.policy).violations(of: plan, in: unable).isEmpty)
            #expect(try forecast(unable).recourse == nil)
        }
        // What converges by itself needs nothing of it.
        let calm = try Self.snapshot(wanted, rate: 1_000_000, postcopy: ["a", "b"])
        #expect(try forecast(calm).recourse == nil)
        let unwilling = try Self.snapshot(
            MovePreference(allow: [.live]), postcopy: ["a", "b"])
        #expect(throws: PlanningFailure.self) { try Self.plan(unwilling) }
    }
}
