import ClusterModel
import PlanAudit
import Planner
import Testing

/// What becomes of a live move that will not converge, as its spec says.
@Suite struct MovePolicyTests {
    private static let rungs = DowntimeLadder(from: .milliseconds(300), to: .milliseconds(2_400))

    private static func forecast(
        rate: UInt64, set: UInt64?, bandwidth: UInt64, memory: UInt64 = 256 << 20,
        within ladder: DowntimeLadder = rungs
    ) -> MoveForecast {
        let load = MoveLoad(
            at: Instant(milliseconds: 0), memory: Bytes(memory),
            changes: MoveLoad.Changes(rate: BytesPerSecond(rate), set: set.map { Bytes($0) }))
        let link = MoveLink(bandwidth: BytesPerSecond(bandwidth), setup: .zero, halt: .zero)
        return MoveForecast(.live, of: .vm, carrying: load, over: link, within: ladder)
    }

    @Test func aLadderDoublesUpToItsBound() {
        #expect(Self.rungs.rungs == [300, 600, 1_200, 2_400].map { .milliseconds($0) })
        #expect(
            DowntimeLadder(from: .milliseconds(300), to: .seconds(1)).rungs
                == [300, 600, 1_000].map { .milliseconds($0) })
        #expect(DowntimeLadder(from: .seconds(2), to: .seconds(1)).rungs == [.seconds(2)])
        #expect(
            DowntimeLadder(from: .zero, to: .milliseconds(3)).rungs
                == [0, 1, 2, 3].map { .milliseconds($0) })
        let absurd = MovePreference(downtime: .seconds(Int64.max), converge: [.longer]).ladder
        #expect(absurd.rungs.count == 1)
        #expect(
            MovePreference(downtime: .seconds(9), converge: [.longer]).ladder.most == .seconds(30))
        #expect(DowntimeLadder(from: .seconds(-1), to: .seconds(Int64.max)).rungs.count < 100)
        #expect(MovePreference(converge: [.slower]).ladder.rungs == [.milliseconds(300)])
    }

    /// 64 MiB written at 200 MiB/s against 64 MiB/s: 19 MiB in 300 ms, 77 in 1 200.
    @Test func theLowestRungThatWillDoIsForecast() throws {
        let forecast = Self.forecast(rate: 200 << 20, set: 64 << 20, bandwidth: 64 << 20)
        #expect(forecast.endless == nil)
        guard case .longer(let rung, let since) = forecast.recourse else {
            Issue.record("\(forecast)")
            return
        }
        #expect(rung == .milliseconds(1_200))
        #expect(since.downtime == .milliseconds(300))
        #expect(forecast.downtime == .seconds(1))
        // All of it, then two passes at each of two rungs, then the last and what is tried for a shorter one.
        #expect(forecast.duration == .milliseconds(4_000 + 4_000 + 1_000 + 500))
        #expect(
            forecast.words
                == "9.5 s, 608 MiB, 1.0 s of standing still; 1200 ms are allowed (longer), because with 300 ms "
                + "a live move would not end: it changes 200 MiB/s of its memory and 64 MiB/s can be sent; the "
                + "64 MiB that it changes again and again would have to fit into 19 MiB, 300 ms of sending"
        )
    }

    @Test func whereNoRungWillDoTheHighestIsNamed() throws {
        let forecast = Self.forecast(rate: 200 << 20, set: nil, bandwidth: 64 << 20)
        #expect(forecast.recourse == nil)
        let endless = try #require(forecast.endless)
        #expect(endless.downtime == .milliseconds(2_400))
        #expect("\(endless)".hasSuffix("would have to fit into 154 MiB, 2400 ms of sending"))
    }

    /// One ladder of several rungs says what each of them says alone, and nothing changes where the first will do.
    @Test(arguments: 0..<100) func aLadderIsItsRungs(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func any(_ range: ClosedRange<UInt64>) -> UInt64 {
            UInt64.random(in: range, using: &random)
        }
        for _ in 0..<50 {
            let memory = any(1...(1 << 36))
            let bandwidth = any(1_000...(1 << 32))
            let rate = any(0...(bandwidth * 3))
            let set: UInt64? = any(0...5) == 0 ? nil : any(0...min(memory, bandwidth * 4))
            let first = Duration.milliseconds(Int64(any(0...1_000)))
            let ladder = DowntimeLadder(
                from: first, to: first + .milliseconds(Int64(any(0...5_000))))
            func within(_ ladder: DowntimeLadder) -> MoveForecast {
                Self.forecast(
                    rate: rate, set: set, bandwidth: bandwidth, memory: memory, within: ladder)
            }
            let forecast = within(ladder)
            let alone = ladder.rungs.map { within(DowntimeLadder($0)) }
            #expect(alone.allSatisfy { $0.recourse == nil })
            #expect((forecast.endless == nil) == alone.contains { $0.endless == nil })
            #expect(forecast.endless == nil || forecast.endless == alone.last?.endless)
            guard let lowest = alone.firstIndex(where: { $0.endless == nil }) else { continue }
            if lowest == 0 {
                #expect(forecast == alone[0])
            } else if let since = alone[0].endless {
                #expect(forecast.recourse == .longer(ladder.rungs[lowest], since: since))
                #expect(forecast.downtime == alone[lowest].downtime)
                #expect(forecast.downtime <= ladder.rungs[lowest] + .milliseconds(2))
                #expect(forecast.duration > alone[lowest].duration)
            }
        }
    }

    @Test func itGoesTheWayThatTheSpecSays() throws {
        let both: [MoveMode] = [.live, .restart]
        func mode(_ preference: MovePreference) throws -> MoveMode? {
            let snapshot = try EndlessMoveTests.snapshot(preference)
            return EndlessMoveTests.mode(of: try EndlessMoveTests.plan(snapshot))
        }
        #expect(try mode(MovePreference(allow: both)) == .restart)
        #expect(try mode(MovePreference(allow: both, converge: [.longer])) == .live)
        #expect(try mode(MovePreference(allow: [.live], converge: [.longer, .restart])) == .live)
        let low = Duration.milliseconds(900)
        #expect(
            try mode(MovePreference(allow: both, converge: [.longer, .restart], most: low))
                == .restart)
        for refused in [
            MovePreference(allow: both, converge: []),
            MovePreference(allow: both, converge: [.slower]),
            MovePreference(allow: both, converge: [.longer], most: low),
            MovePreference(allow: [.live], converge: [.longer, .restart], most: low),
        ] {
            #expect(throws: PlanningFailure.self) { try mode(refused) }
        }
    }

    /// Who asks for a restart by name means it, whatever would become of a live move.
    @Test func aNamedRestartIsNoRecourse() throws {
        let snapshot = try EndlessMoveTests.snapshot(
            MovePreference(allow: [.live, .restart], converge: []))
        let plan = try EndlessMoveTests.plan(snapshot, named: .restart)
        #expect(EndlessMoveTests.mode(of: plan) == .restart)
    }

    @Test func explainSaysWhichWayAndWhy() throws {
        func verdict(_ preference: MovePreference) throws -> HostVerdict {
            let planner = Planner(policy: EndlessMoveTests.policy, changed: .zero)
            let verdicts = planner.explain(
                InstanceID("db-0"), in: try EndlessMoveTests.snapshot(preference))
            return try #require(verdicts.first { $0.host == HostID("b") })
        }
        let restarted = try verdict(MovePreference(allow: [.live, .restart]))
        #expect(restarted.mode == .restart)
        #expect(restarted.forecast?.words.contains("; by restart, because a live move") == true)
        let longer = try verdict(MovePreference(allow: [.live], converge: [.longer]))
        #expect(longer.mode == .live && longer.obstacle == nil)
        #expect(longer.forecast?.words.contains("; 1200 ms are allowed (longer)") == true)
        let refused = try verdict(MovePreference(allow: [.live, .restart], converge: []))
        #expect(refused.obstacle?.contains("300 ms of sending") == true)
        #expect(
            refused.misfit == .move(.notAllowed(allowed: [.live], possible: [.restart])))
        #expect(
            refused.flips.contains(Flip([.allow(WorkloadID("db"), .restart)])),
            "\(refused.flips)")
    }

    @Test func theAuditHoldsPlansToTheSpec() throws {
        let both: [MoveMode] = [.live, .restart]
        let open = try EndlessMoveTests.snapshot(MovePreference(allow: both))
        let plan = try EndlessMoveTests.plan(open)
        let audit = PlanAudit(policy: EndlessMoveTests.policy)
        #expect(audit.violations(of: plan, in: open).isEmpty)
        let closed = try EndlessMoveTests.snapshot(MovePreference(allow: both, converge: []))
        // Somebody asked for this move, which the audit takes for any mode but two copies.
        #expect(audit.violations(of: plan, in: closed).isEmpty)
        let packed = Plan(
            id: plan.id, reason: .pack, parent: plan.parent, reads: plan.reads, steps: plan.steps,
            rationale: plan.rationale, bound: plan.bound)
        let found = audit.violations(of: packed, in: closed)
        #expect(
            found.contains(
                .notMovable(
                    plan.steps[0].id, InstanceID("db-0"),
                    .notAllowed(allowed: [.live], possible: [.restart]))), "\(found)")
    }
}
