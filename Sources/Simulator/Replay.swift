package import ClusterModel
package import ControlCore

/// Makes a recorded plan again from what it was made from.
package enum Replay {
    /// The planner's answer.
    package static func answer(
        _ id: PlanID, reason: Plan.Reason, instances: [InstanceID], toHost: HostID?,
        mode: MoveMode?, force: Bool, origin: PlanOrigin, seed: UInt64, policy: Policy,
        policyChanged: Revision, snapshot: Snapshot, returns: [Release.Return] = []
    ) -> PlanningResult? {
        let task: PlanTask
        switch reason {
        case .pack: task = .pack
        case .relieve(let host): task = .relieve(host)
        case .drain(let host): task = .drain(host, force: force)
        case .place: task = .place(instances, on: toHost)
        case .move(let instance): task = .move(instance, to: toHost, mode: mode)
        case .repair: task = returns.isEmpty ? .repair : .undo(returns)
        }
        return Minds.plan(
            PlanJob(
                id: id, task: task, snapshot: snapshot, policy: policy,
                policyChanged: policyChanged, seed: seed, origin: origin))
    }

    /// The plan of it; `nil` when the planner refuses or is never asked.
    package static func plan(in answer: PlanningResult?) -> Plan? {
        guard case .plan(let plan) = answer else { return nil }
        return plan
    }
}
