import ClusterModel
import Simulator
import Specs
import Wire

extension Simulate {
    /// Most plans of which the difference is shown.
    private static let shown = 3

    /// Makes every recorded plan again; one that differs is a failure, and the difference is data.
    func replay(_ path: String, in shell: Shell) throws(CommandFailure) -> ExitStatus {
        let entries = try entries(of: path, in: shell)
        var lines: [String] = []
        var different: [PlanID] = []
        for entry in entries {
            let again = Replay.plan(
                in: Replay.answer(
                    entry.id, reason: entry.reason, instances: entry.instances,
                    toHost: entry.toHost, mode: entry.mode, force: entry.force,
                    origin: entry.origin, seed: entry.seed, policy: entry.policy,
                    policyChanged: entry.policyChanged, snapshot: entry.snapshot,
                    returns: entry.returns))
            guard again?.encoded() != entry.plan?.encoded() else { continue }
            different.append(entry.id)
            if different.count <= Self.shown {
                lines += ["\(entry.id): recorded (-) and made again (+)"]
                lines += Self.difference(Self.lines(of: entry.plan), Self.lines(of: again))
            }
        }
        let (all, count) = (entries.count, different.count)
        shell.answer([
            "plans": .integer(all),
            "different": .list(different.map { .text($0.rawValue) }),
        ]) {
            lines.map { $0 + "\n" }.joined()
                + "\(HumanText.count(all, "plan")), \(all - count) the same, \(count) different\n"
        }
        guard different.isEmpty else {
            throw CommandFailure(
                "the recording does not replay",
                why: "\(count) of \(HumanText.count(all, "plan")) came out different",
                try: "use the version of huddle that recorded it")
        }
        return .done
    }

    /// The cluster that was recorded, with its load; its policy runs what it plans.
    func recorded(in path: String, _ shell: Shell) throws(CommandFailure) -> Scenario {
        let entries = try entries(of: path, in: shell)
        var policy = entries.last?.policy ?? .standard
        policy.mode = .auto
        let pictures = entries.map(\.snapshot).sorted { $0.takenAt < $1.takenAt }
        guard let scenario = Scenario(pictures: pictures, policy: policy) else {
            throw CommandFailure(
                "nothing was simulated",
                why: entries.isEmpty
                    ? "\(path) holds no plan" : "\(path) shows no host or no use over time",
                try: "record for longer, and while huddle plan or the loop makes plans")
        }
        return scenario
    }

    private func entries(
        of path: String, in shell: Shell
    ) throws(CommandFailure) -> [RecordEntry] {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try shell.surroundings.files.read(path)
        } catch {
            throw CommandFailure(
                "the recording was not read", why: "\(path): \(error.reason)",
                try: "name a file that huddle record made")
        }
        do throws(RecordingFile.Failure) {
            return try RecordingFile.read(bytes)
        } catch {
            throw CommandFailure(
                "the recording was not read", why: "\(path): \(error.problem)",
                try: "record it again with huddle record")
        }
    }

    private static func lines(of plan: Plan?) -> [String] {
        guard let plan else { return ["refused"] }
        let steps = plan.steps.map { step in
            let what =
                switch step.action {
                case .start(let instance, let host): "start \(instance) on \(host)"
                case .move(let instance, let source, let target, let mode):
                    "move \(instance) \(source) to \(target) \(mode.rawValue)"
                case .stop(let instance, let host): "stop \(instance) on \(host)"
                }
            return "\(what) after \(step.after.map(\.number))"
        }
        let bound = plan.bound
        return ["hosts \(bound.before) to \(bound.after), bound \(bound.lower)"] + steps
            + plan.rationale.map { "\($0.instance): \($0.decision), \($0.refusals.count) refused" }
            + plan.reads.map { "reads \($0.subject) at \($0.revision.number)" }
    }

    /// The lines of either that the other has not, in their order.
    private static func difference(_ old: [String], _ new: [String]) -> [String] {
        let (before, after) = (Set(old), Set(new))
        let lines =
            old.filter { !after.contains($0) }.map { "- \($0)" }
            + new.filter { !before.contains($0) }.map { "+ \($0)" }
        return lines.isEmpty ? ["  the same steps in another order or for other reasons"] : lines
    }
}
