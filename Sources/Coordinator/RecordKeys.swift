import ClusterModel
import ControlCore
import Ports
import Wire

/// How decisions are kept: one key for each thing, its value a message of `huddle.v1`.
enum RecordKeys {
    static let eventPrefix = "events/"
    static let tokenPrefix = "tokens/"
    static let certificatePrefix = "certificates/"
    static let revokedPrefix = "revoked/"

    /// The key of the event with `number`; numbers sort as text.
    static func event(_ number: UInt64) -> String {
        let digits = String(number)
        return eventPrefix + String(repeating: "0", count: max(0, 20 - digits.count)) + digits
    }

    /// No name has a slash.
    private static func pairingKey(_ instance: InstanceID, _ host: HostID) -> String {
        "pairings/\(instance)/\(host)"
    }

    private static func linkKey(_ way: MoveLinks.Way) -> String {
        "links/\(way.source)/\(way.target)/\(way.kind.rawValue)/\(way.mode.rawValue)"
    }

    /// What the store is told for `change`; events are numbered by the caller.
    static func stored(_ change: Change, event number: () -> UInt64) -> StoreChange {
        switch change {
        case .putHost(let record): .put(key: "hosts/\(record.id)", value: record.host.encoded())
        case .removeHost(let id): .delete(key: "hosts/\(id)")
        case .putWorkload(let workload):
            .put(key: "workloads/\(workload.name)", value: workload.encoded())
        case .removeWorkload(let id): .delete(key: "workloads/\(id)")
        case .putInstance(let instance):
            .put(key: "instances/\(instance.id)", value: instance.encoded())
        case .removeInstance(let id): .delete(key: "instances/\(id)")
        case .markOutdated(let id): .put(key: "outdated/\(id)", value: [])
        case .clearOutdated(let id): .delete(key: "outdated/\(id)")
        case .markVolumes(let id): .put(key: "volumes/\(id)", value: [])
        case .clearVolumes(let id): .delete(key: "volumes/\(id)")
        case .putWish(let id, let host): .put(key: "wishes/\(id)", value: Array(host.rawValue.utf8))
        case .clearWish(let id): .delete(key: "wishes/\(id)")
        case .putPolicy(let policy): .put(key: "policy", value: policy.encoded())
        case .putImage(let image): .put(key: "images/\(image.id)", value: image.encoded())
        case .removeImage(let id): .delete(key: "images/\(id)")
        case .putPlan(let record):
            .put(key: "plans/\(record.plan.id)", value: record.reply.encoded())
        case .removePlan(let id): .delete(key: "plans/\(id)")
        case .putMove(let record):
            .put(key: "moves/\(record.move.id)", value: record.summary.encoded())
        case .removeMove(let id): .delete(key: "moves/\(id)")
        case .putPairing(let pairing):
            .put(key: pairingKey(pairing.instance, pairing.host), value: pairing.encoded())
        case .removePairing(let instance, let host): .delete(key: pairingKey(instance, host))
        case .putLink(let entry): .put(key: linkKey(entry.way), value: entry.encoded())
        case .removeLink(let way): .delete(key: linkKey(way))
        case .putMoveReports(let workload, let reports):
            .put(
                key: "reports/\(workload)", value: MoveReports(reports: reports).encoded())
        case .removeMoveReports(let workload): .delete(key: "reports/\(workload)")
        case .putRefusal(let refusal):
            .put(key: "refusals/\(refusal.id)", value: refusal.encoded())
        case .removeRefusal(let id): .delete(key: "refusals/\(id)")
        case .pause: .put(key: "pause", value: [])
        case .resume: .delete(key: "pause")
        case .occurred(let occurrence): .put(key: event(number()), value: occurrence.encoded())
        }
    }

    /// The decision that `entry` keeps; `nil` for entries that are not the engine's.
    static func change(_ entry: StoreEntry) throws(WireFault) -> Change? {
        guard let value = entry.value else { return nil }
        let parts = entry.key.split(separator: "/", maxSplits: 1).map(String.init)
        let name = parts.count > 1 ? parts[1] : ""
        switch parts.first {
        case "hosts": return .putHost(HostRecord(try Host(decoding: value)))
        case "workloads": return .putWorkload(try Workload(decoding: value))
        case "instances": return .putInstance(try Instance(decoding: value))
        case "outdated": return .markOutdated(InstanceID(name))
        case "volumes": return .markVolumes(InstanceID(name))
        case "wishes":
            return .putWish(InstanceID(name), HostID(String(decoding: value, as: UTF8.self)))
        case "policy": return .putPolicy(try Policy(decoding: value))
        case "images": return .putImage(try Image(decoding: value))
        case "plans": return .putPlan(PlanRecord(try PlanReply(decoding: value)))
        case "pairings": return .putPairing(try Pairing(decoding: value))
        case "links": return .putLink(try MoveLinks.Entry(decoding: value))
        case "reports":
            return .putMoveReports(WorkloadID(name), try MoveReports(decoding: value).reports)
        case "refusals": return .putRefusal(try CheckpointRefusal(decoding: value))
        case "pause": return .pause
        case "moves": return .putMove(MoveRecord(try MoveSummary(decoding: value)))
        default: return nil
        }
    }

    /// Everything that was decided, as `entries` keep it.
    static func state(_ entries: [StoreEntry], at revision: Revision) throws(WireFault)
        -> ClusterState
    {
        var state = ClusterState()
        for entry in entries {
            if let change = try change(entry) { state.apply(change, at: entry.revision) }
        }
        state.advance(to: revision)
        return state
    }
}
