import ClusterModel
import Planner

/// Plans, verdicts and refusals as a transcript shows them.
enum Rendering {
    static func lines(of plan: Plan) -> [String] {
        let bound = plan.bound
        let proof = bound.isProved ? "proved" : "gap \(bound.gap)"
        var lines = ["  hosts \(bound.before) -> \(bound.after), lower \(bound.lower), \(proof)"]
        if plan.steps.isEmpty { lines.append("  no steps") }
        lines += plan.steps.map { "  " + text($0) }
        lines += plan.rationale.map { "  " + text($0) }
        lines += plan.standbys.map {
            "  \($0.sleeper) stands by for \($0.lost): \($0.instances) in \($0.wake), margin \($0.margin)"
        }
        lines += plan.wakes.map { "  wakes \($0)" }
        return lines
    }

    static func text(_ step: Step) -> String {
        let action =
            switch step.action {
            case .start(let instance, let host): "start \(instance) on \(host)"
            case .move(let instance, let source, let target, let mode):
                "\(mode.rawValue) \(instance) \(source) -> \(target)"
            case .stop(let instance, let host): "stop \(instance) on \(host)"
            }
        let after = step.after.map { "\($0.number)" }.joined(separator: ",")
        return "\(step.id.number). \(action)" + (after.isEmpty ? "" : "  after \(after)")
    }

    static func text(_ rationale: Rationale) -> String {
        let decision =
            switch rationale.decision {
            case .placed(let host, let grounds): "placed on \(host), \(text(grounds))"
            case .moved(let source, let target, let grounds):
                "\(source) -> \(target), \(text(grounds))"
            case .stays(let host, let grounds): "stays on \(host), \(text(grounds))"
            case .stopped(let host, let grounds): "stopped on \(host), \(text(grounds))"
            case .pending: "pending"
            }
        let refusals = rationale.refusals.map { "\($0.host): \(text($0.misfit))" }
        return "\(rationale.instance): \(decision)"
            + (refusals.isEmpty ? "" : "; refused by " + refusals.joined(separator: ", "))
    }

    static func text(_ grounds: Rationale.Grounds) -> String {
        switch grounds {
        case .fullest: "fullest"
        case .empties(let host): "empties \(host)"
        case .relieves(let host): "relieves \(host)"
        case .drains(let host): "drains \(host)"
        case .repairs(let misfit): "repairs \(text(misfit))"
        case .asked: "asked"
        case .returns: "returns"
        case .freesNothing: "frees nothing"
        case .hostStays: "host stays"
        case .displaces(let others): "displaces \(others.map(\.rawValue).joined(separator: ", "))"
        case .displaced(let other): "displaced by \(other)"
        }
    }

    static func text(_ verdict: HostVerdict) -> String {
        let room = "room \(verdict.room.cpu.millicores)m \(text(verdict.room.memory))"
        return "\(verdict.host)\(verdict.current ? " (here)" : ""): "
            + (verdict.misfit.map { text($0) } ?? "fits") + ", " + room
    }

    static func text(_ misfit: Misfit) -> String {
        switch misfit {
        case .cpu(let short): "cpu short \(short.millicores)m"
        case .memory(let short): "memory short \(text(short))"
        case .disk(let short): "disk short \(text(short))"
        case .network(let short): "network short \(short.count)"
        case .scalar(let name, let short): "\(name) short \(short)"
        case .hostState(let state): "is \(state.rawValue)"
        case .driver(let kind, let reason): "no driver for \(kind.rawValue) (\(reason))"
        case .architecture(let needed, let found): "architecture \(found), needs \(needed)"
        case .need(let label): "needs \(label.name)=\(label.value)"
        case .avoid(let label): "avoids \(label.name)=\(label.value)"
        case .taint(let label): "taint \(label.name)=\(label.value)"
        case .apart(let other): "apart from \(other)"
        case .together(let other): "together with \(other)"
        case .spread(let domain, let over): "\(domain.name)=\(domain.value) has its \(over)"
        case .move(let refusal): "no move (\(text(refusal)))"
        case .resting(let until): "rests until \(until.milliseconds / 60_000)min"
        case .reserve(let short): "reserve short \(short.cpu.millicores)m \(text(short.memory))"
        case .undone(let until): "undone there until \(until.milliseconds / 60_000)min"
        case .files(let host): "files on \(host)"
        }
    }

    private static func text(_ refusal: MoveRefusal) -> String {
        switch refusal {
        case .notAllowed(let allowed, let possible):
            "allowed \(allowed.map(\.rawValue)), possible \(possible.map(\.rawValue))"
        case .unwritable(let refusal): refusal.words
        case .notRunning: "not running"
        case .underway: "under way"
        case .budget: "budget"
        }
    }

    private static func text(_ bytes: Bytes) -> String {
        bytes.count % (1 << 20) == 0 ? "\(bytes.count >> 20)MiB" : "\(bytes.count)B"
    }

    static func text(_ failure: PlanningFailure) -> String {
        switch failure {
        case .notEmpty(let host): "\(host) is not empty"
        case .needed(let host, let lost): "\(host) is needed for the loss of \(lost)"
        case .policy(let invalid): "policy \(invalid.field) \(invalid.problem)"
        case .unknownHost(let id): "no host \(id)"
        case .unknownInstance(let id): "no instance \(id)"
        case .notWaiting(let id): "\(id) does not wait for a host"
        case .notPlaced(let id): "\(id) is on no host"
        case .alreadyThere(let id, let host): "\(id) is on \(host)"
        case .refused(let id, let refusals):
            "\(id) refused by "
                + refusals.map { "\($0.host): \(text($0.misfit))" }.joined(separator: ", ")
        }
    }
}
