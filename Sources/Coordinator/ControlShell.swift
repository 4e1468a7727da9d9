import ClusterModel
import ControlCore
import HostIO
import Logging
import PlanAudit
import Planner
import Ports
import RPC
import Wire

/// Carries out what the cluster engine decides: one event after the other, stored before it takes effect.
///
/// Everything that touches the engine passes through one bounded queue, also what only reads it, so nobody ever
/// sees a decision that a power cut could take back.
actor ControlShell {
    private enum Entry: Sendable {
        case event(ClusterEvent)
        case read(@Sendable (ClusterEngine) -> Void)
        /// A change of the store that is not the engine's, such as a token.
        case keep([StoreChange], @Sendable (Result<Void, StoreFailure>) -> Void)
    }

    private struct Session {
        let id: SessionID
        let outbox: AsyncStream<CoordinatorMessage>.Continuation
    }

    /// Why the last session of a host was ended from here, for its agent to read.
    private var farewells: [HostID: (session: SessionID, reason: String)] = [:]

    private var engine: ClusterEngine
    private let store: any Store
    private let clock: SystemClock
    private let log: Logger
    private let power: PowerSwitch?
    private let switches: AsyncStream<(HostID, PowerOrder)>
    private let switchEntrance: AsyncStream<(HostID, PowerOrder)>.Continuation
    private let admission: Admission
    let occurrences = Feed<Occurrence>()
    let progress = Feed<PlanProgressNote>()
    /// Every plan that was made, for recordings.
    let made = Feed<RecordEntry>(queued: CoordinatorLimits.queuedPictures)
    private let queue: AsyncStream<Entry>
    private let entrance: AsyncStream<Entry>.Continuation
    private let jobs: AsyncStream<PlanningWork>
    private let jobEntrance: AsyncStream<PlanningWork>.Continuation
    private var waiting: [RequestID: CheckedContinuation<Answer, Never>] = [:]
    private var sessions: [HostID: Session] = [:]
    private var lastRequest: UInt64 = 0
    private var lastSession: UInt64 = 0
    private var lastEvent: UInt64
    private var oldestEvent: UInt64

    private enum PlanningWork: Sendable {
        case plan(PlanJob)
        case audit(Plan, PlanJob)
    }

    init(
        engine: ClusterEngine, store: any Store, admission: Admission, clock: SystemClock,
        events: ClosedRange<UInt64>?, power: PowerSwitch? = nil, log: Logger
    ) {
        self.power = power
        self.admission = admission
        self.engine = engine
        self.store = store
        self.clock = clock
        self.log = log
        lastEvent = events?.upperBound ?? 0
        oldestEvent = events?.lowerBound ?? 1
        (queue, entrance) = AsyncStream.makeStream(
            of: Entry.self, bufferingPolicy: .bufferingOldest(CoordinatorLimits.queuedEvents))
        (switches, switchEntrance) = AsyncStream.makeStream(
            of: (HostID, PowerOrder).self,
            bufferingPolicy: .bufferingOldest(CoordinatorLimits.queuedEvents))
        (jobs, jobEntrance) = AsyncStream.makeStream(
            of: PlanningWork.self, bufferingPolicy: .bufferingOldest(CoordinatorLimits.queuedEvents)
        )
    }

    /// Works until the task is cancelled.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { for await entry in self.queue { await self.process(entry) } }
            group.addTask { for await work in self.jobs { await self.think(work) } }
            group.addTask { await self.switchHosts() }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    await self.post(.tick)
                }
            }
        }
    }

    // MARK: - Coming in

    /// Hands an event to the engine; `false` when the queue is full and it was refused.
    @discardableResult
    func post(_ event: ClusterEvent) -> Bool {
        if case .enqueued = entrance.yield(.event(event)) { return true }
        log.warning("event refused: the queue is full")
        return false
    }

    /// Asks the engine and waits for its answer.
    func ask(_ request: ClusterRequest) async throws(RPCStatus) -> Answer {
        lastRequest += 1
        let id = RequestID(lastRequest)
        let answer = await withCheckedContinuation { continuation in
            waiting[id] = continuation
            if !post(.request(id, request)) {
                waiting.removeValue(forKey: id)?
                    .resume(
                        returning: .refused(
                            RequestRefusal(.unavailable, "the coordinator is overloaded")))
            }
        }
        if case .refused(let refusal) = answer { throw refusal.status }
        return answer
    }

    /// What `body` makes of the engine's state, once everything before it is stored.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (ClusterEngine) -> Value
    ) async throws(RPCStatus) -> Value {
        let value = await withCheckedContinuation {
            (continuation: CheckedContinuation<Value?, Never>) in
            let result = entrance.yield(.read { continuation.resume(returning: body($0)) })
            if case .enqueued = result { return }
            continuation.resume(returning: nil)
        }
        guard let value else { throw RPCStatus(.unavailable, "the coordinator is overloaded") }
        return value
    }

    /// Stores what is not the engine's.
    func keep(_ changes: [StoreChange]) async throws(RPCStatus) {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Void, StoreFailure>?, Never>) in
            let queued = entrance.yield(.keep(changes) { continuation.resume(returning: $0) })
            if case .enqueued = queued { return }
            continuation.resume(returning: nil)
        }
        switch result {
        case .success: return
        case .failure(let failure): throw RPCStatus(.resourceExhausted, "not stored: \(failure)")
        case nil: throw RPCStatus(.unavailable, "the coordinator is overloaded")
        }
    }

    // MARK: - Sessions of agents

    /// A host is connected; an earlier session of it ends.
    func open(
        _ host: HostID, _ hello: AgentHello
    ) -> (id: SessionID, instructions: AsyncStream<CoordinatorMessage>) {
        lastSession += 1
        let id = SessionID(lastSession)
        let (stream, continuation) = AsyncStream.makeStream(
            of: CoordinatorMessage.self,
            bufferingPolicy: .bufferingOldest(CoordinatorLimits.queuedInstructions))
        sessions.removeValue(forKey: host)?.outbox.finish()
        sessions[host] = Session(id: id, outbox: continuation)
        // Not taken: the stream ends at once, and the agent comes again.
        if !post(.connected(host, id, hello)) {
            sessions.removeValue(forKey: host)?.outbox.finish()
        }
        return (id, stream)
    }

    /// Why session `id` of `host` was ended from here; asked once.
    ///
    /// What an operator has to look at is a failed precondition; anything else passes, so the agent is to come again soon.
    func farewell(_ host: HostID, _ id: SessionID) -> RPCStatus {
        guard let known = farewells[host], known.session == id else {
            return RPCStatus(
                .unavailable,
                "this session was ended by the coordinator: a newer one of this host began, or it did not read"
            )
        }
        farewells[host] = nil
        return RPCStatus(.failedPrecondition, known.reason)
    }

    func close(_ host: HostID, _ id: SessionID) {
        if sessions[host]?.id == id { sessions.removeValue(forKey: host)?.outbox.finish() }
        post(.disconnected(host, id))
    }

    /// Sends one message to a host; `false` when it is not connected.
    @discardableResult
    func send(_ message: CoordinatorMessage, to host: HostID) -> Bool {
        guard let session = sessions[host] else { return false }
        if case .enqueued = session.outbox.yield(message) { return true }
        log.warning("host cut off: it does not read", metadata: ["host": "\(host)"])
        session.outbox.finish()
        sessions[host] = nil
        post(.disconnected(host, session.id))
        return false
    }

    /// Sends one message to every host that is connected; it is made here, so that none overtakes a newer one.
    func tellAll(_ message: @Sendable () -> CoordinatorMessage) {
        let message = message()
        for host in sessions.keys { send(message, to: host) }
    }

    // MARK: - One entry at a time

    private func process(_ entry: Entry) async {
        switch entry {
        case .event(let event): await process(event)
        case .read(let body): body(engine)
        case .keep(let changes, let done):
            do throws(StoreFailure) {
                engine.advance(to: try await store.transact(changes))
                done(.success(()))
            } catch {
                done(.failure(error))
            }
        }
    }

    private func process(_ event: ClusterEvent) async {
        let before = engine.decided
        let decision = engine.handle(event, at: clock.now)
        if !decision.changes.isEmpty {
            do throws(StoreFailure) {
                engine.advance(to: try await store.transact(stored(decision.changes)))
            } catch {
                engine.restore(before)
                log.error("decision not stored, so not carried out", metadata: ["why": "\(error)"])
                if case .request(let id, _) = event {
                    answer(
                        id,
                        .refused(
                            RequestRefusal(
                                .unavailable, "the decision could not be stored: \(error)")))
                }
                return
            }
            for case .occurred(let occurrence) in decision.changes {
                log.info("\(occurrence.message)", metadata: ["of": "\(occurrence.subject.words)"])
                await occurrences.publish(occurrence)
            }
        }
        for effect in decision.effects { await carryOut(effect) }
    }

    private func stored(_ changes: [Change]) -> [StoreChange] {
        var stored = changes.map { change in
            RecordKeys.stored(change) {
                lastEvent += 1
                return lastEvent
            }
        }
        while lastEvent >= oldestEvent + UInt64(ControlLimits.keptOccurrences) {
            stored.append(.delete(key: RecordKeys.event(oldestEvent)))
            oldestEvent += 1
        }
        return stored
    }

    private func carryOut(_ effect: ClusterEffect) async {
        switch effect {
        case .answer(let id, let answer): self.answer(id, answer)
        case .instruct(let host, let instruction):
            let message = instruction.wire(
                version: ProtocolVersion.build, credentials: admission.credentials)
            send(message, to: host)
        case .disconnect(let host, let reason):
            log.notice("host disconnected", metadata: ["host": "\(host)", "why": "\(reason)"])
            guard let session = sessions.removeValue(forKey: host) else { break }
            farewells[host] = (session.id, reason)
            session.outbox.finish()
        case .plan(let job): queue(.plan(job))
        case .audit(let plan, let job): queue(.audit(plan, job))
        case .progress(let note): await progress.publish(note)
        case .power(let host, let order):
            guard case .enqueued = switchEntrance.yield((host, order)) else {
                post(.powered(host, order, failure: "the coordinator is overloaded"))
                return
            }
        }
    }

    /// Switches hosts, each without waiting for the others.
    private nonisolated func switchHosts() async {
        await withDiscardingTaskGroup { group in
            for await (host, order) in switches {
                group.addTask {
                    let failure = await self.power?.carryOut(order, of: host)
                    await self.post(.powered(host, order, failure: failure))
                }
            }
        }
    }

    private func queue(_ work: PlanningWork) {
        if case .enqueued = jobEntrance.yield(work) { return }
        switch work {
        case .plan(let job): post(.planned(job.id, .refused("the coordinator is overloaded")))
        case .audit(let plan, _): post(.audited(plan.id, findings: ["the audit is overloaded"]))
        }
    }

    private func answer(_ id: RequestID, _ answer: Answer) {
        waiting.removeValue(forKey: id)?.resume(returning: answer)
    }

    /// Plans and audits away from the queue: neither sees anything but its arguments.
    private nonisolated func think(_ work: PlanningWork) async {
        switch work {
        case .plan(let job):
            let result = PlanningResult(of: job)
            await post(.planned(job.id, result))
            // The picture of a large cluster takes a while to be written down; what moves nothing is not replayed.
            if job.task.resting == nil, await made.isWatched {
                await made.publish(RecordEntry(job, result))
            }
        case .audit(let plan, let job):
            let findings = PlanAudit(policy: job.policy)
                .violations(
                    of: plan, in: job.snapshot, forced: job.task.isForced,
                    resting: job.task.resting)
            await post(.audited(plan.id, findings: findings.map { "\($0)" }))
        }
    }
}
