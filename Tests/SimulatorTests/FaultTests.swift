import ClusterModel
import Simulator
import Testing

@Suite("Faults on virtual time") struct FaultTests {
    private static let quiet = LoadPattern(.constant(.percent(20)))

    @Test("a host without power is away, and what waits for it runs again when it is back")
    func loss() throws {
        let fault = Fault(.loss(HostID("h1")), begins: .seconds(60), length: .seconds(600))
        var scenario = try Scenarios.plain(Self.quiet, faults: [fault], length: .hours(1))
        scenario.policy.mode = .off
        let run = Scenarios.run(scenario)
        // Ten minutes without power and some seconds to start.
        #expect((10...10.5).contains(run.totals.downMinutes), "\(run.totals.downMinutes)")
        #expect(run.samples[0].hosts[1].state == .away)
        #expect(run.samples.last?.hosts[1].state == .on)
        #expect(run.warnings.contains { $0.message == "rebooted" })
    }

    @Test("what restarts elsewhere does so once its lease has ended")
    func restart() throws {
        let fault = Fault(.loss(HostID("h1")), begins: .seconds(60), length: .hours(2))
        var scenario = try Scenarios.plain(
            Self.quiet, onHostLoss: .restart, faults: [fault], length: .hours(1))
        scenario.policy.mode = .off
        let run = Scenarios.run(scenario)
        #expect((0.75...1.5).contains(run.totals.downMinutes), "\(run.totals.downMinutes)")
        #expect(run.samples.last?.hosts[1].state == .away)
        #expect(run.samples.last?.hosts.reduce(0) { $0 + $1.instances } == 5)
    }

    @Test("a host that is cut off goes on, and nothing is moved to or from it")
    func cut() throws {
        let fault = Fault(.cut(HostID("h1")), begins: .seconds(60), length: .hours(2))
        let run = Scenarios.run(try Scenarios.plain(Self.quiet, faults: [fault], length: .hours(1)))
        #expect(run.totals.downMinutes < 0.1, "\(run.totals.downMinutes)")
        #expect(run.samples.last?.hosts[1].state == .away)
        #expect(run.moves.allSatisfy { $0.source != HostID("h1") && $0.target != HostID("h1") })
        #expect(!run.moves.isEmpty)
    }

    @Test("moves that fail are rolled back, and nothing stops running")
    func failing() throws {
        let fault = Fault(.failing(.percent(70)), begins: .zero, length: .hours(3))
        let run = Scenarios.run(
            try Scenarios.plain(Self.quiet, each: 2, faults: [fault], length: .hours(5)))
        let undone = run.moves.count { $0.outcome != .done }
        #expect(undone > 0 && undone < run.moves.count, "\(undone) of \(run.moves.count)")
        #expect(run.totals.downMinutes < 0.5, "\(run.totals.downMinutes)")
        #expect(run.samples.last?.hosts.reduce(0) { $0 + $1.instances } == 8)
    }

    @Test("a slow link makes moves long, not more of them")
    func slow() throws {
        let fault = Fault(.slow(factor: 10), begins: .zero, length: .hours(5))
        let run = Scenarios.run(try Scenarios.plain(Self.quiet, faults: [fault], length: .hours(5)))
        #expect(run.moves.count == 2 && run.moves.allSatisfy { $0.outcome == .done })
        let took = run.moves.map { $0.ended.milliseconds - $0.began.milliseconds }
        #expect(took.allSatisfy { $0 > 490_000 }, "\(took)")
    }
}
