import ClusterModel
import Wire

extension StructuredValue {
    init(_ plan: Plan) {
        self = [
            "id": .init(plan.id),
            "reason": .text(PlanText.reason(plan.reason)),
            "parentRevision": .unsigned(plan.parent.number),
            "bound": [
                "hostsBefore": .integer(plan.bound.before),
                "hostsAfter": .integer(plan.bound.after),
                "hostsLowerBound": .integer(plan.bound.lower),
                "gap": .integer(plan.bound.gap),
                "provedMinimal": .bool(plan.bound.isProved),
            ],
            "exceedances": .list(
                plan.exceedances.map { StructuredValue($0) }),
            "standbys": .list(plan.standbys.map { StructuredValue($0) }),
            "wakes": .list(plan.wakes.map { .init($0) }),
            "steps": .list(plan.steps.map { StructuredValue($0) }),
            "rationale": .list(plan.rationale.map { StructuredValue($0) }),
        ]
    }

    init(_ exceedance: Plan.Exceedance) {
        self = [
            "host": .init(exceedance.host),
            "chancePermille": .integer(Int(exceedance.chance.permille)),
            "bucketsAbove": .integer(exceedance.above),
            "buckets": .integer(exceedance.of),
        ]
    }

    init(_ standby: Plan.Standby) {
        self = [
            "lost": .init(standby.lost),
            "sleeper": .init(standby.sleeper),
            "instances": .integer(standby.instances),
            "wakeMilliseconds": .init(standby.wake),
            "marginMilliseconds": .init(standby.margin),
        ]
    }

    private init(_ step: Step) {
        let own: StructuredValue = ["step": .integer(PlanText.number(step.id))]
        let action: StructuredValue =
            switch step.action {
            case .start(let instance, let host):
                ["action": "start", "instance": .init(instance), "to": .init(host)]
            case .move(let instance, let from, let to, let mode):
                [
                    "action": "move", "instance": .init(instance), "from": .init(from),
                    "to": .init(to),
                    "mode": .text(mode.rawValue),
                ]
            case .stop(let instance, let host):
                ["action": "stop", "instance": .init(instance), "from": .init(host)]
            }
        let after = step.after.map { StructuredValue.integer(PlanText.number($0)) }
        self = own.merging(action).merging(["after": .list(after)])
    }

    init(_ rationale: Rationale) {
        let decision: StructuredValue =
            switch rationale.decision {
            case .placed(let host, let grounds):
                [
                    "decision": "placed", "to": .init(host),
                    "because": .text(PlanText.words(grounds)),
                ]
            case .moved(let from, let to, let grounds):
                [
                    "decision": "moved", "from": .init(from), "to": .init(to),
                    "because": .text(PlanText.words(grounds)),
                ]
            case .stays(let host, let grounds):
                [
                    "decision": "stays", "from": .init(host),
                    "because": .text(PlanText.words(grounds)),
                ]
            case .stopped(let host, let grounds):
                [
                    "decision": "stopped", "from": .init(host),
                    "because": .text(PlanText.words(grounds)),
                ]
            case .pending: ["decision": "pending"]
            }
        let refusals = rationale.refusals.map { refusal -> StructuredValue in
            ["host": .init(refusal.host), "misfit": .init(refusal.misfit)]
        }
        let own: StructuredValue = ["instance": .init(rationale.instance)]
        let standing: StructuredValue = [
            "score": rationale.standing.map { StructuredValue($0.score) } ?? .null,
            "runnerUp": rationale.standing?.runnerUp.map {
                ["host": .init($0.host), "score": StructuredValue($0.score)]
            } ?? .null,
        ]
        self = own.merging(decision).merging(["refusals": .list(refusals)]).merging(standing)
    }

    init(_ misfit: Misfit) {
        let rule: StructuredValue =
            switch misfit {
            case .cpu(let short): ["rule": "cpu", "shortMillicores": .unsigned(short.millicores)]
            case .memory(let short): ["rule": "memory", "shortBytes": .unsigned(short.count)]
            case .disk(let short): ["rule": "disk", "shortBytes": .unsigned(short.count)]
            case .network(let short):
                ["rule": "network", "shortBytesPerSecond": .unsigned(short.count)]
            case .scalar(let name, let short):
                ["rule": "scalar", "scalar": .text(name), "shortThousandths": .unsigned(short)]
            case .hostState(let state): ["rule": "hostState", "hostState": .text(state.rawValue)]
            case .driver(let kind, _): ["rule": "driver", "kind": .text(kind.rawValue)]
            case .architecture: ["rule": "architecture"]
            case .need(let label): ["rule": "need", "label": .init(Labels([label]))]
            case .avoid(let label): ["rule": "avoid", "label": .init(Labels([label]))]
            case .taint(let label): ["rule": "taint", "label": .init(Labels([label]))]
            case .apart(let other): ["rule": "apart", "other": .init(other)]
            case .together(let other): ["rule": "together", "other": .init(other)]
            case .spread(let domain, _): ["rule": "spread", "label": .init(Labels([domain]))]
            case .move: ["rule": "move"]
            case .resting(let until): ["rule": "resting", "untilMilliseconds": .init(until)]
            case .reserve(let short): ["rule": "reserve", "short": .init(short)]
            case .undone(let until): ["rule": "undone", "untilMilliseconds": .init(until)]
            case .files(let host): ["rule": "files", "host": .init(host)]
            }
        self = rule.merging(["words": .text(MisfitText.words(misfit))])
    }

    private init(_ release: Release) {
        let host: StructuredValue = release.host.map { .init($0) } ?? .null
        self = ["releaseHost": host, "releaseStage": .text(release.stage.rawValue)]
    }

    init(_ reply: PlanReply) {
        self = StructuredValue(reply.plan).merging([
            "state": .text(reply.state.word), "stateReason": .text(reply.reason),
            "origin": .text(reply.origin.rawValue),
        ]).merging(reply.release.map { StructuredValue($0) } ?? [:]).merging([
            "forecasts": .list(
                reply.forecasts.map { planned in
                    let step: StructuredValue = [
                        "step": .integer(PlanText.number(planned.step))
                    ]
                    return step.merging(StructuredValue(planned.forecast))
                })
        ])
    }
}

extension PlanState {
    /// The state as users read it.
    var word: String {
        switch self {
        case .stored: "stored"
        case .running: "running"
        case .done: "done"
        case .failed: "failed"
        case .stale: "stale"
        }
    }
}
