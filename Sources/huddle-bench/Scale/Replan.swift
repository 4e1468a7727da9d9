import ArgumentParser
import ClusterModel
import Foundation
import PlanAudit
import Planner

/// `huddle-bench replan`: how fast, and how tightly, a whole cluster is packed.
struct Replan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replan",
        abstract: "Pack a cluster on which drawn workloads are scattered, by the planner alone.")

    @OptionGroup var options: ScaleOptions

    @Flag(help: "Have the plan audited too; the time grows with the square of its steps.")
    var audit = false

    struct Result: Codable {
        let seconds: Double
        let hostsBefore: Int
        let hostsAfter: Int
        let bound: Int
        let moves: Int
        var auditSeconds: Double?
        var violations: Int?
    }

    func run() throws {
        let cluster = try options.cluster()
        let snapshot = cluster.scattered(seed: options.seed)
        let clock = ContinuousClock()
        let planner = Planner(policy: cluster.policy, changed: Revision(1))
        let start = clock.now
        let plan = try planner.pack(snapshot, id: PlanID("replan"), seed: options.seed)
        let seconds = (clock.now - start).inSeconds
        var result = Result(
            seconds: (seconds * 1000).rounded() / 1000, hostsBefore: plan.bound.before,
            hostsAfter: plan.bound.after, bound: plan.bound.lower, moves: plan.steps.count)
        if audit {
            let start = clock.now
            let violations = PlanAudit(policy: cluster.policy).violations(of: plan, in: snapshot)
            result.auditSeconds = ((clock.now - start).inSeconds * 1000).rounded() / 1000
            result.violations = violations.count
        }
        print(try ResultLine.text(result))
    }
}
