import CLI
import ClusterModel
import Testing
import Wire

/// What people and programs read of what moves will come to, and came to.
@Suite struct ForecastTests {
    private static let forecast = MoveForecast(
        mode: .live, bytes: .mebibytes(97), duration: .milliseconds(1_940),
        downtime: .milliseconds(15), rounds: 2, bandwidth: BytesPerSecond(117_000_000))

    private static let endless = MoveForecast(
        mode: .live, bytes: .mebibytes(128), duration: .seconds(2), downtime: .seconds(1),
        rounds: 1,
        bandwidth: BytesPerSecond(64 << 20),
        endless: MoveForecast.Endless(
            changes: BytesPerSecond(200 << 20), set: .mebibytes(64),
            bandwidth: BytesPerSecond(64 << 20), downtime: .milliseconds(300)))

    private static let measure = MoveMeasure(
        bytes: .mebibytes(95), bandwidth: BytesPerSecond(60 << 20), downtime: .milliseconds(9))

    private static let came =
        "1.4 s, 95 MiB, 9 ms of standing still; expected 1.9 s, 97 MiB, 15 ms of standing still"

    /// What programs read, without its white space.
    private static func compact(_ command: [String], _ access: ClusterAccess) async -> String {
        await Desk().run(command + ["-o", "json"], access).output.filter { !$0.isWhitespace }
    }

    @Test func aPlanSaysWhatItsMovesWillComeTo() async throws {
        var access = try ClusterAccess.sample()
        access.makePlan = { _ in
            PlanReply(
                plan: Fixtures.plan, state: .stored,
                forecasts: [
                    PlannedForecast(step: .init(0), forecast: Self.forecast),
                    PlannedForecast(step: .init(1), forecast: Self.endless),
                ])
        }
        let text = await Desk().run(["plan"], access).output
        #expect(
            text.contains(
                "\nexpected\n  step 1: 1.9 s, 97 MiB, 15 ms of standing still\n"
                    + "  step 2: \(try #require(Self.endless.endless))\n\n"), "\(text)")
        let data = await Self.compact(["plan"], access)
        #expect(data.contains("\"durationMilliseconds\":1940"), "\(data)")
        #expect(data.contains("\"sendableBytes\":20132659"), "\(data)")
    }

    /// One that would not converge: which way it goes instead, and why.
    @Test func aPlanSaysWhichWayAMoveGoes() async throws {
        let since = try #require(Self.endless.endless)
        @Sendable func forecast(
            _ mode: MoveMode, _ recourse: MoveForecast.Recourse
        ) -> MoveForecast {
            MoveForecast(
                mode: mode, bytes: .mebibytes(97), duration: .milliseconds(1_940),
                downtime: .milliseconds(15), rounds: 2, bandwidth: BytesPerSecond(117_000_000),
                recourse: recourse)
        }
        var access = try ClusterAccess.sample()
        access.makePlan = { _ in
            PlanReply(
                plan: Fixtures.plan, state: .stored,
                forecasts: [
                    PlannedForecast(
                        step: .init(0),
                        forecast: forecast(.live, .longer(.milliseconds(1_200), since: since))),
                    PlannedForecast(
                        step: .init(1), forecast: forecast(.restart, .restart(since: since))),
                ])
        }
        let text = await Desk().run(["plan"], access).output
        let figures = "1.9 s, 97 MiB, 15 ms of standing still"
        #expect(
            text.contains(
                "  step 1: \(figures); 1200 ms are allowed (longer), because with 300 ms \(since)\n"
                    + "  step 2: \(figures); by restart, because \(since)\n"), "\(text)")
        let data = await Self.compact(["plan"], access)
        #expect(data.contains("\"way\":\"longer\",\"allowedDowntimeMilliseconds\":1200"), "\(data)")
        #expect(
            data.contains("\"way\":\"restart\",\"allowedDowntimeMilliseconds\":null"), "\(data)")
    }

    @Test func movesSayWhatTheyCameTo() async throws {
        var access = try ClusterAccess.sample()
        let move = Move(
            id: MoveID("m3"), instance: InstanceID("web-0"), kind: .vm, source: HostID("lab-1"),
            target: HostID("lab-2"), mode: .live, generation: Generation(3), plan: nil)
        let began = Fixtures.now.advanced(by: .seconds(-60))
        access.listMoves = { _ in
            ListMovesReply(moves: [
                MoveSummary(
                    move: move, phase: .release, outcome: .done, beganAt: began,
                    endedAt: began.advanced(by: .milliseconds(1_400)), forecast: Self.forecast,
                    measure: Self.measure)
            ])
        }
        let text = await Desk().run(["moves"], access).output
        #expect(text.contains(Self.came), "\(text)")
        let data = await Self.compact(["moves"], access)
        #expect(data.contains("\"downtimeMilliseconds\":9"), "\(data)")
        #expect(data.contains("\"downtimeMilliseconds\":15"), "\(data)")
    }

    /// One workload, of which one instance was moved a minute ago.
    private static func listing(
        _ measure: MoveMeasure, expected forecast: MoveForecast? = nil
    ) throws -> ListWorkloadsReply {
        let report = MoveReport(
            move: MoveID("m3"), instance: InstanceID("web-0"), kind: .vm, mode: .live,
            source: HostID("lab-1"), target: HostID("lab-2"),
            endedAt: Fixtures.now.advanced(by: .seconds(-60)), total: .milliseconds(1_400),
            measure: measure, forecast: forecast)
        let summary = WorkloadSummary(
            workload: try Fixtures.workload("web", kind: .vm, millicores: 500), running: 1,
            moves: [report])
        return ListWorkloadsReply(workloads: [summary])
    }

    /// What was not sent because the guest gave it up first is said beside what was.
    @Test func aMoveSaysWhatWasBallooned() async throws {
        var access = try ClusterAccess.sample()
        let reply = try Self.listing(
            Self.measure.completed(
                by: MoveMeasure(
                    ballooned: MoveMeasure.Ballooned(
                        bytes: .mebibytes(400), duration: .milliseconds(1_240)))))
        access.listWorkloads = { _ in reply }
        let text = await Desk().run(["describe", "web"], access).output
        #expect(
            text.contains(
                "ago: 1.4 s, 95 MiB, 9 ms of standing still, 400 MiB ballooned back in 1.2 s\n"),
            "\(text)")
        let data = await Self.compact(["describe", "web"], access)
        #expect(
            data.contains("\"balloonedBytes\":419430400,\"ballooningMilliseconds\":1240"),
            "\(data)")
    }

    @Test func aWorkloadKeepsWhatItsMovesCameTo() async throws {
        var access = try ClusterAccess.sample()
        let reply = try Self.listing(Self.measure, expected: Self.forecast)
        access.listWorkloads = { _ in reply }
        let text = await Desk().run(["describe", "web"], access).output
        #expect(
            text.contains("\nmoves\n  web-0 lab-1 → lab-2 (live) 1m ago: \(Self.came)\n"),
            "\(text)")
    }

    @Test func explainSaysWhatAMoveWouldComeTo() async throws {
        var access = try ClusterAccess.sample()
        access.explain = { _ in
            ExplainReply(
                instance: Fixtures.instance("web", on: "lab-2", kind: .vm),
                verdicts: [
                    HostVerdict(
                        host: HostID("lab-4"), room: .zero, mode: .live, forecast: Self.forecast)
                ], lastDecision: nil)
        }
        let text = await Desk().run(["explain", "web-0"], access).output
        #expect(
            text.contains(
                "\na move to lab-4 (live): 1.9 s, 97 MiB, 15 ms of standing still\n"), "\(text)")
    }
}
