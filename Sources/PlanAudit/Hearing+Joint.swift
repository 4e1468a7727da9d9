import ClusterModel

extension Hearing {
    /// What every instance counts for bucket by bucket, where the policy's demand is joint.
    var joint: (rule: JointRule, amounts: [[UInt32]])? {
        guard case .joint(let rule) = policy.demand else { return nil }
        return (rule, snapshot.instances.map { snapshot.amounts(of: $0, under: rule) })
    }
}
