import ClusterModel

/// A call of the program that switches hosts.
struct Switching: Hashable, Sendable {
    let order: PowerOrder
    let since: Instant
}

extension ClusterEngine {
    // MARK: - What operators ask

    mutating func sleep(_ host: HostID, _ request: RequestID) {
        guard let record = state.hosts[host]?.value else { return refuseUnknown(host, request) }
        if record.standing == .asleep, record.sleep?.wakeAskedAt == nil {
            let notes = ["host \(host) is asleep already"]
            return answer(request, .changed(state.revision, notes: notes))
        }
        if let obstacle = obstacle(toSleepOf: record) {
            return refuse(request, .conflict, "host \(host) cannot sleep: \(obstacle)")
        }
        putToSleep(record, because: "asked by an operator")
        answer(request, .changed(state.revision, notes: []))
    }

    mutating func wake(_ host: HostID, _ request: RequestID) {
        guard let record = state.hosts[host]?.value else { return refuseUnknown(host, request) }
        guard record.standing == .asleep else {
            let notes = ["host \(host) is not asleep"]
            return answer(request, .changed(state.revision, notes: notes))
        }
        guard hasPower else { return refuse(request, .conflict, Self.noProgram) }
        guard record.sleep?.wakeAskedAt == nil else {
            let notes = ["host \(host) is being woken already"]
            return answer(request, .changed(state.revision, notes: notes))
        }
        decided.wakeFailures[host] = nil
        askToWake(record, because: "asked by an operator")
        answer(request, .changed(state.revision, notes: []))
    }

    mutating func refuseAsleep(_ host: HostID, _ request: RequestID) {
        refuse(
            request, .conflict,
            "host \(host) is asleep, so nothing is on it; huddle host wake \(host) changes that")
    }

    private static let noProgram =
        "the coordinator knows no program that switches hosts on and off; its option --power-program names one"

    /// What keeps a host from being switched off; `nil` when nothing is on it, comes to it or is expected of it.
    func obstacle(toSleepOf record: HostRecord) -> String? {
        let host = record.id
        guard hasPower else { return Self.noProgram }
        guard hostState(host) == .ready else {
            return record.standing == .asleep
                ? "it is being woken" : "it is \(hostState(host).rawValue)"
        }
        let there = state.instances(on: host).map(\.id)
        guard there.isEmpty else { return "\(Self.named(there)) there" }
        // What nobody decided to be there would end with it all the same.
        let orphans = observations.hosts[host]?.orphans.keys.sorted() ?? []
        guard orphans.isEmpty else { return "\(Self.named(orphans)) there, which nobody decided" }
        if let move = decided.moves(with: host).first { return "move \(move) is under way" }
        if let coming = reservations().first(where: { $0.host == host }) {
            return "\(coming.instance) is to come to it"
        }
        if let wish = state.wishes.filter({ $0.value == host }).keys.min() {
            return "\(wish) waits for room on it"
        }
        if hostsToGoBackTo.contains(host) { return "what left it lately may have to go back" }
        return nil
    }

    /// Hosts that releases which have not come to their end would be undone to.
    var hostsToGoBackTo: Set<HostID> {
        state.plans.values.reduce(into: []) { hosts, record in
            guard let release = record.release else { return }
            switch release.stage {
            case .moving, .watching:
                if let host = release.host { hosts.insert(host) }
                hosts.formUnion(release.returns.map(\.host))
            case .undoing: hosts.formUnion(release.returns.map(\.host))
            case .kept, .undone, .left: break
            }
        }
    }

    private static func named(_ instances: [InstanceID]) -> String {
        let names = instances.prefix(3).map(\.rawValue).joined(separator: ", ")
        let more = instances.count > 3 ? " and \(instances.count - 3) more" : ""
        return "\(names)\(more) \(instances.count == 1 ? "is" : "are")"
    }

    // MARK: - Falling asleep and waking

    /// From now on nothing comes to the host; it is stored before it is switched off.
    mutating func putToSleep(_ record: HostRecord, because reason: String) {
        var asleep = record
        asleep.standing = .asleep
        asleep.sleep = Host.Sleep(since: now)
        asleep.capacity = observations.hosts[record.id]?.capacity
        change(.putHost(asleep))
        occurred(.host(record.id), "is put to sleep: \(reason)")
        call(.sleep, record.id)
    }

