import ClusterModel
import ControlCore

/// Keeps the accounts of a run.
struct RunLedger: Sendable {
    var run: Run
    private(set) var sampleBegan: Int64 = 0
    private var open: [MoveID: OpenMove] = [:]
    private var moveOf: [InstanceID: MoveID] = [:]
    private var standingSince: [InstanceID: Int64] = [:]
    private var hasRun: Set<InstanceID> = []
    private var openReleases: [ReleaseKey: (began: Int64, inside: Set<InstanceID>)] = [:]
    private var begunPlans: Set<PlanID> = []
    private var exemptPlans: Set<PlanID> = []

    private struct OpenMove: Sendable {
        let began: Int64
        var bytes = Bytes.zero
        var interruption: Int64 = 0
    }

    /// Two days of five-minute samples are drawn as they are; longer runs have longer samples.
    private static let mostSamples: Int64 = 600
    private static let shortestSample: Int64 = 300_000
    private static let keptWarnings = 1_000

    init(hosts: [HostID], length: Duration) {
        let step = max(
            Self.shortestSample, (length.milliseconds / Self.mostSamples / 60_000) * 60_000)
        run = Run(hosts: hosts, length: length, step: .milliseconds(step))
    }

    var sampleEnds: Int64 { sampleBegan + run.step.milliseconds }
    /// Instances that ran once and do not now.
    var standing: Int { standingSince.count }

    // MARK: - Instances

    mutating func runs(_ instance: InstanceID, at time: Int64) {
        hasRun.insert(instance)
        guard let since = standingSince.removeValue(forKey: instance),
            let move = moveOf[instance]
        else { return }
        let began = open[move]?.began ?? since
        open[move]?.interruption += time - max(since, began)
    }

    mutating func stands(_ instance: InstanceID, at time: Int64) {
        guard hasRun.contains(instance), standingSince[instance] == nil else { return }
        standingSince[instance] = time
    }

    mutating func carried(_ bytes: Bytes, of instance: InstanceID) {
        guard let move = moveOf[instance], let sum = open[move]?.bytes else { return }
        open[move]?.bytes = sum + bytes
    }

    // MARK: - Moves and plans

    mutating func begin(_ record: MoveRecord, at time: Int64) {
        guard record.isUnderWay, open[record.move.id] == nil else { return }
        open[record.move.id] = OpenMove(began: time)
        moveOf[record.move.instance] = record.move.id
    }

    /// Takes note that a plan is made for a host above the hard limit.
    mutating func exempt(_ plan: PlanID) { exemptPlans.insert(plan) }

    mutating func end(_ record: MoveRecord, of reason: Plan.Reason?, at time: Int64) {
        guard let known = open.removeValue(forKey: record.move.id), let outcome = record.outcome
        else { return }
        moveOf[record.move.instance] = nil
        var interruption = known.interruption
        if let since = standingSince[record.move.instance] {
            interruption += time - max(since, known.began)
        }
        run.moves.append(
            Run.MoveEnd(
                instance: record.move.instance, source: record.move.source,
                target: record.move.target, mode: record.move.mode,
                began: .milliseconds(known.began), ended: .milliseconds(time), outcome: outcome,
                bytes: known.bytes, interruption: .milliseconds(interruption), reason: reason,
                isExempt: record.move.plan.map { exemptPlans.contains($0) } ?? false))
    }

    mutating func note(_ record: PlanRecord) {
        if record.state == .running, begunPlans.insert(record.plan.id).inserted {
            run.plansBegun += 1
        }
        if record.state == .done { run.plansDone += 1 }
    }

    /// One wave of one plan.
    struct ReleaseKey: Hashable, Sendable {
        let plan: PlanID
        let wave: Int
    }

    /// A release begins that empties a host with all of `instances`.
    mutating func begin(_ key: ReleaseKey, holding instances: Set<InstanceID>, at time: Int64) {
        if openReleases[key] == nil { openReleases[key] = (time, instances) }
    }

    mutating func end(
        _ key: ReleaseKey, _ host: HostID, _ stage: Release.Stage,
        holding instances: Set<InstanceID>, at time: Int64
    ) {
        guard let open = openReleases.removeValue(forKey: key) else { return }
        let isWhole =
            switch stage {
            case .kept: instances.isEmpty
            case .moving, .watching, .undoing, .undone, .left: instances == open.inside
            }
        run.releases.append(
            Run.ReleaseEnd(
                host: host, began: .milliseconds(open.began), ended: .milliseconds(time),
                stage: stage, isWhole: isWhole))
    }

    mutating func keep(_ occurrence: Occurrence) {
        if run.warnings.count < Self.keptWarnings { run.warnings.append(occurrence) }
    }

    mutating func keep(_ plan: RecordedPlan) { run.recorded.append(plan) }

    // MARK: - Samples

    mutating func close(_ hosts: [Run.HostSample], bound: Int, at time: Int64) {
        run.samples.append(
            Run.Sample(at: .milliseconds(sampleBegan), hosts: hosts, bound: bound))
        run.totals.boundHours += Double(bound) * Double(time - sampleBegan) / 3_600_000
        sampleBegan = time
    }
}
