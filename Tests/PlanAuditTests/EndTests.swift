import ClusterModel
import PlanAudit
import Testing

/// Plans that lead to an illegal end.
@Suite struct EndTests {
    private let app = Label(name: "app", value: "x")

    private func pair() throws -> Bench {
        var bench = Bench()
        for name in ["a", "b", "c"] { bench.host(name) }
        try bench.container("web", on: "a", rules: Rules(together: Labels([app])))
        try bench.container("cache", on: "a", labels: [app])
        return bench
    }

    @Test func aGroupTravelsButStaysTogether() throws {
        let bench = try pair()
        let split = Violation.together(InstanceID("web"), InstanceID("cache"))
        #expect(bench.violations(of: bench.plan([.move("web", "a", "b")])) == [split])
        #expect(bench.violations(of: bench.plan([.move("cache", "a", "b")])) == [split])
        let both = bench.plan([.move("web", "a", "b"), .move("cache", "a", "b")])
        #expect(bench.violations(of: both) == [])
    }

    @Test func aSplitGroupIsNoNewFault() throws {
        var bench = try pair()
        try bench.container("cache", on: "b", labels: [app])
        #expect(bench.violations(of: bench.plan([.move("web", "a", "c")])) == [])
    }

    @Test func aNewMemberJoinsItsGroup() throws {
        var bench = try pair()
        try bench.container("web", on: nil, rules: Rules(together: Labels([app])))
        #expect(
            bench.violations(of: bench.plan([.start("web", "b")], reason: .place)) == [
                .together(InstanceID("web"), InstanceID("cache"))
            ])
        #expect(bench.violations(of: bench.plan([.start("web", "a")], reason: .place)) == [])
    }

    @Test func aPackLeavesTheReserve() throws {
        var bench = try Bench.textbook()
        let plan = try bench.pack()
        bench.policy.reserve = .hosts(1)
        #expect(bench.violations(of: plan) == [.reserve(HostID("c"))])
        #expect(bench.violations(of: try bench.pack()) == [])
    }

    @Test func aStartLeavesTheReserve() throws {
        var bench = Bench()
        for name in ["a", "b"] { bench.host(name) }
        try bench.container("one", on: "a", cpu: 600)
        try bench.container("two", on: nil, cpu: 600)
        let plan = bench.plan([.start("two", "b")], reason: .place)
        #expect(bench.violations(of: plan) == [])
        bench.policy.reserve = .hosts(1)
        #expect(bench.violations(of: plan) == [.reserve(HostID("a")), .reserve(HostID("b"))])
        // What could not be borne before is no fault of the plan.
        try bench.container("one", on: "a", cpu: 600)
        try bench.container("big", on: "b", cpu: 800)
        try bench.container("two", on: nil, cpu: 100)
        let small = bench.plan([.start("two", "b")], reason: .place)
        #expect(bench.violations(of: small) == [])
    }

    @Test("a host that is said to be emptied is empty at the end")
    func empties() throws {
        let bench = try Bench.textbook()
        let plan = bench.plan([.move("mail", "c", "b")], reason: .repair)
        func claiming(_ host: HostID) -> Plan {
            plan.with(
                rationale: plan.rationale.map { entry in
                    guard case .moved(let from, let to, _) = entry.decision else { return entry }
                    return Rationale(
                        instance: entry.instance,
                        decision: .moved(from: from, to: to, because: .empties(host)), refusals: [])
                })
        }
        #expect(bench.violations(of: claiming(HostID("c"))) == [])
        #expect(bench.violations(of: claiming(HostID("a"))) == [.unexplained(InstanceID("mail"))])
        var other = bench
        try other.container("more", on: "c")
        let half = other.plan([.move("mail", "c", "b")])
        let claimed = half.with(
            rationale: half.rationale.map { entry in
                guard case .moved(let from, let to, _) = entry.decision else { return entry }
                return Rationale(
                    instance: entry.instance,
                    decision: .moved(from: from, to: to, because: .empties(HostID("c"))),
                    refusals: [])
            })
        #expect(other.violations(of: claimed) == [.unexplained(InstanceID("mail"))])
    }

    @Test("no pack ends where its instance did worse; a user may move it there")
    func undone() throws {
        var bench = try Bench.textbook()
        let until = Instant(milliseconds: 10_000_001)
        bench.instances = bench.instances.map { view in
            Snapshot.InstanceView(
                instance: view.instance, workload: view.workload, changed: view.changed,
                undone: [HostID("b"): until])
        }
        let steps = [Step.Action.move("mail", "c", "b")]
        #expect(
            bench.violations(of: bench.plan(steps, reason: .pack)) == [
                .misfit(Step.StepID(0), HostID("b"), .undone(until: until))
            ])
        #expect(bench.violations(of: bench.plan(steps, reason: .move(InstanceID("mail")))) == [])
        #expect(bench.violations(of: bench.plan([.move("mail", "c", "a")], reason: .pack)) == [])
    }
}
