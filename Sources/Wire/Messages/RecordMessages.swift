package import ClusterModel

/// Asks for every plan that is made from now on, with all that it is made from.
package struct RecordRequest: Hashable, Sendable {
    /// After this the recording ends; `nil` is never.
    package let length: Duration?

    package init(length: Duration? = nil) { self.length = length }
}

/// A piece of an entry, which can be larger than a message may be.
package struct RecordPiece: Hashable, Sendable {
    package let bytes: [UInt8]
    /// Whether the entry ends with it.
    package let isLast: Bool

    package init(bytes: [UInt8], isLast: Bool) {
        self.bytes = bytes
        self.isLast = isLast
    }
}

/// One plan with everything that it was made from.
package struct RecordEntry: Hashable, Sendable {
    package let id: PlanID
    package let reason: Plan.Reason
    /// Instances to place.
    package let instances: [InstanceID]
    /// Where a user wants them, or the one that is moved.
    package let toHost: HostID?
    package let mode: MoveMode?
    package let force: Bool
    package let origin: PlanOrigin
    package let seed: UInt64
    package let policy: Policy
    package let policyChanged: Revision
    package let snapshot: Snapshot
    /// `nil` when the planner refused.
    package let plan: Plan?
    /// Why it refused.
    package let refusal: String
    /// What is to be brought back.
    package let returns: [Release.Return]

    package init(
        id: PlanID, reason: Plan.Reason, instances: [InstanceID] = [], toHost: HostID? = nil,
        mode: MoveMode? = nil, force: Bool = false, origin: PlanOrigin, seed: UInt64,
        policy: Policy, policyChanged: Revision, snapshot: Snapshot, plan: Plan?,
        refusal: String = "", returns: [Release.Return] = []
    ) {
        self.id = id
        self.reason = reason
        self.instances = instances
        self.toHost = toHost
        self.mode = mode
        self.force = force
        self.origin = origin
        self.seed = seed
        self.policy = policy
        self.policyChanged = policyChanged
        self.snapshot = snapshot
        self.plan = plan
        self.refusal = refusal
        self.returns = returns
    }
}