    /// Wakes those of `hosts` that sleep on, because what waits has room there.
    mutating func wake(_ hosts: [HostID], for instances: [InstanceID]) {
        guard hasPower, !instances.isEmpty else { return }
        for host in hosts {
            guard let record = state.hosts[host]?.value, record.standing == .asleep,
                record.sleep?.wakeAskedAt == nil
            else { continue }
            let (first, more) = (instances[0], instances.count - 1)
            let waiting = more == 0 ? "\(first)" : "\(first) and \(more) more"
            askToWake(record, because: "\(waiting) found no room on hosts that run")
        }
    }

    private mutating func askToWake(_ record: HostRecord, because reason: String) {
        var waking = record
        waking.sleep?.wakeAskedAt = now
        change(.putHost(waking))
        occurred(.host(record.id), "is woken: \(reason)")
        tendSleep(of: record.id)
    }

    /// Begins a waking once the host is quiet, and gives one up that came to nothing.
    mutating func tendSleep(of host: HostID) {
        guard var record = state.hosts[host]?.value, record.standing == .asleep,
            let sleep = record.sleep, sleep.wakeAskedAt != nil
        else { return }
        guard let begun = sleep.wakeBeganAt else {
            // What still speaks is not off yet, and would not notice that it is to be on.
            guard isQuiet(host, since: sleep.since), !isSwitching(host) else { return }
            record.sleep?.wakeBeganAt = now
            change(.putHost(record))
            return call(.wake, host)
        }
        let patience = max(ControlLimits.wakePatience, (record.capacity?.wakeTime ?? .zero) * 2)
        guard now.since(begun) >= patience else { return }
        didNotWake(record, "it has not reported within \(LoopWords.text(patience))")
    }

    private func isQuiet(_ host: HostID, since begin: Instant) -> Bool {
        let heard = observations.hosts[host]?.heardAt ?? observations.since
        return HostLiveness.isLost(heardAt: max(heard, begin), now: now)
    }

    private mutating func didNotWake(_ record: HostRecord, _ reason: String) {
        var asleep = record
        asleep.sleep?.wakeAskedAt = nil
        asleep.sleep?.wakeBeganAt = nil
        change(.putHost(asleep))
        decided.wakeFailures[record.id] = now
        occurred(.host(record.id), "did not wake: \(reason)", .warning)
    }

    private mutating func call(_ order: PowerOrder, _ host: HostID) {
        decided.switching[host] = Switching(order: order, since: now)
        effect(.power(host, order))
    }

    /// The program that switches hosts has ended.
    mutating func powered(_ host: HostID, _ order: PowerOrder, _ failure: String?) {
        guard decided.switching[host]?.order == order else { return }
        decided.switching[host] = nil
        guard let record = state.hosts[host]?.value, record.standing == .asleep else { return }
        switch (order, failure) {
        case (.sleep, nil): occurred(.host(host), "is asleep")
        // What was begun may go on all the same, and it would go off under what came to it. It is a member again once it has
        // spoken for long enough, and until then it can be woken.
        case (.sleep, let failure?):
            occurred(
                .host(host),
                "may not have gone to sleep: \(failure); it takes instances again if it goes on reporting",
                .warning)
        case (.wake, nil): break
        case (.wake, let failure?): didNotWake(record, failure)
        }
    }

    /// Whether the program that switches the host may still be at work; the end of one that is never heard of was lost.
    private func isSwitching(_ host: HostID) -> Bool {
        decided.switching[host].map { now.since($0.since) < ControlLimits.switchPatience } ?? false
    }

    /// Takes note that a host speaks which is to be asleep.
    mutating func heardAsleep(_ host: HostID) {
        guard let record = state.hosts[host]?.value, record.standing == .asleep,
            let sleep = record.sleep
        else { return }
        if let begun = sleep.wakeBeganAt {
            let time = LoopWords.text(.milliseconds(now.since(begun).milliseconds))
            getUp(record, "is awake after \(time)")
        } else if now.since(sleep.since) >= ControlLimits.fallingAsleep, !isSwitching(host) {
            getUp(record, "was put to sleep, and reports: it takes instances")
        }
    }

    private mutating func getUp(_ record: HostRecord, _ message: String) {
        var member = record
        member.standing = .member
        member.sleep = nil
        member.capacity = nil
        change(.putHost(member))
        decided.wakeFailures[record.id] = nil
        occurred(.host(record.id), message)
    }

    /// Whether a host that sleeps is counted on to wake.
    func canBeWoken(_ host: HostID) -> Bool {
        guard hasPower else { return false }
        guard let failed = decided.wakeFailures[host] else { return true }
        return now.since(failed) >= ControlLimits.wakeRest
    }
}
