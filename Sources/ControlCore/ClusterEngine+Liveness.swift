import ClusterModel

extension ClusterEngine {
    // MARK: - Time

    mutating func tick() {
        for id in observations.hosts.keys.sorted()
        where state.hosts[id] == nil && observations.hosts[id]?.session == nil {
            observations.forget(id)
        }
        for id in state.hosts.keys.sorted() {
            watch(id)
            if decision.changes.count >= ControlLimits.changesPerTick { break }
        }
        for id in state.hosts.keys.sorted() { tendSleep(of: id) }
        for id in decided.moves.keys.sorted() where mayRunOut(id) { drive(id, .tick) }
        for record in state.instances.values.filter({ $0.value.desired == .removed }).sorted(by: {
            $0.value.id < $1.value.id
        }) {
            removeIfGone(record.value)
        }
        let outdated = Set(state.outdated.compactMap { state.instances[$0]?.value.workload })
        for workload in outdated.sorted() { replaceNext(of: workload) }
        forgetPairings()
        forgetRefusals()
        tendLoad()
        tendIdle()
    }

    /// Whether the time of a move may be over now: not of one that waits for its target's disk, while it is not known yet whether
    /// the target is there.
    private func mayRunOut(_ id: MoveID) -> Bool {
        guard let engine = decided.moves[id], engine.isFlushing else { return true }
        let target = observations.hosts[engine.record.move.target]
        return target?.session != nil
            && HostLiveness.isHeard(heardAt: target?.heardAt ?? observations.since, now: now)
    }

    private mutating func watch(_ host: HostID) {
        guard state.hosts[host]?.value.standing != .fenced else { return vacate(host) }
        guard state.hosts[host]?.value.standing != .asleep else { return }
        let heardAt = observations.hosts[host]?.heardAt ?? observations.since
        guard HostLiveness.isLost(heardAt: heardAt, now: now) else { return }
        if observations.hosts[host]?.isLost != true {
            observations.update(host) { $0.isLost = true }
            let waiting = state.instances(on: host).count
            occurred(.host(host), "is silent; \(waiting) instance(s) there are unknown", .warning)
        }
        for id in decided.moves(with: host) { drive(id, .silent(host)) }
        guard HostLiveness.leasesHaveEnded(heardAt: heardAt, now: now) else { return }
        for id in decided.moves(with: host) {
            guard let engine = decided.moves[id] else { continue }
            let move = engine.record.move
            // A lease says nothing of files, and a source that comes back is not to find its own removed too early.
            let keepsFiles = engine.isFlushing && host == move.source
            let hasEnded = isLeased(move.instance) && !engine.outlivesLeases && !keepsFiles
            drive(id, hasEnded ? .gone(host) : .silentBeyondLeases(host))
        }
        for instance in state.instances(on: host)
        where decided.moveOf(instance.id) == nil && instance.desired == .running
            && isLeased(instance.id)
        {
            release(instance, because: "its lease on \(host) has ended")
        }
    }

    /// Whether whoever runs the instance is known to end it by itself once it hears nothing.
    ///
    /// An outdated one runs by an older spec, which may have asked for something else; and one that goes is told no
    /// new spec any more, so nobody knows by which it runs.
    private func isLeased(_ id: InstanceID) -> Bool {
        guard let instance = state.instances[id]?.value, instance.desired == .running,
            !state.outdated.contains(id)
        else { return false }
        return state.workloads[instance.workload]?.value.onHostLoss == .restart
    }

    /// Nothing is left on a fenced host.
    private mutating func vacate(_ host: HostID) {
        for id in decided.moves(with: host) { drive(id, .gone(host)) }
        for instance in state.instances(on: host) where decided.moveOf(instance.id) == nil {
            switch instance.desired {
            // What gave way there waits no more: its files are gone with the host.
            case .running, .stopped: release(instance, because: "host \(host) was fenced")
            case .removed: forget(instance)
            }
        }
    }

