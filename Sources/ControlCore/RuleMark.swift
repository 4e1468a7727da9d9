import ClusterModel

/// What rules between instances and hosts speak of, but where instances are: whoever places or moves
/// one sees to its rules, so while nothing of this changes no rule begins to be broken.
package struct RuleMark: Hashable, Sendable {
    /// Revisions at which hosts last changed: their labels, taints and standing.
    let hosts: [HostID: Revision]
    /// What hosts have and can do.
    let capacities: [HostID: Capacity]
    /// Revisions at which specs last changed.
    let workloads: [WorkloadID: Revision]
}
