import ClusterModel
import Specs

/// A plan for somebody who has never seen one.
struct PlanText {
    let plan: Plan
    var forecasts: [PlannedForecast] = []

    /// `3 hosts → 1, proved minimal`.
    var header: String {
        let bound = plan.bound
        let change =
            bound.before == bound.after
            ? HumanText.count(bound.before, "host")
            : "\(HumanText.count(bound.before, "host")) → \(bound.after)"
        let proof = bound.isProved ? "proved minimal" : "at least \(bound.lower), gap \(bound.gap)"
        return "plan \(plan.id), \(Self.reason(plan.reason)): \(change), \(proof)"
    }

    static func reason(_ reason: Plan.Reason) -> String {
        switch reason {
        case .pack: "pack"
        case .relieve(let host): "relieve \(host)"
        case .drain(let host): "drain \(host)"
        case .repair: "repair"
        case .place: "place"
        case .move(let instance): "move \(instance)"
        }
    }

    func text(width: Int?, colour: Bool) -> String {
        var text = header + "\n"
        if plan.steps.isEmpty {
            text += "\nnothing to do\(Self.nothing(plan))\n"
        } else {
            text += "\n" + steps(width: width, colour: colour)
        }
        return text + section("expected", expected) + section("next best", nextBest)
            + section("stays", stays)
            + section("pending", pending)
            + section("wakes", plan.wakes.map { "\($0), for what is pending" })
            + section("standing by", standbys)
            + section("refused", refused) + section("above the ceiling", exceedances)
    }

    /// Sleeping hosts that the reserve counts on, with what is left of the time.
    private var standbys: [String] {
        plan.standbys.map { standby in
            let what = HumanText.count(standby.instances, "instance")
            return
                "\(standby.sleeper), asleep: should \(standby.lost) be lost, \(what) of it restart there; "
                + "it wakes in \(standby.wake.notation), \(standby.margin.notation) before their time is over"
        }
    }

    /// How often the hosts would have been above their ceilings with what they hold in the end; those that never were are
    /// counted together.
    private var exceedances: [String] {
        let some = plan.exceedances.filter { $0.above > 0 }
        let never = plan.exceedances.filter { $0.above == 0 }
        let rest = never.first.map { entry in
            let noun = some.isEmpty ? "host" : "other host"
            return "\(HumanText.count(never.count, noun)): \(Self.words(entry))"
        }
        return some.map { "\($0.host): \(Self.words($0))" } + (rest.map { [$0] } ?? [])
    }

    /// `0.7% chance, above in 1 of 288 times five minutes`.
    static func words(_ entry: Plan.Exceedance) -> String {
        "\(entry.chance.notation) chance, above in \(entry.above) of \(entry.of) times five minutes"
    }

    private static func nothing(_ plan: Plan) -> String {
        switch plan.reason {
        case .pack: ": no move gains anything"
        case .repair: plan.rationale.isEmpty ? ": no rule is broken" : ": no move repairs anything"
        case .relieve, .drain, .place, .move: ""
        }
    }

    /// Of one that stays: what it would have been moved for was not to be had.
    private static func staying(_ grounds: Rationale.Grounds) -> String {
        guard case .repairs(let misfit) = grounds else { return words(grounds) }
        return "breaks a rule there, which no move repairs: \(MisfitText.words(misfit))"
    }

    /// What each move is expected to come to, one line each.
    private var expected: [String] {
        forecasts.map { "step \(Self.number($0.step)): \($0.forecast.words)" }
    }

    private func section(_ title: String, _ lines: [String]) -> String {
        lines.isEmpty ? "" : "\n\(title)\n" + lines.map { "  \($0)\n" }.joined()
    }

    private func steps(width: Int?, colour: Bool) -> String {
        var table = Table(
            .number("STEP"), .text("ACTION"), .text("INSTANCE"), .text("HOSTS"), .text("MODE"),
            .text("ORDER"), .text("WHY"))
        for step in plan.steps {
            let order = step.after.map { "\(Self.number($0))" }.joined(separator: ", ")
            let words = Self.words(step.action)
            table.add(
                .init("\(Self.number(step.id))"), .init(words.verb), .init(words.instance.rawValue),
                .init(words.hosts), .init(words.mode),
                .init(order.isEmpty ? "at once" : "after \(order)"),
                .init(why(words.instance)))
        }
        return table.text(width: width, colour: colour)
    }

