import ClusterModel
import Wire

/// Shows a plan, runs it and shows what became of it: what every command that moves something does.
struct PlanRun {
    let shell: Shell

    /// Writes the plan as the command's result.
    func show(_ reply: PlanReply) {
        shell.answer(StructuredValue(reply)) { text(reply) }
    }

    /// Shows a person what would be run; programs get the plan at the end alone.
    func preview(_ reply: PlanReply) {
        if shell.isStructured {
            for line in text(reply).split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast()
            {
                shell.notice(String(line))
            }
        } else {
            shell.write(text(reply))
        }
    }

    private func text(_ reply: PlanReply) -> String {
        PlanText(plan: reply.plan, forecasts: reply.forecasts).text(
            width: shell.width, colour: shell.outputColour)
    }

    /// Runs a stored plan to its end, and writes it as the result unless it has been shown to a
    /// person.
    func follow(_ reply: PlanReply, _ access: ClusterAccess, shown: Bool)
        async throws(CommandFailure)
    {
        if !shown, !shell.isStructured { shell.write(text(reply)) }
        if !reply.plan.steps.isEmpty, reply.state != .done {
            try await PlanWatch(shell: shell, plan: reply.plan).run(access)
        }
        if shell.isStructured {
            show(PlanReply(plan: reply.plan, state: .done, forecasts: reply.forecasts))
        }
    }

    /// Why instances stay on `host`, one line each.
    static func staying(_ plan: Plan, on host: HostID) -> [String] {
        let lines = plan.rationale.flatMap { rationale -> [String] in
            let grounds: Rationale.Grounds
            switch rationale.decision {
            case .stays(host, let own), .stopped(host, let own): grounds = own
            case .stays, .stopped, .moved, .placed, .pending: return []
            }
            let refusals = PlanText.refusals(rationale)
            let causes = refusals.isEmpty ? [PlanText.words(grounds)] : refusals
            return causes.map { "\(rationale.instance): \($0)" }
        }
        return lines.isEmpty ? ["it came or came back after the plan was made"] : lines
    }
}
