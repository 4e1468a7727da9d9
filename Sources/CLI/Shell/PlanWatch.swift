import ClusterModel
import Wire

/// Runs a stored plan and tells each change on standard error: one plain line, no cursor codes.
struct PlanWatch {
    let shell: Shell
    let plan: Plan

    /// Returns when the plan has ended; throws when it ended otherwise than well.
    func run(_ access: ClusterAccess) async throws(CommandFailure) {
        let what = "run the plan \(plan.id)"
        shell.notice("running plan \(plan.id); interrupting this stops watching, not the plan")
        let stream = try await shell.call(what, access.runPlan, PlanRequest(id: plan.id))
        var last: PlanProgress?
        var lastLine = ""
        while let progress = try await shell.next(what, of: stream) {
            if let line = line(progress), line != lastLine {
                shell.notice(line)
                lastLine = line
            }
            last = progress
        }
        guard let last else {
            throw CommandFailure(
                "could not \(what)", why: "the coordinator told nothing of it",
                try: "huddle events shows what became of it")
        }
        try judge(last)
    }

    private func line(_ progress: PlanProgress) -> String? {
        guard let id = progress.step, let step = plan.steps.first(where: { $0.id == id }) else {
            return nil
        }
        let state: String =
            switch progress.stepState {
            case .waiting: "waits\(progress.reason.isEmpty ? "" : ": \(progress.reason)")"
            case .running:
                [
                    progress.phase.map { Self.words($0) } ?? "runs",
                    progress.progress.map(HumanText.advance),
                ].compactMap { $0 }.joined(separator: ", ")
            case .done: "done"
            case .failed: "failed\(progress.reason.isEmpty ? "" : ": \(progress.reason)")"
            }
        return "step \(PlanText.number(id))/\(plan.steps.count) \(PlanText.line(step)): \(state)"
    }

    private static func words(_ phase: Move.Phase) -> String {
        switch phase {
        case .preflight: "checks both hosts"
        case .prepare: "prepares the target"
        case .copy: "copies"
        case .switchOver: "switches over"
        case .confirm: "confirms"
        case .release: "releases the source"
        }
    }

    private func judge(_ last: PlanProgress) throws(CommandFailure) {
        switch last.state {
        case .done:
            shell.notice("plan \(plan.id) is done")
        case .failed:
            throw CommandFailure(
                "the plan \(plan.id) failed",
                why: last.reason.isEmpty ? "no reason was given" : last.reason,
                try: "huddle events tells more; every instance runs on where it is")
        case .stale:
            throw CommandFailure(
                "the plan \(plan.id) goes no further",
                why: last.reason.isEmpty
                    ? "the cluster has changed since it was made" : last.reason,
                try: "make a new plan", .conflict)
        case .stored, .running:
            throw CommandFailure(
                "the plan \(plan.id) is out of sight", why: "the coordinator stopped telling of it",
                try: "huddle moves shows what is under way", .unreachable)
        }
    }
}
