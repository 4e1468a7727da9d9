import ClusterModel
import ControlCore
import HostIO
import Logging
import Ports
import Wire

/// Carries out what the agent's engine decides: one event after the other, kept before it takes effect.
actor AgentShell {
    private var engine: AgentEngine
    private let book: HoldingBook
    private let link: CoordinatorLink
    private let runner: OperationRunner
    private let clock: SystemClock
    private let log: Logger
    /// What other hosts fetch of instances here.
    nonisolated let exports = OpenExports()
    private let queue: AsyncStream<AgentEvent>
    private let entrance: AsyncStream<AgentEvent>.Continuation
    private let operations: AsyncStream<AgentOperation>
    private let operationEntrance: AsyncStream<AgentOperation>.Continuation
    private let checks: AsyncStream<Check>
    private let checkEntrance: AsyncStream<Check>.Continuation
    /// Instances whose earlier log is still where they come from.
    private let arrivals: AsyncStream<RunningArrival>
    private let arrivalEntrance: AsyncStream<RunningArrival>.Continuation
    /// Grows with every operation that ends, so that a look at a driver that it overtook is known as old.
    private var ended: UInt64 = 0
    /// How operations under way are ended before their time.
    private var interruptions: [AgentOperation: Interruption] = [:]

    private struct Check: Sendable {
        let check: HealthCheck
        let assigned: Assigned
        /// The move whose copy it is, when that is one that nobody can reach yet.
        let move: MoveID?
    }

    init(
        engine: AgentEngine, book: HoldingBook, link: CoordinatorLink, runner: OperationRunner,
        clock: SystemClock, log: Logger
    ) {
        self.engine = engine
        self.book = book
        self.link = link
        self.runner = runner
        self.clock = clock
        self.log = log
        (queue, entrance) = AsyncStream.makeStream(
            of: AgentEvent.self, bufferingPolicy: .bufferingOldest(AgentLimits.queuedEvents))
        (operations, operationEntrance) = AsyncStream.makeStream(
            of: AgentOperation.self, bufferingPolicy: .bufferingOldest(AgentLimits.queuedOperations)
        )
        (checks, checkEntrance) = AsyncStream.makeStream(
            of: Check.self, bufferingPolicy: .bufferingOldest(AgentLimits.queuedOperations))
        (arrivals, arrivalEntrance) = AsyncStream.makeStream(
            of: RunningArrival.self,
            bufferingPolicy: .bufferingOldest(AgentLimits.queuedOperations))
    }

    /// Works until the task is cancelled.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { for await event in self.queue { await self.process(event) } }
            group.addTask {
                await withDiscardingTaskGroup { workers in
                    for await operation in self.operations {
                        workers.addTask { await self.perform(operation) }
                    }
                }
            }
            group.addTask {
                await withDiscardingTaskGroup { workers in
                    for await check in self.checks { workers.addTask { await self.perform(check) } }
                }
            }
            group.addTask {
                await withDiscardingTaskGroup { workers in
                    for await arrival in self.arrivals {
                        workers.addTask { await self.bringLog(of: arrival) }
                    }
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: AgentLimits.sampleInterval)
                    await self.post(.tick)
                }
            }
        }
    }

    // MARK: - Coming in

    func post(_ event: AgentEvent) {
        if case .enqueued = entrance.yield(event) { return }
        log.error("event lost: the queue is full")
    }

    /// A message is about to go out from which leases will run once it is answered.
    func speaking(_ event: (Instant) -> AgentEvent) { post(event(clock.now)) }

    /// The kind of an instance that is held here; `nil` when none is.
    func kind(of instance: InstanceID) -> Workload.Kind? {
        engine.instances[instance]?.holding.assigned.workload.kind
    }

    /// The kind of an instance that is stopped here for `move` to `host`; `nil` when none is.
    func kind(
        of instance: InstanceID, movingIn move: MoveID, to host: HostID
    ) -> Workload.Kind? {
        guard let held = engine.instances[instance]?.holding, held.move == move, held.peer == host,
            held.assigned.desired == .stopped
        else { return nil }
        return held.assigned.workload.kind
    }

    /// The kind of an instance that runs here and is to move to `host` in `move`; `nil` when none is, or nobody has said so.
    func kind(
        of instance: InstanceID, offeredIn move: MoveID, to host: HostID
    ) -> Workload.Kind? {
        engine.isOffered(instance, in: move, to: host) ? kind(of: instance) : nil
    }

    /// The kind of an instance that is leaving this host for `host` in `move`, whether it still runs or not; `nil` when
    /// none is.
    func kind(
        of instance: InstanceID, leavingIn move: MoveID, for host: HostID
    ) -> Workload.Kind? {
        guard let held = engine.instances[instance]?.holding, held.move == move, held.peer == host
        else { return nil }
        return held.assigned.workload.kind
    }

    /// Whether the instance is gone from this host, or about to be.
    func hasLeft(_ instance: InstanceID) -> Bool {
        guard let held = engine.instances[instance]?.holding else { return true }
        return held.assigned.desired == .removed || held.standing == .gone
    }

    /// What its move has in mind for an instance that it may have stopped here.
    func stay(of instance: InstanceID) -> Stay {
        guard let known = engine.instances[instance], known.holding.move != nil else {
            return .over
        }
        switch known.holding.assigned.desired {
        case .running: return known.busy == nil ? .certain : .open
        case .stopped: return .open
        case .removed: return .over
        }
    }

    /// Asks `driver` what it has; an answer that an operation overtook is dropped.
    func look(at driver: any WorkloadDriver) async -> [DriverInstance] {
        let mark = ended
        do throws(DriverFailure) {
            let instances = try await driver.instances()
            if ended == mark { post(.seen(driver.kind, instances.map(SeenInstance.init))) }
            return instances
        } catch {
            log.warning(
                "driver does not answer",
                metadata: ["kind": "\(driver.kind)", "why": "\(error.words)"])
            return []
        }
    }

    // MARK: - One event at a time

    private func process(_ event: AgentEvent) async {
        var broken: String?
        for effect in engine.handle(event, at: clock.now) {
            switch effect {
            case .keep(let holding):
                broken = keep { () throws(FileFailure) in try book.keep(holding) } ?? broken
            case .drop(let id):
                broken = keep { () throws(FileFailure) in try book.drop(id) } ?? broken
            case .noteHeard(let moment):
                broken = keep { () throws(FileFailure) in try book.noteHeard(moment) } ?? broken
            case .perform(let operation):
                if let broken {
                    post(.finished(operation, failure: broken))
                    continue
                }
                // Before it is begun: an interruption may come before its first step.
                interruptions[operation] = Interruption()
                if case .enqueued = operationEntrance.yield(operation) {
                    continue
                } else {
                    interruptions[operation] = nil
                    post(.finished(operation, failure: "the host has too much to do"))
                }
            case .interrupt(let operation): interruptions[operation]?.signal()
            case .probe(let id, let check):
                guard let assigned = engine.instances[id]?.holding.assigned else { continue }
                checkEntrance.yield(Check(check: check, assigned: assigned, move: nil))
            case .prove(let id, let move, let check):
                guard let assigned = engine.instances[id]?.holding.assigned else { continue }
                checkEntrance.yield(Check(check: check, assigned: assigned, move: move))
            // In no group: nobody's end waits for a disk that does not answer.
            case .flush(let id, let kind, let move):
                Task { await flush(id, kind, move) }
            case .report(let statuses):
                await link.send(.statuses(Statuses(instances: statuses.map(\.wire))))
            case .answerMove(
                let move, let phase, let undo, let failure, let endpoint, let measure,
                let verdict):
                await link.send(
                    .moveResult(
                        MoveResult(
                            move: move, phase: phase, undo: undo, failure: failure,
                            endpoint: endpoint, measure: measure, verdict: verdict)))
            }
        }
    }

    /// What cannot be kept must not be done: after a crash nobody would know of it.
    private func keep(_ body: () throws(FileFailure) -> Void) -> String? {
        do throws(FileFailure) {
            try body()
            return nil
        } catch {
            log.error("cannot keep a holding", metadata: ["why": "\(error)"])
            return "the host cannot keep its records: \(error)"
        }
    }

    private nonisolated func perform(_ operation: AgentOperation) async {
        let interruption = await interruption(of: operation)
        exports.end(of: operation.instance)
        let from = clock.monotonicNanoseconds
        if let departure = await departure(by: operation) { await runner.keepLog(of: departure) }
        let outcome = await interruption.guarding { [runner] in await runner.run(operation) }
        if outcome.failure == nil, let arrival = await arrival(by: operation) {
            await runner.mark(arrival)
            arrivalEntrance.yield(arrival)
        }
        log.debug(
            "operation ended",
            metadata: [
                "instance": "\(operation.instance)", "verb": "\(operation.verb.word)",
                "milliseconds": "\((clock.monotonicNanoseconds - from) / 1_000_000)",
            ])
        await finished(operation, outcome)
    }

    private func arrival(by operation: AgentOperation) -> RunningArrival? {
        engine.arrival(of: operation.instance).map { RunningArrival($0, at: clock.now) }
    }

    private func departure(by operation: AgentOperation) -> Move? {
        engine.departure(of: operation.instance)
    }

    private nonisolated func bringLog(of arrival: RunningArrival) async {
        guard let complaint = await runner.bringLog(of: arrival) else { return }
        log.warning(
            "an earlier log did not come along",
            metadata: ["instance": "\(arrival.move.instance)", "why": "\(complaint)"])
    }

    private func interruption(of operation: AgentOperation) -> Interruption {
        interruptions[operation] ?? Interruption()
    }

    private func finished(_ operation: AgentOperation, _ outcome: OperationRunner.Outcome) {
        ended += 1
        interruptions[operation] = nil
        if let failure = outcome.failure {
            log.warning(
                "operation failed",
                metadata: [
                    "instance": "\(operation.instance)", "verb": "\(operation.verb.word)",
                    "why": "\(failure)",
                ])
        }
        post(
            .finished(
                operation, failure: outcome.failure, endpoint: outcome.endpoint,
                measure: outcome.measure, verdict: outcome.verdict))
    }

    private nonisolated func perform(_ check: Check) async {
        let id = check.assigned.instance
        let failure = await runner.check(check.check, of: check.assigned, apart: check.move != nil)
        if let move = check.move {
            await post(.proved(id, move, failure: failure))
        } else {
            await post(.probed(id, failure: failure))
        }
    }

    private nonisolated func flush(
        _ id: InstanceID, _ kind: Workload.Kind, _ move: MoveID
    ) async {
        let failure = await runner.flush(id, kind)
        if let failure {
            log.warning(
                "what came is not on the disk",
                metadata: ["instance": "\(id)", "why": "\(failure)"])
        }
        await post(.flushed(move, failure: failure))
    }
}

extension AgentOperation.Verb {
    /// The verb's one word.
    var word: String {
        switch self {
        case .start, .startApart: "start"
        case .hold: "hold"
        case .connect: "connect"
        case .stop: "stop"
        case .remove: "remove"
        case .preflight: "preflight"
        case .prepare, .prepareLive: "prepare"
        case .fetch: "fetch"
        case .confirm: "confirm"
        case .checkpoint: "checkpoint"
        case .receive: "receive"
        case .stream: "stream"
        case .handOver: "hand over"
        case .arrive: "arrive"
        case .dismiss: "dismiss"
        case .resume: "resume"
        }
    }
}
