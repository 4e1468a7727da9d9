import ClusterModel
import PlanAudit
import Testing

/// Who may be taken off a host for somebody else.
@Suite struct DisplacementTests {
    private let first = Step.StepID(0)

    /// A host that `build` fills, and `king`, which waits and comes instead.
    private func bench(
        own: Int = 1, other: Int = 2, allow: [MoveMode] = [.restart],
        preempt: Policy.Preemption = .lower
    ) throws -> Bench {
        var bench = Bench()
        bench.policy.preempt = preempt
        for name in ["a", "b"] { bench.host(name) }
        try bench.container(
            "build", on: "a", cpu: 800, rules: Rules(priority: own), allow: allow)
        try bench.container("king", on: nil, cpu: 700, rules: Rules(priority: other))
        return bench
    }

    private func found(_ bench: Bench, _ leaves: Step.Action, comesTo host: String = "a")
        -> [Violation]
    {
        bench.violations(
            of: bench.plan([leaves, .start("king", host)], after: [1: [0]], reason: .place))
    }

    private let refused = [Violation.notDisplaced(Step.StepID(0), InstanceID("build"))]

    @Test(arguments: [Step.Action.stop("build", "a"), .move("build", "a", "b")])
    func onlyForHigherPriority(leaves: Step.Action) throws {
        #expect(found(try bench(), leaves) == [])
        #expect(found(try bench(own: 2), leaves) == refused)
        #expect(found(try bench(own: 3), leaves) == refused)
    }

    @Test(arguments: [Step.Action.stop("build", "a"), .move("build", "a", "b")])
    func onlyWhereThePolicyAllowsIt(leaves: Step.Action) throws {
        #expect(found(try bench(preempt: .off), leaves) == refused)
    }

    @Test func onlyForOneThatStartsThere() throws {
        #expect(found(try bench(), .stop("build", "a"), comesTo: "b") == refused)
    }

    @Test func whatIsPinnedIsNotStopped() throws {
        #expect(found(try bench(allow: []), .stop("build", "a")) == refused)
    }

    @Test func onlyAPlanThatPlaces() throws {
        let bench = try bench()
        let plan = bench.plan([.stop("build", "a"), .start("king", "a")], after: [1: [0]])
        #expect(bench.violations(of: plan) == refused)
    }

    @Test func roomComesFirst() throws {
        let bench = try bench()
        let plan = bench.plan([.stop("build", "a"), .start("king", "a")], reason: .place)
        #expect(
            bench.violations(of: plan)
                == [.overcommitted(HostID("a"), .cpu(short: CPU(millicores: 500)))])
    }

    @Test func whatWasStoppedStartsWhereItsFilesAre() throws {
        var bench = try bench()
        try bench.container(
            "build", on: "a", cpu: 800, desired: .stopped, observed: .stopped)
        // On the bench, where it is said to be is where it starts.
        func start(on host: String) -> Plan {
            let steps = [Step(id: first, action: .start("build", host))]
            let plan = bench.plan([], reason: .place)
            return plan.with(
                steps: steps,
                rationale: [
                    Rationale(
                        instance: InstanceID("build"),
                        decision: .placed(on: HostID(host), because: .returns), refusals: [])
                ], bound: Plan.Bound(before: 0, after: 1, lower: 1))
        }
        #expect(bench.violations(of: start(on: "a")) == [])
        #expect(
            bench.violations(of: start(on: "b"))
                == [.misfit(first, HostID("b"), .files(on: HostID("a")))])
    }
}
