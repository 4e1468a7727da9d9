package import ClusterModel

/// An independent judge of plans: whether a plan may run, whatever made it.
///
/// It shares the vocabulary and the facts with the planner, never its code; a slip in the one is to
/// be found by the other. How it covers every reachable interleaving without visiting them is
/// argued in `PlanAudit.md`.
package struct PlanAudit: Sendable {
    /// The policy under which plans are to run.
    package let policy: Policy

    /// A judge by `policy`.
    package init(policy: Policy) { self.policy = policy }

    /// Everything that is wrong with `plan` if it starts in `snapshot`; empty when it may run.
    ///
    /// When the form of the plan or its sources are wrong, only that is told, because nothing else
    /// has a meaning then. `forced` says that an operator accepted modes of moving beyond those of
    /// the specs.
    package func violations(
        of plan: Plan, in snapshot: Snapshot, forced: Bool = false, resting: HostID? = nil
    ) -> [Violation] {
        let (precedence, malformed) = Precedence.make(plan.steps)
        guard malformed.isEmpty else { return malformed }
        let itinerary = Itinerary(plan, snapshot, precedence)
        guard itinerary.violations.isEmpty else { return itinerary.violations }
        let hearing = Hearing(
            plan: plan, snapshot: snapshot, policy: policy, forced: forced, precedence: precedence,
            itinerary: itinerary)
        return hearing.readViolations() + hearing.stepViolations() + hearing.roomViolations()
            + hearing.apartViolations() + hearing.spreadViolations() + hearing.budgetViolations()
            + hearing.endViolations() + (resting.map { hearing.restViolations($0) } ?? [])
    }
}

/// One plan before the judge, with what was established about it.
struct Hearing {
    let plan: Plan
    let snapshot: Snapshot
    let policy: Policy
    let forced: Bool
    let precedence: Precedence
    let itinerary: Itinerary
    let demands: [Resources]

    init(
        plan: Plan, snapshot: Snapshot, policy: Policy, forced: Bool, precedence: Precedence,
        itinerary: Itinerary
    ) {
        self.plan = plan
        self.snapshot = snapshot
        self.policy = policy
        self.forced = forced
        self.precedence = precedence
        self.itinerary = itinerary
        demands = snapshot.instances.map { snapshot.demand(of: $0, under: policy.demand) }
    }

    func workload(_ instance: Int) -> Workload { snapshot.instances[instance].workload }

    /// Stays on each host, those of ghosts included.
    var staysOfHosts: [[Stay]] {
        var stays: [[Stay]] = snapshot.hosts.map { _ in [] }
        for stay in itinerary.stays.joined() { stays[stay.host].append(stay) }
        for ghost in itinerary.ghosts { stays[ghost.host].append(ghost) }
        return stays
    }
}
