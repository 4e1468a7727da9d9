package import ClusterModel

/// One instance on its host, from its first assignment to its removal.
///
/// The driver tells what is; the holding says what is to be; `next` says what to do about the difference. What
/// happens while a move has the instance is the move's business.
package struct InstanceLifecycle: Hashable, Sendable {
    package var holding: Holding
    /// What the driver last said; `nil` when it has nothing of that name.
    package private(set) var seen: SeenInstance.State?
    private var seenIncarnation: Generation?
    /// The operation under way.
    package private(set) var busy: AgentOperation?
    /// Why the last start did not succeed; cleared by one that does.
    private var failure: String?
    private var failures = 0
    /// Nothing is tried before this moment.
    private var retryAt: Instant?
    private var startedAt: Instant?
    /// Held by an earlier agent; what runs is not known before its driver has said so.
    private var isUnseen = false
    private var health = Health()

    /// Results of the check since the last start.
    private struct Health: Hashable, Sendable {
        var failuresInARow = 0
        var reason: String?
        var nextAt: Instant?
    }

    package init(holding: Holding) { self.holding = holding }

    /// An instance that an earlier agent held.
    init(adopting holding: Holding) {
        self.holding = holding
        isUnseen = true
    }

    /// Takes over what a driver has.
    mutating func adopt(_ instance: SeenInstance) {
        seen = instance.state
        seenIncarnation = instance.incarnation
    }

    // MARK: - Events

    package mutating func see(_ instance: SeenInstance?, at now: Instant) {
        // An operation under way may be half done: what the driver shows meanwhile says nothing.
        guard busy == nil else { return }
        isUnseen = false
        let wasRunning = seen == .running
        seen = instance?.state
        seenIncarnation = instance?.incarnation
        if wasRunning, seen != .running { ended(now) }
        // A stop that did not come about, and is not wanted any more.
        if seen == .running, holding.isConfirmed, holding.assigned.desired == .running {
            holding.isInterrupted = false
        }
    }

    /// Notes that `operation` is under way.
    ///
    /// What it ends is marked before and not after: an agent that is killed in between finds an end, and could not tell
    /// it from one that the instance came to by itself.
    mutating func begin(_ operation: AgentOperation) {
        busy = operation
        if seen == .running, operation.verb.ends { holding.isInterrupted = true }
    }

    package mutating func finished(_ verb: AgentOperation.Verb, failure: String?, at now: Instant) {
        // One that ends beside it, such as what an abandoned move still prepared, is not about the copy.
        guard busy?.verb == verb else { return }
        busy = nil
        switch verb {
        case .start(_, let incarnation), .startApart(_, let incarnation),
            .resume(_, let incarnation):
            guard failure == nil else { return failed(failure, now) }
            self.failure = nil
            retryAt = nil
            isUnseen = false
            holding.isInterrupted = false
            if holding.standing == .resumed { holding.standing = .active }
            seen = .running
            seenIncarnation = incarnation
            startedAt = now
            health = Health()
        case .stop, .checkpoint:
            guard failure == nil else { return backOff(now) }
            if seen == .running { seen = .exited(code: 0) }
        // Where it has come after all, its move asks for it again.
        case .dismiss where failure != nil: return
        case .remove, .dismiss:
            guard failure == nil else { return failed(failure, now) }
            seen = nil
            seenIncarnation = nil
            if holding.assigned.desired == .removed { holding.standing = .gone }
        case .arrive:
            guard failure == nil else { return }
            isUnseen = false
            seen = .running
            seenIncarnation = holding.incarnation
            startedAt = now
        case .handOver:
            // What is left of it here runs no more; only its move says what becomes of it.
            if failure == nil, seen == .running { seen = .exited(code: 0) }
        case .preflight, .prepare, .prepareLive, .fetch, .hold, .connect, .confirm, .receive,
            .stream:
            break
        }
    }

    /// It came and has ended, and that was its move's doing: it goes on whatever its policy says of an end.
    package mutating func lostByMove(_ verb: AgentOperation.Verb) {
        if busy?.verb == verb { holding.isInterrupted = true }
    }

    package mutating func probed(_ failure: String?) {
        health.failuresInARow = failure == nil ? 0 : health.failuresInARow + 1
        health.reason = failure
    }

    private mutating func failed(_ failure: String?, _ now: Instant) {
        self.failure = failure
        backOff(now)
    }

    /// A newer or confirming assignment; `false` when it is older than what is held.
    ///
    /// Another spec makes a new copy only under a newer generation: at the same one the coordinator confirms what
    /// is here, and this instance's turn to be made anew has not come.
    package mutating func assign(_ assigned: Assigned) -> Bool {
        let held = holding.assigned
        guard assigned.generation >= held.generation else { return false }
        let runsLikeHeld = assigned.workload.runsLike(held.workload)
        guard assigned.generation > held.generation || runsLikeHeld else {
            holding.assigned = held.with(assigned.desired, held.generation)
            confirm(assigned)
            return true
        }
        if assigned.generation > held.generation, !runsLikeHeld || holding.standing == .gone {
            holding.incarnation = assigned.generation
            failure = nil
            failures = 0
            retryAt = nil
        }
        if assigned.desired != held.desired { retryAt = nil }
        holding.assigned = assigned
        confirm(assigned)
        return true
    }

    private mutating func confirm(_ assigned: Assigned) {
        switch holding.standing {
        case .active, .resumed: break
        // A power cut is no end of its own, but nobody can tell the two apart for what is never to run twice.
        case .held:
            holding.standing = assigned.workload.program.restart == .never ? .active : .resumed
        case .gone: if assigned.desired != .removed { holding.standing = .active }
        }
    }

    // MARK: - Decisions

    /// What is to be done now; `nil` when all is as it should be or has to wait.
    package func next(at now: Instant) -> AgentOperation? {
        guard busy == nil, retryAt.map({ now >= $0 }) ?? true else { return nil }
        let assigned = holding.assigned
        let kind = assigned.workload.kind
        switch holding.standing {
        case .gone: return nil
        // What has to end, ends also in the middle of a move.
        case .held: return seen == .running ? operation(.stop(kind)) : nil
        case .active, .resumed: break
        }
        guard holding.move == nil else { return nil }
        switch assigned.desired {
        case .running:
            return wantsStart ? operation(.start(assigned, incarnation: holding.incarnation)) : nil
        case .stopped: return seen == .running ? operation(.stop(kind)) : nil
        case .removed: return operation(.remove(kind, volumes: volumesToRemove))
        }
    }

    /// The check that is due; asking sets the next one. None is while a move has the instance: it may be out of reach.
    package mutating func dueProbe(at now: Instant) -> HealthCheck? {
        guard let check = holding.assigned.workload.program.check, seen == .running, busy == nil,
            holding.isConfirmed, holding.move == nil
        else { return nil }
        guard let due = health.nextAt else {
            health.nextAt = now.advanced(by: check.every)
            return nil
        }
        guard now >= due else { return nil }
        health.nextAt = now.advanced(by: check.every)
        return check
    }

    /// What the coordinator is told.
    package var status: AgentNews.InstanceStatus {
        AgentNews.InstanceStatus(
            id: holding.id, generation: holding.assigned.generation, observed: observed)
    }

    private var observed: Instance.Observed {
        switch holding.standing {
        case .gone: return .stopped
        case .held: return .held
        case .active, .resumed: break
        }
        let desired = holding.assigned.desired
        switch seen {
        case .running:
            if seenIncarnation != holding.incarnation { return .starting }
            let fails = holding.assigned.workload.program.check?.fails ?? 1
            guard health.failuresInARow >= fails else { return .running }
            return .unhealthy(reason: health.reason ?? "its check fails")
        case .exited(let code):
            // A removed instance counts as stopped only once nothing is left of it.
            if desired == .removed { return .starting }
            if desired == .stopped { return halted }
            if let failure { return .failed(reason: failure) }
            if startsWhateverItsEnd { return .starting }
            if mayRestart(code) {
                return .failed(reason: "ended with code \(code); it is started again")
            }
            return code == 0 ? .stopped : .failed(reason: "ended with code \(code)")
        case nil:
            if let failure { return .failed(reason: failure) }
            return desired == .stopped ? halted : .starting
        }
    }

    /// What is to be stopped has stopped once nothing can bring it to run: a start that is under way may,
    /// and so may what the driver has that was not looked at yet. Its room is given away by this word.
    private var halted: Instance.Observed {
        holding.move == nil && (busy != nil || isUnseen) ? .starting : .stopped
    }

    private var startsWhateverItsEnd: Bool {
        holding.isInterrupted || holding.standing == .resumed
    }

    private var wantsStart: Bool {
        guard !isUnseen else { return false }
        guard let seen, seenIncarnation == holding.incarnation else { return true }
        switch seen {
        case .running: return false
        case .exited(let code): return startsWhateverItsEnd || mayRestart(code)
        }
    }

    private func mayRestart(_ code: Int) -> Bool {
        switch holding.assigned.workload.program.restart {
        case .always: true
        case .onFailure: code != 0
        case .never: false
        }
    }

    private var volumesToRemove: [String] {
        holding.assigned.removeVolumes ? holding.assigned.workload.storage.lasting : []
    }

    private func operation(_ verb: AgentOperation.Verb) -> AgentOperation {
        AgentOperation(instance: holding.id, verb: verb)
    }

    // MARK: - Back-off

    /// An instance that ran for a while starts with a clean slate.
    private mutating func ended(_ now: Instant) {
        if let startedAt, now.since(startedAt) >= Self.longestWait { failures = 0 }
        backOff(now)
    }

    /// 1 s, 2 s, 4 s … 5 min.
    private mutating func backOff(_ now: Instant) {
        let seconds = min(Self.longestWait, .seconds(1 << min(failures, 10)))
        retryAt = now.advanced(by: seconds)
        failures += 1
    }

    private static let longestWait = Duration.seconds(300)
}

extension AgentOperation.Verb {
    /// Whether it ends a copy that may have to go on later.
    var ends: Bool {
        switch self {
        case .stop, .checkpoint, .handOver: true
        case .start, .remove, .preflight, .prepare, .fetch, .startApart, .hold, .connect, .confirm,
            .prepareLive, .receive, .stream, .arrive, .dismiss, .resume:
            false
        }
    }
}