    /// People count from one.
    static func number(_ step: Step.StepID) -> Int { step.number + 1 }

    /// One step as a line of progress names it.
    static func line(_ step: Step) -> String {
        let words = words(step.action)
        let mode = words.mode.isEmpty ? "" : " (\(words.mode))"
        return "\(words.verb) \(words.instance) \(words.hosts)\(mode)"
    }

    private struct Words {
        let verb: String
        let instance: InstanceID
        let hosts: String
        let mode: String
    }

    private static func words(_ action: Step.Action) -> Words {
        switch action {
        case .start(let instance, let host):
            Words(verb: "start", instance: instance, hosts: "on \(host)", mode: "")
        case .move(let instance, let from, let to, let mode):
            Words(verb: "move", instance: instance, hosts: "\(from) → \(to)", mode: mode.rawValue)
        case .stop(let instance, let host):
            Words(verb: "stop", instance: instance, hosts: "on \(host)", mode: "")
        }
    }

    private func why(_ instance: InstanceID) -> String {
        guard let rationale = plan.rationale.first(where: { $0.instance == instance }) else {
            return ""
        }
        switch rationale.decision {
        case .placed(_, let grounds), .moved(_, _, let grounds), .stays(_, let grounds),
            .stopped(_, let grounds):
            return Self.words(grounds)
        case .pending: return "no host can have it"
        }
    }

    static func words(_ grounds: Rationale.Grounds) -> String {
        switch grounds {
        case .fullest: "the fullest host that still takes it"
        case .empties(let host): "empties \(host)"
        case .relieves(let host): "relieves \(host)"
        case .drains(let host): "drains \(host)"
        case .repairs(let misfit): "repairs a broken rule: \(MisfitText.words(misfit))"
        case .asked: "asked for"
        case .returns: "was there before"
        case .freesNothing: "moving it would free no host"
        case .hostStays: "its host cannot be emptied"
        case .displaces(let others):
            "of higher priority than what gives way: \(others.map(\.rawValue).joined(separator: ", "))"
        case .displaced(let other): "gives way to \(other), which is of higher priority"
        }
    }

    static func words(_ decision: Rationale.Decision) -> String {
        switch decision {
        case .placed(let host, let grounds): "placed on \(host): \(words(grounds))"
        case .moved(let from, let to, let grounds): "moved \(from) → \(to): \(words(grounds))"
        case .stays(let host, let grounds): "stays on \(host): \(staying(grounds))"
        case .stopped(let host, let grounds): "stopped on \(host), waits there: \(words(grounds))"
        case .pending: "pending: no host can have it"
        }
    }

    /// The score of each new host, and of the one that would have been taken in its place.
    private var nextBest: [String] {
        plan.rationale.compactMap { rationale in
            guard let standing = rationale.standing else { return nil }
            let own = "\(rationale.instance): \(ExplainText.words(standing.score))"
            guard let other = standing.runnerUp else { return "\(own); no other host" }
            return "\(own); else \(other.host): \(ExplainText.words(other.score))"
        }
    }

    private var stays: [String] {
        plan.rationale.compactMap { rationale in
            guard case .stays(let host, let grounds) = rationale.decision else { return nil }
            return "\(rationale.instance) on \(host): \(Self.staying(grounds))"
        }
    }

    private var pending: [String] {
        plan.rationale.filter { $0.decision == .pending }.map(\.instance.rawValue)
    }

    private var refused: [String] {
        plan.rationale.flatMap { rationale in
            Self.refusals(rationale).map { "\(rationale.instance): \($0)" }
        }
    }

    /// From here on hosts are counted by rule: a person reads five lines, not a thousand.
    private static let mostRefusals = 5

    /// Each refused host with its reason and by how much, or counts of hosts when there are many.
    static func refusals(_ rationale: Rationale) -> [String] {
        guard rationale.refusals.count > mostRefusals else {
            return rationale.refusals.map { "\($0.host): \(MisfitText.words($0.misfit))" }
        }
        var counts: [(rule: String, count: Int)] = []
        for refusal in rationale.refusals {
            let rule = MisfitText.rule(refusal.misfit)
            if let index = counts.firstIndex(where: { $0.rule == rule }) {
                counts[index].count += 1
            } else {
                counts.append((rule, 1))
            }
        }
        let ordered = counts.sorted { ($1.count, $0.rule) < ($0.count, $1.rule) }
        return ordered.map { "\(HumanText.count($0.count, "host")): \($0.rule)" }
    }
}
