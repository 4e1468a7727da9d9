import ClusterModel
import PlanAudit
import Testing

/// Steps that are wrong whatever the others do.
@Suite struct StepTests {
    private let first = Step.StepID(0)
    private let build = InstanceID("build")

    private func refusal(_ bench: Bench, _ refusal: MoveRefusal) {
        let found = bench.violations(of: bench.plan([.move("build", "a", "b")]))
        #expect(found == [.notMovable(first, build, refusal)])
    }

    @Test(arguments: [
        Instance.Observed.pending, .starting, .stopped, .failed(reason: "x"), .unknown, .held,
    ])
    func anInstanceThatDoesNotRunIsMoved(observed: Instance.Observed) throws {
        var bench = try Bench.textbook()
        try bench.container("build", on: "a", observed: observed)
        refusal(bench, .notRunning)
    }

    @Test(arguments: [Host.State.joining, .lost, .fenced])
    func theSourceDoesNotReport(state: Host.State) throws {
        var bench = try Bench.textbook()
        bench.host("a", state: state)
        refusal(bench, .notRunning)
    }

    @Test func anotherPlanMovesIt() throws {
        var bench = try Bench.textbook()
        bench.reservations = [
            Snapshot.Reservation(plan: PlanID("other"), instance: build, host: HostID("c"))
        ]
        refusal(bench, .underway)
    }

    @Test func theModeIsNotAcceptedOrNotPossible() throws {
        var bench = try Bench.textbook()
        try bench.container("build", on: "a", allow: [.live])
        let refused = MoveRefusal.notAllowed(allowed: [.live], possible: [.restart])
        refusal(bench, refused)
        let restart = bench.plan([.move("build", "a", "b")], reason: .drain(HostID("a")))
        #expect(bench.violations(of: restart, forced: true) == [])
        let asked = bench.plan([.move("build", "a", "b")], reason: .move(build))
        #expect(bench.violations(of: asked) == [])
        let live = bench.plan([.move("build", "a", "b", .live)], reason: .move(build))
        #expect(bench.violations(of: live) == [.notMovable(first, build, refused)])
    }

    @Test func twoCopiesAreTheSpecsToAllow() throws {
        var bench = try Bench.textbook()
        let move = bench.plan([.move("build", "a", "b", .relocate)], reason: .move(build))
        func refused(_ allowed: MoveMode, _ possible: [MoveMode]) -> [Violation] {
            [.notMovable(first, build, .notAllowed(allowed: [allowed], possible: possible))]
        }
        try bench.container("build", on: "a", allow: [.relocate])
        #expect(bench.violations(of: move) == refused(.relocate, [.restart]))
        for host in ["a", "b"] { bench.host(host, networks: true) }
        #expect(bench.violations(of: move) == [])
        // Neither who names the mode nor a forced drain may.
        try bench.container("build", on: "a", allow: [.restart])
        let drain = bench.plan([.move("build", "a", "b", .relocate)], reason: .drain(HostID("a")))
        #expect(bench.violations(of: move) == refused(.restart, [.relocate, .restart]))
        #expect(
            bench.violations(of: drain, forced: true) == refused(.restart, [.relocate, .restart]))
    }

    @Test func aStartIsNotWanted() throws {
        var bench = try Bench.textbook()
        try bench.container("new", on: nil, desired: .stopped)
        let plan = bench.plan([.start("new", "b")], reason: .place)
        #expect(bench.violations(of: plan) == [.notWaiting(first, InstanceID("new"))])
    }

    @Test func whatIsNotWantedMayStop() throws {
        var bench = try Bench.textbook()
        try bench.container("build", on: "a", cpu: 300, desired: .stopped)
        #expect(bench.violations(of: bench.plan([.stop("build", "a")])) == [])
    }

    @Test func anInstanceRestsOnlyForAPack() throws {
        var bench = try Bench.textbook()
        bench.policy.rest = .seconds(3600)
        let moved = Instant(milliseconds: 9_000_000)
        try bench.container("build", on: "a", movedAt: moved)
        let found = bench.violations(of: bench.plan([.move("build", "a", "b")], reason: .pack))
        #expect(found == [.resting(first, build, until: moved.advanced(by: .seconds(3600)))])
        let relief = bench.plan([.move("build", "a", "b")], reason: .relieve(HostID("a")))
        #expect(bench.violations(of: relief) == [])
    }

    private func misfit(_ bench: Bench, _ misfit: Misfit, reason: Plan.Reason = .repair) {
        let found = bench.violations(of: bench.plan([.move("build", "a", "b")], reason: reason))
        #expect(found == [.misfit(first, HostID("b"), misfit)])
    }

    @Test(arguments: [Host.State.joining, .draining, .lost, .fenced])
    func theTargetIsNotReady(state: Host.State) throws {
        var bench = try Bench.textbook()
        bench.host("b", state: state)
        misfit(bench, .hostState(state))
    }

    @Test func theTargetIsTheHostThatDrains() throws {
        misfit(try Bench.textbook(), .hostState(.draining), reason: .drain(HostID("b")))
    }

    @Test func theTargetIsOfAnotherKind() throws {
        var bench = try Bench.textbook()
        bench.host("b", architecture: "aarch64")
        misfit(bench, .architecture(needed: "x86_64", found: "aarch64"))
        bench.host("b", drives: false)
        misfit(bench, .driver(.container, reason: "broken"))
        let odd = Label(name: "gpu", value: "yes")
        bench.host("b", taints: [odd])
        misfit(bench, .taint(odd))
        let zone = Label(name: "zone", value: "x")
        bench.host("b")
        try bench.container("build", on: "a", rules: Rules(need: Labels([zone])))
        misfit(bench, .need(zone))
        bench.host("b", labels: [zone])
        try bench.container("build", on: "a", rules: Rules(avoid: Labels([zone])))
        misfit(bench, .avoid(zone))
    }

    @Test func aBreachThatIsThereMayStay() throws {
        var bench = try Bench.textbook()
        let zone = Label(name: "zone", value: "x")
        try bench.container("web", on: "b", cpu: 500, rules: Rules(need: Labels([zone])))
        #expect(bench.violations(of: bench.plan([.move("build", "a", "b")])) == [])
    }
}
