import ClusterModel
import PlanAudit
import Planner
import Testing

/// The auditor's method against the plain one: visiting every reachable state.
@Suite struct AuditLaws {
    /// Moves drawn without sense, in an order drawn without sense.
    private func drawnPlan(_ world: World, _ dice: inout SplitMix64) -> Plan {
        let snapshot = world.snapshot
        var place: [InstanceID: HostID] = [:]
        var last: [InstanceID: Step.StepID] = [:]
        for view in snapshot.instances where view.isPresent { place[view.id] = view.host }
        var steps: [Step] = []
        for number in 0..<Int(2 + dice.below(5)) {
            guard let view = snapshot.instances.randomElement(using: &dice),
                let source = place[view.id],
                !snapshot.reservations.contains(where: { $0.instance == view.id }),
                let target = snapshot.hosts.randomElement(using: &dice)?.id, target != source
            else { continue }
            let id = Step.StepID(steps.count)
            var after = Set((0..<steps.count).filter { _ in dice.hits(3) }.map(Step.StepID.init))
            if let earlier = last[view.id] { after.insert(earlier) }
            let action =
                number == 4
                ? Step.Action.stop(view.id, on: source)
                : .move(view.id, from: source, to: target, mode: .restart)
            steps.append(Step(id: id, action: action, after: Array(after)))
            place[view.id] = number == 4 ? nil : target
            last[view.id] = id
        }
        return Plan(
            id: PlanID("p"), reason: .repair, parent: snapshot.revision, reads: [], steps: steps,
            rationale: [], bound: Plan.Bound(before: 0, after: 0, lower: 0))
    }

    @Test(
        "the audit finds a bad cut if and only if one can be reached", arguments: PlannerLaws.seeds)
    func exact(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed ^ 0xA0D1)
        for round in 0..<20 {
            let world = World.drawn(
                dice.next(), World.Shape(hosts: 2...4, instances: 3...8, oneInRules: 4))
            let plan = drawnPlan(world, &dice)
            var interleaving = Interleaving(plan, in: world, seed: 0)
            interleaving.runAll()
            let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
                .filter(\.isOfCut)
            #expect(
                found.isEmpty == interleaving.problems.isEmpty,
                "seed \(seed), round \(round): \(found), \(interleaving.problems.first ?? "none")"
            )
        }
    }
}

extension Violation {
    /// Whether it speaks of steps that run at the same time, in a way that `Interleaving` watches.
    fileprivate var isOfCut: Bool {
        switch self {
        case .overcommitted, .apart, .movesPerHost, .movesPerCluster, .movesPerDomain: true
        case .misnumbered, .predecessor, .unordered, .unknownInstance, .unknownHost, .wrongSource,
            .fromTheFuture, .unread, .stale, .unexplained, .bound, .gainsNothing, .notMovable,
            .notWaiting, .misfit, .resting, .notDisplaced, .spread, .together, .reserve,
            .standbys, .wakes, .asleep:
            false
        }
    }
}
