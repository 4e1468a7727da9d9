import API
import ClusterModel
import ControlCore
import RPC
import Wire

extension ClusterHandler {
    /// Sends every plan that is made from now on, with all that it is made from.
    func record(
        _ request: RecordRequest, caller: Caller, replies: MessageSink<RecordPiece>
    ) async throws(RPCStatus) {
        guard let (watcher, entries) = await shell.made.watch() else { throw Self.tooManyWatchers }
        // When its time is over the feed lets it go, which ends the loop below well.
        let timer = request.length.map { length in
            Task { () -> Bool in
                guard (try? await Task.sleep(for: length)) != nil else { return false }
                return await shell.made.unwatch(watcher)
            }
        }
        defer { timer?.cancel() }
        do throws(RPCStatus) {
            for await entry in entries { try await send(entry, replies) }
        } catch {
            await shell.made.unwatch(watcher)
            throw error
        }
        // Who let it go, not what time it is: a recording that fell behind just before its end is not whole.
        let isWhole = await shell.made.unwatch(watcher)
        timer?.cancel()
        let isOver = await timer?.value ?? false
        if !isWhole, !isOver { throw RPCStatus(.aborted, "too slow to follow; ask again") }
    }

    private func send(
        _ entry: RecordEntry, _ replies: MessageSink<RecordPiece>
    ) async throws(RPCStatus) {
        let bytes = entry.encoded()
        // It could not be read again.
        guard bytes.count <= Limits.messageBytes else {
            throw RPCStatus(
                .resourceExhausted,
                "the picture of \(entry.id) has \(bytes.count >> 20) MiB, more than "
                    + "\(Limits.messageBytes >> 20): the cluster is too large to be recorded")
        }
        var start = 0
        repeat {
            let end = min(start + CoordinatorLimits.chunkBytes, bytes.count)
            try await replies.send(
                RecordPiece(bytes: Array(bytes[start..<end]), isLast: end == bytes.count))
            start = end
        } while start < bytes.count
    }
}

extension RecordEntry {
    /// A job with what the planner made of it; of use it has what a plan can depend on.
    init(_ job: PlanJob, _ result: PlanningResult) {
        var instances: [InstanceID] = []
        var toHost: HostID?
        var mode: MoveMode?
        var returns: [Release.Return] = []
        let reason: Plan.Reason
        switch job.task {
        case .pack, .rest: reason = .pack
        case .repair: reason = .repair
        case .relieve(let host): reason = .relieve(host)
        case .drain(let host, _): reason = .drain(host)
        case .place(let placed, let host):
            reason = .place
            instances = placed
            toHost = host
        case .move(let instance, let host, let how):
            reason = .move(instance)
            toHost = host
            mode = how
        case .undo(let back):
            reason = .repair
            returns = back
        }
        var plan: Plan?
        var refusal = ""
        switch result {
        case .plan(let made): plan = made
        case .refused(let why): refusal = why
        }
        self.init(
            id: job.id, reason: reason, instances: instances, toHost: toHost, mode: mode,
            force: job.task.isForced, origin: job.origin, seed: job.seed, policy: job.policy,
            policyChanged: job.policyChanged, snapshot: job.snapshot.trimmed(for: job.policy),
            plan: plan, refusal: refusal, returns: returns)
    }
}

extension Snapshot {
    /// The same picture for every planner under `policy`: what its demand does not look at is left out, which is older use
    /// and all but the processor's mean.
    fileprivate func trimmed(for policy: Policy) -> Snapshot {
        func recent(_ series: UseSeries) -> UseSeries {
            var kept = Array(series.samples.suffix(1))
            if case .percentile(_, let window, _) = policy.demand {
                let recent = series.recent(window, before: takenAt)
                if !recent.isEmpty { kept = recent }
            }
            return UseSeries(
                kept.map { use in
                    let mean = use.cpu.mean
                    return Use(
                        at: use.at, cpu: Use.Figure(mean: mean, maximum: mean, last: mean),
                        memory: .zero)
                })
        }
        // Forecasts read it under every rule that looks at use.
        let readsDay = policy.demand != .reserved
        return Snapshot(
            revision: revision, takenAt: takenAt,
            hosts: hosts.map {
                HostView(
                    host: $0.host, changed: $0.changed, use: recent($0.use), images: $0.images)
            },
            instances: instances.map {
                InstanceView(
                    instance: $0.instance, workload: $0.workload, changed: $0.changed,
                    use: recent($0.use), reserved: $0.reserved, undone: $0.undone,
                    day: readsDay ? $0.day : .empty, load: $0.load)
            }, reservations: reservations, links: links, refusals: refusals)
    }
}
