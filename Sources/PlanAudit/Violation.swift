package import ClusterModel

/// One way in which a plan is wrong; a plan without any may run.
package enum Violation: Hashable, Sendable {
    // MARK: Its form

    /// The step at `position` has another number.
    case misnumbered(position: Int, number: Int)
    /// A predecessor that does not come earlier in the plan, or is named twice.
    case predecessor(of: Step.StepID, Step.StepID)
    /// Two steps of one instance that may run at the same time.
    case unordered(InstanceID, Step.StepID, Step.StepID)

    // MARK: Its facts

    /// A step names an instance that the snapshot does not have.
    case unknownInstance(Step.StepID, InstanceID)
    /// A step names a host that the snapshot does not have.
    case unknownHost(Step.StepID, HostID)
    /// The instance is elsewhere, or nowhere, when the step begins.
    case wrongSource(Step.StepID, InstanceID, stated: HostID?, found: HostID?)
    /// The plan was made from a later snapshot than this one.
    case fromTheFuture(plan: Revision, snapshot: Revision)
    /// Something the plan depends on is not among what it says it read.
    case unread(Plan.Read.Subject)
    /// Something it read has changed since, or is gone.
    case stale(Plan.Read.Subject, planned: Revision, found: Revision?)
    /// An instance that a step touches has no rationale, or one that says something else.
    case unexplained(InstanceID)
    /// The counts of hosts that the plan states are not those of its steps, or contradict the
    /// bound.
    case bound(stated: Plan.Bound, before: Int, after: Int)
    /// A pack that moves instances and frees no host.
    case gainsNothing(before: Int, after: Int)

    // MARK: Each step by itself

    /// The instance cannot be moved or started as things are.
    case notMovable(Step.StepID, InstanceID, MoveRefusal)
    /// An instance that is not wanted running would be started, or one with a host a second time.
    case notWaiting(Step.StepID, InstanceID)
    /// The host must not have the instance, whatever else is on it.
    case misfit(Step.StepID, HostID, Misfit)
    /// The instance moved too short a time ago for a plan of this kind.
    case resting(Step.StepID, InstanceID, until: Instant)
    /// A running instance is stopped, or moved by a plan that places others, though it need not give
    /// way: none of higher priority starts on its host, or its spec or the policy does not allow it.
    case notDisplaced(Step.StepID, InstanceID)

    // MARK: Any reachable cut

    /// With some set of steps done and under way, the host holds more than it may, by this much.
    case overcommitted(HostID, Misfit)
    /// The two instances can be on the host at the same time.
    case apart(HostID, InstanceID, InstanceID)
    /// So many instances of the workload can be in the failure domain at the same time.
    case spread(WorkloadID, Label, count: Int, share: Int)
    /// So many moves that touch the host can run at the same time.
    case movesPerHost(HostID, count: Int, allowed: Int)
    /// So many moves that touch the failure domain can run at the same time.
    case movesPerDomain(Label, count: Int, allowed: Int)
    /// So many moves can run at the same time.
    case movesPerCluster(count: Int, allowed: Int)

    // MARK: The end

    /// The two instances have to share a host and would not.
    case together(InstanceID, InstanceID)
    /// The host could be lost before and could not afterwards.
    case reserve(HostID)
    /// What the plan says of sleeping hosts that the reserve counts on is not so.
    case standbys
    /// The host is to sleep and is not empty, or is not on.
    case asleep(HostID)
    /// The plan wakes a host that does not sleep, or is not counted on to wake.
    case wakes(HostID)
}
