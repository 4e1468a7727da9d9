import ClusterModel
import PlanAudit
import Testing

/// Many arrivals at one host, each of which waits for one departure only.
@Suite struct JointAuditTests {
    /// Whether the host can be overcommitted while `count` instances, busy early by `amount`,
    /// leave and as many come that are busy late.
    private func isRefused(_ count: Int, amount: UInt64, waits: Bool = true) throws -> Bool {
        var world = World()
        world.policy.demand = .joint(
            JointRule(chance: .percent(50), window: DaySeries.bucket * 3))
        world.add(host: "a", memory: 1 << 20)
        world.add(host: "b", cpu: 1 << 20, memory: 1 << 20)
        let end = DaySeries.number(of: world.now)
        var steps: [Step] = []
        for index in 0..<count {
            for (name, home, day) in [
                ("early\(index)", "a", [amount, 1, 1]), ("late\(index)", "b", [1, 1, amount]),
            ] {
                world.add(
                    try Workload(
                        kind: .vm, name: WorkloadID(name), image: .named("disk"),
                        size: Resources(cpu: CPU(millicores: 800), memory: .mebibytes(1))),
                    on: home, day: DaySeries(end: end, day))
            }
            let leaving = Step.StepID(2 * index)
            steps.append(
                Step(
                    id: leaving,
                    action: .move(
                        InstanceID("early\(index)"), from: HostID("a"), to: HostID("b"),
                        mode: .live)))
            steps.append(
                Step(
                    id: Step.StepID(2 * index + 1),
                    action: .move(
                        InstanceID("late\(index)"), from: HostID("b"), to: HostID("a"),
                        mode: .live), after: waits ? [leaving] : []))
        }
        let plan = Plan(
            id: PlanID("p"), reason: .repair, parent: world.revision, reads: [], steps: steps,
            rationale: [], bound: Plan.Bound(before: 2, after: 2, lower: 0))
        return PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
            .contains { violation in
                if case .overcommitted(HostID("a"), .cpu) = violation { true } else { false }
            }
    }

    @Test("every union of departures is looked at: twelve pairs never meet as a whole")
    func exact() throws {
        #expect(try !isRefused(12, amount: 120))
        #expect(try isRefused(12, amount: 160))
        #expect(try isRefused(12, amount: 120, waits: false))
    }

    @Test("where there are too many unions, the worst of each bucket decides: never too little")
    func conservative() throws {
        #expect(try !isRefused(13, amount: 60))
        #expect(try isRefused(13, amount: 160))
        #expect(try isRefused(13, amount: 120))
    }
}
