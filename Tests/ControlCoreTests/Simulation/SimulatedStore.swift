import ClusterModel
import ControlCore

/// What the coordinator's store keeps: one key for each thing, as `RecordKeys` has it.
struct SimulatedStore: Sendable {
    private var entries: [String: (change: Change, revision: Revision)] = [:]
    private(set) var revision = Revision.zero

    mutating func transact(_ changes: [Change]) -> Revision {
        revision = revision.next
        for change in changes {
            let (key, isRemoval) = Self.key(change)
            guard let key else { continue }
            entries[key] = isRemoval ? nil : (change, revision)
        }
        return revision
    }

    /// The state as a coordinator finds it when it starts.
    var state: ClusterState {
        var state = ClusterState()
        for key in entries.keys.sorted() {
            if let entry = entries[key] { state.apply(entry.change, at: entry.revision) }
        }
        state.advance(to: revision)
        return state
    }

    private static func key(_ change: Change) -> (String?, isRemoval: Bool) {
        switch change {
        case .putHost(let record): ("hosts/\(record.id)", false)
        case .removeHost(let id): ("hosts/\(id)", true)
        case .putWorkload(let workload): ("workloads/\(workload.name)", false)
        case .removeWorkload(let id): ("workloads/\(id)", true)
        case .putInstance(let instance): ("instances/\(instance.id)", false)
        case .removeInstance(let id): ("instances/\(id)", true)
        case .markOutdated(let id): ("outdated/\(id)", false)
        case .clearOutdated(let id): ("outdated/\(id)", true)
        case .markVolumes(let id): ("volumes/\(id)", false)
        case .clearVolumes(let id): ("volumes/\(id)", true)
        case .putWish(let id, _): ("wishes/\(id)", false)
        case .clearWish(let id): ("wishes/\(id)", true)
        case .putPolicy: ("policy", false)
        case .putImage(let image): ("images/\(image.id)", false)
        case .removeImage(let id): ("images/\(id)", true)
        case .putPlan(let record): ("plans/\(record.plan.id)", false)
        case .removePlan(let id): ("plans/\(id)", true)
        case .putMove(let record): ("moves/\(record.move.id)", false)
        case .removeMove(let id): ("moves/\(id)", true)
        case .putPairing(let pairing):
            ("pairings/\(pairing.instance)/\(pairing.host)", false)
        case .removePairing(let instance, let host): ("pairings/\(instance)/\(host)", true)
        case .putRefusal(let refusal): ("refusals/\(refusal.id)", false)
        case .removeRefusal(let id): ("refusals/\(id)", true)
        case .putLink(let entry):
            (
                "links/\(entry.way.source)/\(entry.way.target)/\(entry.way.kind)/\(entry.way.mode)",
                false
            )
        case .removeLink(let way):
            ("links/\(way.source)/\(way.target)/\(way.kind)/\(way.mode)", true)
        case .putMoveReports(let workload, _): ("reports/\(workload)", false)
        case .removeMoveReports(let workload): ("reports/\(workload)", true)
        case .pause: ("pause", false)
        case .resume: ("pause", true)
        case .occurred: (nil, false)
        }
    }
}
