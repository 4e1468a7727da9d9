package import ClusterModel

/// Why there is no plan at all, as opposed to a plan that does nothing.
package enum PlanningFailure: Error, Hashable, Sendable {
    /// The policy contradicts itself.
    case policy(InvalidValue)
    /// The snapshot has no such host.
    case unknownHost(HostID)
    /// The snapshot has no such instance.
    case unknownInstance(InstanceID)
    /// A new instance that already has a host, or is not wanted running.
    case notWaiting(InstanceID)
    /// A move of an instance that is on no host.
    case notPlaced(InstanceID)
    /// A move to the host it is on.
    case alreadyThere(InstanceID, HostID)
    /// A move that every host asked for refuses, each with its first failing rule.
    case refused(InstanceID, [Rationale.Refusal])
    /// A host that may not sleep, because something is on it.
    case notEmpty(HostID)
    /// A host that may not sleep: without it the loss of another could not be borne.
    case needed(HostID, forLossOf: HostID)
}
