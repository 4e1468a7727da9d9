import ClusterModel
import Wire

extension Subject {
    static let recordings = [
        Subject("RecordRequest") {
            RecordRequest(length: $0.maybe { $0.duration() + .milliseconds(1) })
        },
        Subject("RecordPiece") { RecordPiece(bytes: $0.bytes(), isLast: $0.flag()) },
        Subject("Reservation") { $0.reservation() }, Subject("HostView") { $0.hostView() },
        Subject("InstanceView") { $0.instanceView() }, Subject("Snapshot") { $0.snapshot() },
        Subject("RecordEntry") { $0.recordEntry() }, Subject("Exceedance") { $0.exceedance() },
        Subject("Standby") { $0.standby() }, Subject("HostSleep") { $0.hostSleep() },
    ]
}

extension Sampler {
    mutating func reservation() -> Snapshot.Reservation {
        Snapshot.Reservation(plan: id(), instance: id(), host: id())
    }

    mutating func day() -> DaySeries {
        DaySeries(
            end: DaySeries.number(of: Instant(milliseconds: Int64(truncatingIfNeeded: number()))),
            list { sampler in sampler.maybe { min($0.number(), DaySeries.most) } })
    }

    mutating func exceedance() -> Plan.Exceedance {
        Plan.Exceedance(host: id(), above: count(), of: count())
    }

    mutating func hostView() -> Snapshot.HostView {
        Snapshot.HostView(
            host: host(), changed: Revision(counter()), use: UseSeries(list { $0.use() }),
            images: list { $0.text() })
    }

    mutating func instanceView() -> Snapshot.InstanceView {
        Snapshot.InstanceView(
            instance: instance(), workload: workload(), changed: Revision(counter()),
            use: UseSeries(list { $0.use() }), reserved: resources(),
            undone: Dictionary(
                list { ($0.id(), $0.instant()) }, uniquingKeysWith: { first, _ in first }),
            day: day(), load: maybe { $0.moveLoad() })
    }

    mutating func snapshot() -> Snapshot {
        let takenAt = instant()
        return Snapshot(
            revision: Revision(counter()), takenAt: takenAt, hosts: list { $0.hostView() },
            instances: list { $0.instanceView() }, reservations: list { $0.reservation() },
            links: MoveLinks(list { $0.moveLink() }),
            refusals: CheckpointRefusals(list { $0.checkpointRefusal() }, at: takenAt))
    }

    mutating func recordEntry() -> RecordEntry {
        RecordEntry(
            id: id(), reason: reason(), instances: list { $0.id() }, toHost: maybe { $0.id() },
            mode: maybe { $0.one() }, force: flag(), origin: one(), seed: number(),
            policy: policy(), policyChanged: Revision(counter()), snapshot: snapshot(),
            plan: maybe { $0.plan() }, refusal: text(), returns: list { $0.releaseReturn() })
    }
}
