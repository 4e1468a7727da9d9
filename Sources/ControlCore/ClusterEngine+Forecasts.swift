package import ClusterModel

/// What moves are expected to come to, and what they came to.
extension ClusterEngine {
    /// What a forecast for one instance is made from.
    ///
    /// - Parameter hosts: those that it may matter of what they can.
    func snapshot(
        of id: InstanceID, between hosts: [HostID] = []
    ) -> (Snapshot, Snapshot.InstanceView)? {
        guard let instance = state.instances[id]?.value,
            let workload = state.workloads[instance.workload]?.value
        else { return nil }
        let seen = observations.instances[id]
        let view = Snapshot.InstanceView(
            instance: instance, workload: workload, changed: .zero, use: seen?.use ?? .empty,
            load: seen?.load)
        let picture = Snapshot(
            revision: state.revision, takenAt: now,
            hosts: hosts.map { Snapshot.HostView(host: host($0), changed: .zero) }, instances: [],
            links: state.links, refusals: refusals)
        return (picture, view)
    }

    /// What a move is expected to come to, and why it is not begun, if it would never end.
    func outlook(
        of id: InstanceID, _ mode: MoveMode, from source: HostID, to target: HostID
    ) -> (MoveForecast?, MoveForecast.Endless?) {
        guard let (picture, view) = snapshot(of: id, between: [source, target]) else {
            return (nil, nil)
        }
        let ceiling = share(of: id, at: source)
        return (
            picture.forecast(mode, of: view, from: source, to: target, ceiling: ceiling),
            mode == .live
                ? picture.endless(view, from: source, to: target, ceiling: ceiling) : nil
        )
    }

    /// What each move of `plan` is expected to come to now.
    package func forecasts(of plan: Plan) -> [PlannedForecast] {
        plan.steps.compactMap { step in
            guard case .move(let id, let source, let target, let mode) = step.action,
                let (picture, view) = snapshot(of: id, between: [source, target])
            else { return nil }
            return PlannedForecast(
                step: step.id,
                forecast: picture.forecast(
                    mode, of: view, from: source, to: target,
                    ceiling: share(of: id, at: source)))
        }
    }

    /// Moves that send from `source`, or soon will, but that of `id`.
    private func senders(at source: HostID, besides id: InstanceID) -> [Move] {
        state.movesUnderWay.filter { record in
            record.outcome == nil && record.phase < .confirm && !record.move.overlaps
                && record.move.source == source && record.move.instance != id
        }.map(\.move)
    }

    /// What a move of `id` from `source` may send beside those that are under way there; `nil` is no limit.
    private func share(of id: InstanceID, at source: HostID) -> BytesPerSecond? {
        guard let ceiling = state.policy.value.movesBandwidth else { return nil }
        return ceiling.part(of: senders(at: source, besides: id).count + 1)
    }

    /// The least that a move may send while it is under way, whatever joins it; `nil` is no limit.
    var leastShare: BytesPerSecond? {
        let policy = state.policy.value
        return policy.movesBandwidth.map { $0.part(of: policy.movesPerHost) }
    }

    /// Whether the moves that send from `source` leave `id` enough to arrive, and it them.
    ///
    /// What would not even arrive alone is not waited for: its move is refused with the reason.
    func hasBandwidth(
        for id: InstanceID, _ mode: MoveMode, from source: HostID, to target: HostID
    ) -> Bool {
        guard let ceiling = state.policy.value.movesBandwidth, !mode.overlaps else { return true }
        let others = senders(at: source, besides: id)
        guard !others.isEmpty else { return true }
        // By pre-copy: one that is under way by that cannot go another way any more, and one that is to begin may wait for its end.
        func isEndless(_ id: InstanceID, to target: HostID, among senders: Int) -> Bool {
            snapshot(of: id).map { picture, view in
                picture.endless(view, from: source, to: target, ceiling: ceiling.part(of: senders))
                    != nil
            } ?? false
        }
        let many = others.count + 1
        let comers = mode == .live ? [(id, target, 1)] : []
        return (comers + others.filter(\.isStreamed).map { ($0.instance, $0.target, many - 1) })
            .allSatisfy { id, target, few in
                !isEndless(id, to: target, among: many) || isEndless(id, to: target, among: few)
            }
    }

