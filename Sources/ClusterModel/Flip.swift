/// Changes after which a host could have an instance that it refuses as things are.
///
/// All of them are needed: without any one, or with one unit less of an amount, a rule still
/// refuses. Where there is a choice of whose to change, each choice is a flip of its own.
package struct Flip: Hashable, Sendable {
    /// In the order of the rules that they lift.
    package let changes: [Change]

    package init(_ changes: [Change]) { self.changes = changes }

    /// One thing that would have to be otherwise.
    package enum Change: Hashable, Sendable {
        // MARK: The host's

        /// The host takes instances.
        case ready(HostID)
        /// A probe finds that the host can do this.
        case capability(HostID, Capability.Name)
        case label(HostID, Label)
        case unlabel(HostID, Label)
        case untaint(HostID, Label)
        /// So much more is left below the ceilings of the host.
        case room(HostID, Resources)

        // MARK: Other instances'

        /// The instance leaves the host, and its failure domain with it.
        case leave(InstanceID, from: HostID)
        case bring(InstanceID, to: HostID)
        /// The move or start under way of the instance is over, where it began.
        case settle(InstanceID)
        /// The instance runs, and is wanted.
        case run(InstanceID)

        // MARK: The spec's

        case tolerate(WorkloadID, Label)
        case dropNeed(WorkloadID, Label)
        case dropAvoid(WorkloadID, Label)
        case dropApart(WorkloadID)
        case dropSpread(WorkloadID)
        case allow(WorkloadID, MoveMode)
        /// It may be gone for so long after the loss of its host.
        case recovery(WorkloadID, Duration)
        /// The instance counts for so much less.
        case smaller(InstanceID, by: Resources)

        // MARK: The policy's

        case ceilingCPU(Share)
        case ceilingMemory(Share)
        case rest(Duration)
        /// So many hosts may be lost at a time.
        case reserve(Int)

        /// Time passes.
        case wait(until: Instant)
    }
}
