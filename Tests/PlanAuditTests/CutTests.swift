import ClusterModel
import PlanAudit
import Testing

/// Plans of which some reachable cut is illegal, though the start and the end are fine.
@Suite struct CutTests {
    private let app = Label(name: "app", value: "x")

    /// Two full hosts whose instances change places by way of a third.
    private func exchange() throws -> Bench {
        var bench = Bench()
        for name in ["a", "b", "c"] { bench.host(name) }
        try bench.container("one", on: "a", cpu: 1000)
        try bench.container("two", on: "b", cpu: 1000)
        return bench
    }

    private let roundTrip: [Step.Action] = [
        .move("one", "a", "c"), .move("two", "b", "a"), .move("one", "c", "b"),
    ]

    @Test func anExchangeNeedsItsOrder() throws {
        let bench = try exchange()
        #expect(bench.violations(of: bench.plan(roundTrip, after: [1: [0], 2: [1]])) == [])
        let short = Misfit.cpu(short: CPU(millicores: 1000))
        #expect(
            bench.violations(of: bench.plan(roundTrip, after: [2: [0, 1]])) == [
                .overcommitted(HostID("a"), short)
            ])
        #expect(
            bench.violations(of: bench.plan(roundTrip, after: [1: [0], 2: [0]])) == [
                .overcommitted(HostID("b"), short)
            ])
    }

    @Test func aSwapAtOnceOvercommitsBoth() throws {
        let bench = try exchange()
        let plan = bench.plan([.move("one", "a", "b"), .move("two", "b", "a")])
        let short = Misfit.cpu(short: CPU(millicores: 1000))
        #expect(
            bench.violations(of: plan) == [
                .overcommitted(HostID("a"), short), .overcommitted(HostID("b"), short),
            ])
    }

    @Test func theCeilingCountsForTargets() throws {
        var bench = try Bench.textbook()
        bench.policy.ceilingCPU = .percent(75)
        let found = bench.violations(of: bench.plan([.move("build", "a", "b")]))
        #expect(found == [.overcommitted(HostID("b"), .cpu(short: CPU(millicores: 50)))])
    }

    @Test func aHostAboveItsCeilingMayGetNoWorse() throws {
        var bench = try Bench.textbook()
        try bench.container("more", on: "b", cpu: 700)
        #expect(bench.violations(of: bench.plan([.move("web", "b", "a")])) == [])
        let swapped = bench.plan(
            [.move("web", "b", "a"), .move("mail", "c", "b")], after: [1: [0]])
        #expect(bench.violations(of: swapped) == [])
        let atOnce = bench.plan([.move("web", "b", "a"), .move("mail", "c", "b")])
        #expect(
            bench.violations(of: atOnce) == [
                .overcommitted(HostID("b"), .cpu(short: CPU(millicores: 100)))
            ])
    }

    @Test func aReservationTakesRoom() throws {
        var bench = try Bench.textbook()
        try bench.container("other", on: nil, cpu: 300)
        bench.reservations = [
            Snapshot.Reservation(
                plan: PlanID("q"), instance: InstanceID("other"), host: HostID("b"))
        ]
        let found = bench.violations(of: bench.plan([.move("build", "a", "b")]))
        #expect(found == [.overcommitted(HostID("b"), .cpu(short: CPU(millicores: 100)))])
    }

    /// The exact worst cut needs neither all arrivals nor all departures.
    @Test func theWorstCutIsAChoice() throws {
        var bench = Bench()
        for name in ["a", "b", "c", "d"] { bench.host(name) }
        try bench.container("large", on: "a", cpu: 600)
        try bench.container("small", on: "a", cpu: 100)
        try bench.container("x", on: "b", cpu: 200)
        try bench.container("y", on: "c", cpu: 600)
        // x may come at any time; y waits until the large one has gone: 700 + 200 is the worst.
        let plan = bench.plan(
            [.move("large", "a", "d"), .move("x", "b", "a"), .move("y", "c", "a")], after: [2: [0]])
        #expect(bench.violations(of: plan) == [])
        try bench.container("x", on: "b", cpu: 301)
        let found = bench.violations(of: plan)
        #expect(found == [.overcommitted(HostID("a"), .cpu(short: CPU(millicores: 1)))])
    }

    @Test func apartIsSymmetricAndHoldsOnTheWay() throws {
        var bench = try Bench.textbook()
        try bench.container("build", on: "a", labels: [app])
        try bench.container("web", on: "b", rules: Rules(apart: Labels([app])))
        let meet = Violation.apart(HostID("b"), InstanceID("build"), InstanceID("web"))
        #expect(bench.violations(of: bench.plan([.move("build", "a", "b")])) == [meet])
        let back = bench.plan([.move("web", "b", "a")])
        #expect(
            bench.violations(of: back) == [
                .apart(HostID("a"), InstanceID("build"), InstanceID("web"))
            ])
        let actions: [Step.Action] = [.move("web", "b", "c"), .move("build", "a", "b")]
        #expect(bench.violations(of: bench.plan(actions)) == [meet])
        #expect(bench.violations(of: bench.plan(actions, after: [1: [0]])) == [])
    }

    @Test func instancesOfAWorkloadKeepApart() throws {
        var bench = Bench()
        for name in ["a", "b"] { bench.host(name) }
        let rules = Rules(apart: Labels([app]))
        for (name, host) in [("db-0", "a"), ("db-1", "b")] {
            try bench.container(
                name, on: host, labels: [app], rules: rules, workload: "db", count: 2)
        }
        let found = bench.violations(of: bench.plan([.move("db-0", "a", "b")]))
        #expect(found == [.apart(HostID("b"), InstanceID("db-0"), InstanceID("db-1"))])
    }

    @Test func aDomainHasItsShareOnTheWayToo() throws {
        var bench = Bench()
        let (x, y) = (Label(name: "zone", value: "x"), Label(name: "zone", value: "y"))
        for (name, zone) in [("a", x), ("b", x), ("c", y)] { bench.host(name, labels: [zone]) }
        for (name, host) in [("w-0", "a"), ("w-1", "c")] {
            try bench.container(
                name, on: host, rules: Rules(spread: "zone"), workload: "w", count: 2)
        }
        #expect(bench.violations(of: bench.plan([.move("w-0", "a", "b")])) == [])
        let over = Violation.spread(WorkloadID("w"), x, count: 2, share: 1)
        #expect(bench.violations(of: bench.plan([.move("w-1", "c", "b")])) == [over])
        let swap: [Step.Action] = [.move("w-0", "a", "c"), .move("w-1", "c", "b")]
        #expect(
            bench.violations(of: bench.plan(swap)) == [
                over, .spread(WorkloadID("w"), y, count: 2, share: 1),
            ])
    }

    @Test("so do those of failure domains, at both ends of a move")
    func domainBudgets() throws {
        var bench = Bench()
        for (name, zone) in [("a", "x"), ("b", "y"), ("c", "x"), ("d", nil)] {
            bench.host(name, labels: zone.map { [Label(name: "zone", value: $0)] } ?? [])
        }
        for name in ["one", "two"] { try bench.container(name, on: "a") }
        try bench.container("six", on: "d")
        bench.policy.movesPerDomain = Policy.DomainBudget(moves: 1, label: "zone")
        let apart: [Step.Action] = [.move("one", "a", "c"), .move("six", "d", "b")]
        #expect(bench.violations(of: bench.plan(apart)) == [])
        let both: [Step.Action] = [.move("one", "a", "d"), .move("two", "a", "c")]
        #expect(
            bench.violations(of: bench.plan(both)) == [
                .movesPerDomain(Label(name: "zone", value: "x"), count: 2, allowed: 1)
            ])
        #expect(bench.violations(of: bench.plan(both, after: [1: [0]])) == [])
    }

    @Test func budgetsHoldForEveryInterleaving() throws {
        var bench = Bench()
        for name in ["a", "b", "c"] { bench.host(name) }
        for name in ["one", "two", "six"] { try bench.container(name, on: "a") }
        bench.policy.movesPerHost = 2
        bench.policy.movesPerCluster = 2
        let actions: [Step.Action] = [
            .move("one", "a", "b"), .move("two", "a", "b"), .move("six", "a", "c"),
        ]
        #expect(
            bench.violations(of: bench.plan(actions)) == [
                .movesPerCluster(count: 3, allowed: 2),
                .movesPerHost(HostID("a"), count: 3, allowed: 2),
            ])
        #expect(bench.violations(of: bench.plan(actions, after: [2: [0]])) == [])
        bench.policy.movesPerHost = 3
        bench.policy.movesPerCluster = 3
        bench.policy.movesPerDomain = Policy.DomainBudget(moves: 1, label: "rack")
        #expect(bench.violations(of: bench.plan(actions, after: [2: [0]])) == [])
        let rack = Label(name: "rack", value: "r1")
        bench.host("b", labels: [rack])
        bench.host("c", labels: [rack])
        // What stays in its rack is one move of it; a host without the label is in none.
        #expect(
            bench.violations(of: bench.plan(actions, after: [2: [0]])) == [
                .movesPerDomain(rack, count: 2, allowed: 1)
            ])
        #expect(bench.violations(of: bench.plan(actions, after: [1: [0], 2: [1]])) == [])
        bench.policy.movesPerDomain = nil
        bench.policy.movesPerCluster = 2
        bench.policy.movesPerHost = 1
        #expect(
            bench.violations(of: bench.plan(actions, after: [2: [0], 1: [0]])) == [
                .movesPerHost(HostID("a"), count: 2, allowed: 1)
            ])
    }
}