    /// Why the one instance that a plan was to move would never arrive live, if that is what is in the way.
    func endless(of job: PlanJob) -> MoveForecast.Endless? {
        guard case .move(let id, let target?, let mode) = job.task, mode ?? .live == .live,
            let view = job.snapshot.instance(id), let source = view.host
        else { return nil }
        return job.snapshot.endless(
            view, from: source, to: target, ceiling: job.policy.movesBandwidth)
    }

    /// Says what a move that is done came to, keeps it with its workload and learns from it for the next.
    mutating func report(_ record: MoveRecord) {
        let move = record.move
        let isLost = record.measure.isLost
        let end =
            "done"
            + (isLost
                ? ", but \(move.instance) ended before all of its memory was there: it starts anew on \(move.target), from its disks"
                : "")
        guard record.measure.bytes != nil, let endedAt = record.endedAt else {
            return occurred(.move(move.id), end, isLost ? .warning : .notice)
        }
        let report = MoveReport(
            move: move.id, instance: move.instance, kind: move.kind, mode: move.mode,
            source: move.source, target: move.target, endedAt: endedAt,
            total: counted(until: endedAt, record).since(record.beganAt),
            measure: sharing(record, until: endedAt), forecast: record.forecast)
        occurred(.move(move.id), "\(end): \(report.words)", isLost ? .warning : .notice)
        let way = MoveLinks.Way(
            source: move.source, target: move.target, kind: move.kind, mode: move.mode)
        if !isLost {
            let link = state.links[way, at: now].learning(report)
            change(.putLink(MoveLinks.Entry(way: way, link: link)))
        }
        if let workload = state.instances[move.instance]?.value.workload {
            let earlier = state.moveReports[workload] ?? []
            change(.putMoveReports(workload, (earlier + [report]).suffix(MoveReport.kept)))
        }
    }

    /// What was measured, with its part of what was allowed beside all that left its source meanwhile: others may have begun after it,
    /// and ended before.
    private func sharing(_ record: MoveRecord, until endedAt: Instant) -> MoveMeasure {
        guard let allowed = record.measure.allowed else { return record.measure }
        let others = state.moves.values.filter { other in
            other.move.id != record.move.id && other.move.source == record.move.source
                && !other.move.overlaps && other.beganAt < endedAt
                && other.endedAt.map { $0 > record.beganAt } ?? true
        }
        return record.measure.completed(
            by: MoveMeasure(allowed: allowed.part(of: others.count + 1)))
    }

    /// As much as a host takes that is there and has nothing else to do.
    private static let countedRelease = Duration.seconds(5)

    /// When a move counts as over: a release that takes long waits for a disk, or for a host that is silent, and says nothing of the way.
    private func counted(until endedAt: Instant, _ record: MoveRecord) -> Instant {
        guard let arrivedAt = state.instances[record.move.instance]?.value.movedAt,
            arrivedAt >= record.beganAt
        else { return endedAt }
        return min(endedAt, arrivedAt.advanced(by: Self.countedRelease))
    }

    /// Removes a workload of which nothing is left, and what its moves came to.
    mutating func forget(_ workload: WorkloadID) {
        change(.removeWorkload(workload))
        if state.moveReports[workload] != nil { change(.removeMoveReports(workload)) }
    }

    /// Forgets what was learnt of ways from and to a host that is gone.
    mutating func forgetLinks(with host: HostID) {
        for way in state.links.ways(with: host) { change(.removeLink(way)) }
    }
}

extension BytesPerSecond {
    /// An even part of it, for one of `many`.
    fileprivate func part(of many: Int) -> BytesPerSecond {
        BytesPerSecond(max(1, count / UInt64(max(1, many))))
    }
}
