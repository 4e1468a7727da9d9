package import ClusterModel
package import ControlCore
import PlanAudit
import Planner

/// The real planner and the real auditor.
package enum Minds {
    package static func plan(_ job: PlanJob) -> PlanningResult {
        let isCalm = job.origin == .loop
        let planner = Planner(policy: job.policy, changed: job.policyChanged)
        do throws(PlanningFailure) {
            let plan =
                switch job.task {
                case .pack:
                    try planner.pack(job.snapshot, id: job.id, seed: job.seed, calm: isCalm)
                case .relieve(let host):
                    try planner.relieve(
                        host, in: job.snapshot, id: job.id, seed: job.seed, calm: isCalm)
                case .drain(let host, let force):
                    try planner.drain(
                        host, in: job.snapshot, id: job.id, seed: job.seed, force: force)
                case .place(let instances, let host):
                    try planner.place(
                        instances, in: job.snapshot, on: host, id: job.id, seed: job.seed)
                case .move(let instance, let host, let mode):
                    try planner.move(
                        instance, to: host, mode: mode, in: job.snapshot, id: job.id, seed: job.seed
                    )
                case .undo(let returns):
                    try planner.undo(returns, in: job.snapshot, id: job.id, seed: job.seed)
                case .rest(let host):
                    try planner.rest(host, in: job.snapshot, id: job.id)
                case .repair:
                    try planner.repair(job.snapshot, id: job.id, seed: job.seed, calm: isCalm)
                }
            return .plan(plan)
        } catch {
            return .refused("\(error)")
        }
    }

    package static func audit(_ plan: Plan, _ job: PlanJob) -> [String] {
        PlanAudit(policy: job.policy)
            .violations(
                of: plan, in: job.snapshot, forced: job.task.isForced, resting: job.task.resting
            ).map { "\($0)" }
    }
}
