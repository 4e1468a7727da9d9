import ClusterModel
import Wire

extension StructuredValue {
    init(_ summary: InstanceSummary) {
        let instance = summary.instance
        self = [
            "name": .init(instance.id),
            "workload": .init(instance.workload),
            "index": .integer(instance.index),
            "kind": .text(summary.kind.rawValue),
            "host": .init(instance.host),
            "desired": .text(instance.desired.rawValue),
            "state": .text(instance.observed.word),
            "reason": .init(instance.observed.reason),
            "generation": .unsigned(instance.generation.number),
            "movedAtMilliseconds": .init(instance.movedAt),
            "address": .init(instance.address.map { "\($0)" }),
            "orphan": .bool(summary.orphan),
            "reserved": .init(summary.reserved),
            "used": .init(summary.use),
        ]
    }

    init(_ summary: HostSummary) {
        let host = summary.host
        self = [
            "name": .init(host.id),
            "state": .text(host.state.rawValue),
            "labels": .init(host.labels),
            "taints": .init(host.taints),
            "instances": .integer(summary.instances),
            "capacity": .init(host.capacity.total),
            "hostReserve": .init(host.capacity.hostReserve),
            "reserved": .init(summary.reserved),
            "used": .init(summary.use),
            "address": .text(summary.address),
            "agentVersion": .text(summary.version),
            "heardAtMilliseconds": .init(summary.heardAt),
            "architecture": .text(host.capacity.architecture),
            "kernel": .text(host.capacity.kernel),
            "bootID": .text(host.capacity.bootID),
            "wakeTimeMilliseconds": host.capacity.wakeTime.map { .init($0) } ?? .null,
            "asleepSinceMilliseconds": .init(host.sleep?.since),
            "features": .init(list: host.capacity.features),
            "capabilities": .list(
                host.capacity.capabilities.map {
                    [
                        "name": .text($0.name.rawValue), "available": .bool($0.available),
                        "detail": .text($0.detail),
                    ]
                }),
        ]
    }

    init(_ summary: MoveSummary) {
        let move = summary.move
        self = [
            "id": .init(move.id),
            "instance": .init(move.instance),
            "source": .init(move.source),
            "target": .init(move.target),
            "mode": .text(move.mode.rawValue),
            "generation": .unsigned(move.generation.number),
            "plan": .init(move.plan),
            "phase": .text(summary.phase.rawValue),
            "outcome": .init(summary.outcome?.word),
            "reason": .init(summary.outcome?.reason),
            "beganAtMilliseconds": .init(summary.beganAt),
            "endedAtMilliseconds": .init(summary.endedAt),
            "progress": summary.progress.map { StructuredValue($0) } ?? .null,
            "forecast": summary.forecast.map { StructuredValue($0) } ?? .null,
            "measured": .init(summary.measure),
        ]
    }

    init(_ occurrence: Occurrence) {
        self = [
            "atMilliseconds": .init(occurrence.at),
            "severity": .text(occurrence.severity.rawValue),
            "subjectKind": .text(occurrence.subject.kind),
            "subject": .text(occurrence.subject.name),
            "message": .text(occurrence.message),
        ]
    }

    init(_ verdict: HostVerdict) {
        self = [
            "host": .init(verdict.host),
            "current": .bool(verdict.current),
            "fits": .bool(verdict.misfit == nil),
            "misfit": verdict.misfit.map { StructuredValue($0) } ?? .null,
            "room": .init(verdict.room),
            "mode": .init(verdict.mode?.rawValue),
            "liveObstacle": .init(verdict.obstacle),
            "relocateObstacle": .init(verdict.relocateObstacle),
            "exceedance": verdict.exceedance.map { StructuredValue($0) } ?? .null,
            "rank": verdict.rank.map { .integer($0) } ?? .null,
            "score": verdict.score.map { StructuredValue($0) } ?? .null,
            "flips": .list(
                verdict.flips.map { flip in
                    .list(flip.changes.map { StructuredValue($0) })
                }),
            "forecast": verdict.forecast.map { StructuredValue($0) } ?? .null,
        ]
    }

    /// The words, and the exact amount where they round one.
    init(_ change: Flip.Change) {
        let amount: StructuredValue =
            if case .room(_, let amount) = change {
                .init(amount)
            } else if case .smaller(_, let amount) = change {
                .init(amount)
            } else {
                .null
            }
        self = ["change": .text(FlipText.words(change)), "amount": amount]
    }

    init(_ score: HostVerdict.Score) {
        self = [
            "preferredLabelsMissing": .integer(score.missing),
            "empty": .bool(score.isEmpty),
            "fullnessPermille": .integer(Int(score.fullness.permille)),
            "resource": .text(score.resource),
        ]
    }

    init(_ advance: MoveAdvance) {
        self = [
            "sharePermille": .integer(Int(advance.share.permille)),
            "rounds": .integer(advance.latest.rounds),
            "transferredBytes": .unsigned(advance.latest.transferred.count),
            "remainingBytes": .unsigned(advance.latest.remaining.count),
            "bytesPerSecond": .unsigned(advance.latest.bytesPerSecond),
        ]
    }
}

extension Move.Outcome {
    var word: String {
        switch self {
        case .done: "done"
        case .rolledBack: "rolled back"
        case .failed: "failed"
        }
    }

    var reason: String? {
        switch self {
        case .done: nil
        case .rolledBack(let reason), .failed(let reason): reason
        }
    }
}

extension Occurrence.Subject {
    var kind: String {
        switch self {
        case .cluster: "cluster"
        case .host: "host"
        case .workload: "workload"
        case .instance: "instance"
        case .plan: "plan"
        case .move: "move"
        }
    }

    /// The subject's name; empty for the cluster.
    var name: String {
        switch self {
        case .cluster: ""
        case .host(let id): id.rawValue
        case .workload(let id): id.rawValue
        case .instance(let id): id.rawValue
        case .plan(let id): id.rawValue
        case .move(let id): id.rawValue
        }
    }
}
