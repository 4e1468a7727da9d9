import ClusterModel

/// Why the loop asks for a plan, kept with the plan and told with it.
package struct LoopOccasion: Hashable, Sendable {
    let reason: Plan.Reason
    /// Such as `a: cpu 96 %, above 90 % for 2 min`.
    let words: String
    /// Whether a plan could start by itself when it was asked for.
    let mayStart: Bool
    /// Whether it is only to be seen if there is anything to do; such a plan is never run.
    var isLook = false

    init(_ reason: Plan.Reason, _ words: String, mayStart: Bool) {
        self.reason = reason
        self.words = words
        self.mayStart = mayStart
    }

    /// Such as `relieve a (cpu 96 %, above 90 % for 2 min): move web-0 to b`.
    func telling(_ plan: Plan) -> String {
        "\(verb) (\(words)): \(LoopWords.steps(of: plan))"
    }

    private var verb: String {
        switch reason {
        case .relieve(let host): "relieve \(host)"
        case .pack: "pack"
        case .drain(let host): "drain \(host)"
        case .repair: "repair"
        case .place: "place"
        case .move(let instance): "move \(instance)"
        }
    }
}

/// How the loop speaks of figures.
enum LoopWords {
    /// Steps, and instances, that one line names; the plan itself has them all.
    private static let namedSteps = 3

    /// Such as `cpu 96 %, above 90 % for 2 min`.
    static func hot(_ stretch: LoadWatch.Stretch, above share: Share) -> String {
        "cpu \(text(stretch.cpu)), above \(text(share)) for \(text(stretch.lasted))"
    }

    /// Such as `cpu 12 %, below 45 % for 15 min`.
    static func cold(_ stretch: LoadWatch.Stretch, below share: Share) -> String {
        "cpu \(text(stretch.cpu)), below \(text(share)) for \(text(stretch.lasted))"
    }

    /// Such as `web-0, web-1, web-2 and 3 more break a rule, for 2 min`.
    static func broken(_ instances: [InstanceID], for lasted: Duration) -> String {
        let named = instances.prefix(namedSteps).map(\.rawValue).joined(separator: ", ")
        let more = instances.count - namedSteps
        let verb = instances.count == 1 ? "breaks" : "break"
        return "\(named)\(more > 0 ? " and \(more) more" : "") \(verb) a rule, for \(text(lasted))"
    }

    /// Such as `move web-0 to b, stop db-0 on a, start king-0 on a and 2 more`.
    static func steps(of plan: Plan) -> String {
        let named = plan.steps.prefix(namedSteps).map { step in
            switch step.action {
            case .move(let instance, _, let target, _): "move \(instance) to \(target)"
            case .start(let instance, let host): "start \(instance) on \(host)"
            case .stop(let instance, let host): "stop \(instance) on \(host)"
            }
        }
        let more = plan.steps.count - named.count
        return named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// Such as `96 %` or `96.5 %`.
    static func text(_ share: Share) -> String {
        let tenths = share.permille % 10
        return tenths == 0 ? "\(share.permille / 10) %" : "\(share.permille / 10).\(tenths) %"
    }

    /// Whole seconds up to two units, such as `2 min 5 s`.
    static func text(_ duration: Duration) -> String {
        let seconds = max(0, duration.milliseconds / 1000)
        let units =
            [("d", seconds / 86_400), ("h", seconds / 3_600 % 24)]
            + [("min", seconds / 60 % 60), ("s", seconds % 60)]
        let first = units.firstIndex { $0.1 > 0 } ?? units.count - 1
        let shown = units[first...].prefix(2).filter { $0.1 > 0 }
        return shown.isEmpty ? "0 s" : shown.map { "\($0.1) \($0.0)" }.joined(separator: " ")
    }
}
