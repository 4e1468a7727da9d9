import ClusterModel
import PlanAudit
import Testing

/// Plans that are broken in form, in their facts or in what they say of themselves.
@Suite struct FormTests {
    @Test func aGoodPlanPasses() throws {
        let bench = try Bench.textbook()
        let plan = try bench.pack()
        #expect(plan.steps.count == 2)
        #expect(bench.violations(of: plan) == [])
    }

    @Test func aStepHasAnotherNumber() throws {
        let bench = try Bench.textbook()
        let plan = try bench.pack()
        let steps = plan.steps.map { Step(id: Step.StepID($0.id.number + 1), action: $0.action) }
        #expect(
            bench.violations(of: plan.with(steps: steps)) == [
                .misnumbered(position: 0, number: 1), .misnumbered(position: 1, number: 2),
            ])
    }

    @Test(
        "a predecessor is itself, later, named twice or nowhere", arguments: [[0], [1], [7], [-1]])
    func aPredecessorDoesNotComeEarlier(after: [Int]) throws {
        let bench = try Bench.textbook()
        let plan = bench.plan(
            [.move("build", "a", "b"), .move("mail", "c", "b")], after: [0: after])
        #expect(
            bench.violations(of: plan) == [.predecessor(of: Step.StepID(0), Step.StepID(after[0]))])
    }

    @Test func aPredecessorIsNamedTwice() throws {
        let bench = try Bench.textbook()
        let plan = bench.plan(
            [.move("build", "a", "b"), .move("mail", "c", "b")], after: [1: [0, 0]])
        #expect(bench.violations(of: plan) == [.predecessor(of: Step.StepID(1), Step.StepID(0))])
    }

    @Test func twoStepsOfAnInstanceAreUnordered() throws {
        let bench = try Bench.textbook()
        let actions: [Step.Action] = [.move("build", "a", "c"), .move("build", "c", "b")]
        #expect(
            bench.violations(of: bench.plan(actions)) == [
                .unordered(InstanceID("build"), Step.StepID(0), Step.StepID(1))
            ])
        #expect(bench.violations(of: bench.plan(actions, after: [1: [0]])) == [])
    }

    @Test func namesAreUnknown() throws {
        let bench = try Bench.textbook()
        let ghost = bench.plan([.move("nobody", "a", "b")])
        #expect(
            bench.violations(of: ghost) == [.unknownInstance(Step.StepID(0), InstanceID("nobody"))])
        let nowhere = bench.plan([.move("build", "a", "z")])
        #expect(bench.violations(of: nowhere) == [.unknownHost(Step.StepID(0), HostID("z"))])
    }

    @Test func theSourceIsWrong() throws {
        let bench = try Bench.textbook()
        #expect(
            bench.violations(of: bench.plan([.move("build", "c", "b")])) == [
                .wrongSource(
                    Step.StepID(0), InstanceID("build"), stated: HostID("c"), found: HostID("a"))
            ])
        #expect(
            bench.violations(of: bench.plan([.start("build", "b")])) == [
                .wrongSource(Step.StepID(0), InstanceID("build"), stated: nil, found: HostID("a"))
            ])
    }

    @Test func thePlanIsFromTheFuture() throws {
        let bench = try Bench.textbook()
        let plan = try bench.pack().with(parent: Revision(10))
        #expect(
            bench.violations(of: plan) == [
                .fromTheFuture(plan: Revision(10), snapshot: Revision(9))
            ])
    }

    @Test func everyReadIsNeeded() throws {
        let bench = try Bench.textbook()
        let plan = try bench.pack()
        #expect(plan.reads.count == 7)
        for omitted in plan.reads {
            let rest = plan.reads.filter { $0 != omitted }
            #expect(bench.violations(of: plan.with(reads: rest)) == [.unread(omitted.subject)])
        }
    }

    @Test func aReadIsStaleOrGone() throws {
        let bench = try Bench.textbook()
        let plan = try bench.pack()
        let old = Plan.Read(.host(HostID("a")), at: Revision(2))
        let reads = plan.reads.map { $0.subject == old.subject ? old : $0 }
        #expect(
            bench.violations(of: plan.with(reads: reads)) == [
                .stale(old.subject, planned: Revision(2), found: Revision(4))
            ])
        let gone = Plan.Read(.instance(InstanceID("gone")), at: Revision(1))
        #expect(
            bench.violations(of: plan.with(reads: plan.reads + [gone])) == [
                .stale(gone.subject, planned: Revision(1), found: nil)
            ])
    }

    @Test func aRationaleIsMissingOrWrong() throws {
        let bench = try Bench.textbook()
        let plan = try bench.pack()
        let build = InstanceID("build")
        let rest = plan.rationale.filter { $0.instance != build }
        #expect(bench.violations(of: plan.with(rationale: rest)) == [.unexplained(build)])
        let lie = Rationale(
            instance: build, decision: .stays(on: HostID("a"), because: .hostStays), refusals: [])
        #expect(bench.violations(of: plan.with(rationale: rest + [lie])) == [.unexplained(build)])
    }

    @Test("the counts of hosts are wrong", arguments: [(2, 1, 1), (3, 2, 1), (3, 1, 2)])
    func counts(before: Int, after: Int, lower: Int) throws {
        let bench = try Bench.textbook()
        let lie = Plan.Bound(before: before, after: after, lower: lower)
        let found = bench.violations(of: try bench.pack().with(bound: lie))
        #expect(found == [.bound(stated: lie, before: 3, after: 1)])
    }

    @Test func aPackGainsNothing() throws {
        let bench = try Bench.textbook()
        let plan = bench.plan([.move("build", "a", "b"), .move("web", "b", "a")], reason: .pack)
        #expect(bench.violations(of: plan).contains(.gainsNothing(before: 3, after: 3)))
    }
}
