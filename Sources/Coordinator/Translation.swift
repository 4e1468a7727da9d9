import ClusterModel
import ControlCore
import RPC
import Wire

// What the engine says and what the wire carries are the same facts in two shapes; here and nowhere else they
// are turned into one another.

extension HostRecord {
    var host: Host {
        let state: Host.State =
            switch standing {
            case .member: .joining
            case .draining: .draining
            case .fenced: .fenced
            case .unconfirmed: .unconfirmed
            case .asleep: .asleep
            }
        return Host(
            id: id, labels: labels, taints: taints,
            capacity: capacity ?? Capacity(lastKnown: processor),
            state: state, address: address, isNew: isNew, sleep: sleep)
    }

    init(_ host: Host) {
        let standing: Standing =
            switch host.state {
            case .draining: .draining
            case .fenced: .fenced
            case .unconfirmed: .unconfirmed
            case .asleep: .asleep
            case .joining, .ready, .lost: .member
            }
        self.init(
            id: host.id, labels: host.labels, taints: host.taints, standing: standing,
            address: host.address, processor: Processor(host.capacity), isNew: host.isNew,
            sleep: standing == .asleep ? host.sleep : nil,
            capacity: standing == .asleep ? host.capacity : nil)
    }
}

extension PlanRecord {
    var reply: PlanReply {
        PlanReply(
            plan: plan, state: state.wire, reason: reason, origin: origin, release: release)
    }

    init(_ reply: PlanReply) {
        self.init(
            plan: reply.plan, state: State(reply.state), reason: reply.reason,
            origin: reply.origin, release: reply.release)
    }
}

extension PlanRecord.State {
    var wire: PlanState {
        switch self {
        case .stored: .stored
        case .running: .running
        case .done: .done
        case .failed: .failed
        case .stale: .stale
        }
    }

    init(_ state: PlanState) {
        switch state {
        case .stored: self = .stored
        case .running: self = .running
        case .done: self = .done
        case .failed: self = .failed
        case .stale: self = .stale
        }
    }
}

extension MoveRecord {
    var summary: MoveSummary { summary(progress: nil) }

    func summary(progress: MoveAdvance?) -> MoveSummary {
        MoveSummary(
            move: move, phase: phase, outcome: outcome, beganAt: beganAt, endedAt: endedAt,
            endpoint: endpoint, progress: progress, forecast: forecast, measure: measure,
            hasLetGo: hasLetGo, sourceBoot: sourceBoot)
    }

    init(_ summary: MoveSummary) {
        self.init(
            move: summary.move, phase: summary.phase, outcome: summary.outcome,
            beganAt: summary.beganAt, endedAt: summary.endedAt, endpoint: summary.endpoint,
            forecast: summary.forecast, measure: summary.measure, hasLetGo: summary.hasLetGo,
            sourceBoot: summary.sourceBoot)
    }
}

extension PlanProgressNote {
    var wire: PlanProgress {
        let stepState: Wire.StepState =
            switch step?.state {
            case .waiting, nil: .waiting
            case .running: .running
            case .done: .done
            case .failed: .failed
            }
        return PlanProgress(
            state: state.wire, reason: reason, step: step?.id, stepState: stepState,
            phase: step?.phase, progress: step?.progress)
    }
}

extension WorkloadChangeNote {
    var wire: WorkloadChange {
        let kind: ChangeKind =
            switch kind {
            case .none: .none
            case .created: .created
            case .updated: .updated
            case .replaced: .replaced
            case .scaled: .scaled
            }
        return WorkloadChange(
            workload: workload, kind: kind, differences: differences, starts: starts,
            replaces: replaces, removes: removes)
    }
}

extension Assigned {
    var wire: Assignment {
        Assignment(
            instance: instance, generation: generation, desired: desired, workload: workload,
            image: image, imageHosts: imageSources, removeVolumes: removeVolumes, address: address)
    }
}

extension Instruction {
    /// - Parameter credentials: makes what a streamed move's ends prove themselves with.
    func wire(
        version: String, credentials: (MoveOrderNote) -> MoveCredentials?
    ) -> CoordinatorMessage {
        switch self {
        case .welcome(let lease):
            .welcome(Welcome(protocol: ProtocolVersion.current, version: version, lease: lease))
        case .assign(let assigned, let complete, let moving):
            .assignments(
                Assignments(
                    assignments: assigned.map(\.wire), complete: complete, moving: moving))
        case .move(let order):
            .move(
                MoveOrder(
                    move: order.move, phase: order.phase, undo: order.undo,
                    assignment: order.assigned.wire, sourceAddress: order.sourceAddress,
                    endpoint: order.endpoint, credentials: credentials(order),
                    bandwidth: order.bandwidth, compression: order.compression,
                    streams: order.streams, takesPostcopy: order.takesPostcopy,
                    source: order.source))
        case .network(let news): .network(news)
        case .acknowledge: .acknowledged
        }
    }
}

extension AgentMessage {
    /// What the engine makes of it; `nil` for the hello, which opens a session.
    var news: AgentNews? {
        switch self {
        case .hello: nil
        case .report(let report):
            .report(
                host: report.host,
                instances: report.instances.map {
                    AgentNews.InstanceUse(id: $0.id, use: $0.use, load: $0.load)
                },
                images: report.images)
        case .statuses(let statuses):
            .statuses(
                statuses.instances.map {
                    AgentNews.InstanceStatus(
                        id: $0.id, generation: $0.generation, observed: $0.observed)
                })
        case .moveResult(let result):
            .move(
                result.move, result.phase, undo: result.undo, failure: result.failure,
                endpoint: result.endpoint, measure: result.measure, verdict: result.verdict)
        case .moveProgress(let note): .moveProgress(note.move, note.progress)
        case .capacity(let capacity): .capacity(capacity)
        }
    }
}

extension RequestRefusal {
    var status: RPCStatus {
        switch code {
        case .invalid: RPCStatus(.invalidArgument, message)
        case .notFound: RPCStatus(.notFound, message)
        case .conflict: RPCStatus(.failedPrecondition, message)
        case .unavailable: RPCStatus(.unavailable, message)
        case .defect: RPCStatus(.internal, message)
        }
    }
}

extension Plan.Reason {
    /// What the engine is asked for; `nil` for plans that nobody asks for by themselves.
    func task(toHost: HostID?, mode: MoveMode?, force: Bool) -> PlanTask? {
        switch self {
        case .pack: .pack
        case .relieve(let host): .relieve(host)
        case .drain(let host): .drain(host, force: force)
        case .move(let instance): .move(instance, to: toHost, mode: mode)
        case .repair: .repair
        case .place: nil
        }
    }
}