    /// Frees an instance from a host that will not run it any more, to be placed anew.
    mutating func release(_ instance: Instance, because reason: String) {
        var freed = instance
        freed.host = nil
        freed.desired = .running
        // Where it begins anew no move brought it: see `hasCopies`.
        freed.movedAt = nil
        freed.generation = generation(after: instance.generation)
        change(.putInstance(freed))
        clearOutdated(instance.id)
        observations.forget(instance.id)
        occurred(.instance(instance.id), "is placed anew: \(reason)", .warning)
    }

    // MARK: - What operators ask of hosts

    mutating func drain(_ host: HostID, force: Bool, dryRun: Bool, _ request: RequestID) {
        guard var record = state.hosts[host]?.value else { return refuseUnknown(host, request) }
        guard record.standing != .unconfirmed else { return refuseUnconfirmed(host, request) }
        guard record.standing != .asleep else { return refuseAsleep(host, request) }
        if !dryRun, record.standing == .member {
            record.standing = .draining
            change(.putHost(record))
            occurred(.host(host), "drains")
        }
        requestPlan(.drain(host, force: force), request)
    }

    mutating func restore(_ host: HostID, _ request: RequestID) {
        guard var record = state.hosts[host]?.value else { return refuseUnknown(host, request) }
        guard record.standing != .unconfirmed else { return refuseUnconfirmed(host, request) }
        guard record.standing == .draining else {
            return answer(
                request, .changed(state.revision, notes: ["host \(host) was not draining"]))
        }
        record.standing = .member
        change(.putHost(record))
        occurred(.host(host), "takes instances again")
        if let capacity = observations.hosts[host]?.capacity { weigh(host, capacity) }
        answer(request, .changed(state.revision, notes: []))
    }

    mutating func fence(_ host: HostID, _ request: RequestID) {
        guard var record = state.hosts[host]?.value else { return refuseUnknown(host, request) }
        let seen = observations.hosts[host]
        guard seen?.session == nil || seen?.isLost == true else {
            return refuse(
                request, .conflict,
                "host \(host) is connected; only a host that is silent can be fenced")
        }
        record.standing = .fenced
        record.sleep = nil
        record.capacity = nil
        change(.putHost(record))
        occurred(.host(host), "fenced by an operator", .warning)
        if seen?.session != nil { effect(.disconnect(host, reason: "host \(host) was fenced")) }
        vacate(host)
        letInWhoLacksNothing()
        answer(request, .changed(state.revision, notes: []))
    }

    mutating func remove(_ host: HostID, _ request: RequestID) {
        guard state.hosts[host] != nil else { return refuseUnknown(host, request) }
        if let obstacle = obstacle(toRemoving: host) {
            return refuse(request, .conflict, obstacle)
        }
        guard
            !state.movesUnderWay.contains(where: {
                $0.move.source == host || $0.move.target == host
            })
        else {
            return refuse(request, .conflict, "a move with host \(host) is under way")
        }
        change(.removeHost(host))
        forgetLinks(with: host)
        for (id, wished) in state.wishes.sorted(by: { $0.key < $1.key }) where wished == host {
            change(.clearWish(id))
        }
        occurred(.host(host), "removed; its certificate is revoked")
        effect(.disconnect(host, reason: "host \(host) was removed from the cluster"))
        letInWhoLacksNothing()
        answer(request, .changed(state.revision, notes: []))
    }

    /// What of `host` keeps it from being removed, and what can be done about it.
    private func obstacle(toRemoving host: HostID) -> String? {
        let left = state.instances(on: host)
        guard !left.isEmpty else { return nil }
        let names = left.map(\.id.rawValue).joined(separator: ", ")
        let ways = "host \(host) still has \(names); drain it or, if it is dead, fence it first"
        let waiting = left.filter { $0.desired == .stopped }.map(\.id.rawValue)
        guard !waiting.isEmpty else { return ways }
        // A drained host starts nothing, and what does not run is not moved.
        return ways
            + "; what gave way there is stopped and has its files there (\(waiting.joined(separator: ", "))): "
            + "no drain moves it, so restore the host and make room on it for that to run, or delete it"
    }

    mutating func refuseUnknown(_ host: HostID, _ request: RequestID?) {
        refuse(request, .notFound, "there is no host \(host)")
    }
}
