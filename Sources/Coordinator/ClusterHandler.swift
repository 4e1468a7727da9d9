import API
import ClusterModel
import ControlCore
import Identity
import RPC
import Shelf
import Wire

/// Serves users: turns each call into a request of the engine, or into a look at its state.
struct ClusterHandler: ClusterService {
    let shell: ControlShell
    let admission: Admission
    let broker: SessionBroker
    let shelf: Shelf
    let history: EventHistory

    func version(_ request: VersionRequest, caller: Caller) async throws(RPCStatus) -> VersionReply
    {
        guard ProtocolVersion.isServed(request.protocol) else {
            throw RPCStatus(.failedPrecondition, ProtocolVersion.refusal(of: request.protocol))
        }
        return VersionReply(protocol: ProtocolVersion.current, version: ProtocolVersion.build)
    }

    // MARK: - Workloads

    func apply(_ request: ApplyRequest, caller: Caller) async throws(RPCStatus) -> ApplyReply {
        let answer = try await shell.ask(
            .apply(request.workloads, on: request.onHost, dryRun: request.dryRun))
        guard case .applied(let notes, let pending, let revision) = answer else { throw unexpected }
        return ApplyReply(changes: notes.map(\.wire), pending: pending, revision: revision)
    }

    func deleteWorkload(
        _ request: DeleteWorkloadRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        try await change(.delete(request.name, volumes: request.volumes))
    }

    func listWorkloads(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListWorkloadsReply {
        try await shell.read { engine in
            let instances = engine.state.instances.values.map(\.value)
            let workloads = engine.state.workloads.values.map(\.value).sorted { $0.name < $1.name }
            return ListWorkloadsReply(
                workloads: workloads.map { workload in
                    let running = instances.filter {
                        $0.workload == workload.name && engine.observations.observed($0) == .running
                    }
                    return WorkloadSummary(
                        workload: workload, running: running.count,
                        moves: engine.state.moveReports[workload.name] ?? [])
                })
        }
    }

    func listInstances(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListInstancesReply {
        try await shell.read { ListInstancesReply(instances: $0.instanceSummaries) }
    }

    func explain(_ request: ExplainRequest, caller: Caller) async throws(RPCStatus) -> ExplainReply
    {
        let reply = try await shell.read { $0.explanation(of: request.instance) }
        guard let reply else {
            throw RPCStatus(.notFound, "there is no instance \(request.instance)")
        }
        return reply
    }

    // MARK: - Hosts

    func listHosts(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> ListHostsReply
    {
        try await shell.read { ListHostsReply(hosts: $0.hostSummaries) }
    }

    func removeHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        do throws(RPCStatus) {
            let reply = try await change(.remove(request.host))
            try await revoke(request.host)
            return reply
        } catch {
            // An earlier try may have removed the host and failed before its certificates were revoked.
            if error.code == .notFound { try await revoke(request.host) }
            throw error
        }
    }

    private func revoke(_ host: HostID) async throws(RPCStatus) {
        let changes = admission.revoke(host)
        try await shell.keep(changes)
        admission.stored(changes)
        await shell.tellAll { .revocations(admission.revocations) }
    }

    func fenceHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        try await change(.fence(request.host))
    }

    func drainHost(_ request: DrainHostRequest, caller: Caller) async throws(RPCStatus) -> PlanReply
    {
        try await plan(.drain(request.host, force: request.force, dryRun: request.dryRun))
    }

    func restoreHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply
    {
        try await change(.restore(request.host))
    }

    func confirmHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply
    {
        try await change(.confirm(request.host))
    }

    func sleepHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        try await change(.sleep(request.host))
    }

    func wakeHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        try await change(.wake(request.host))
    }

    func createToken(
        _ request: CreateTokenRequest, caller: Caller
    ) async throws(RPCStatus) -> CreateTokenReply {
        let made = try admission.makeToken(lifetime: request.lifetime)
        try await shell.keep([made.change])
        return CreateTokenReply(token: made.token.text, expiresAt: made.expiresAt)
    }

    // MARK: - Policy and events

    func showPolicy(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> Policy {
        try await shell.read { $0.state.policy.value }
    }

    func setPolicy(_ request: Policy, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        try await change(.setPolicy(request))
    }

    func pauseLoop(_ request: PauseRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        try await change(.pause(request.paused))
    }

    func showLoop(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> LoopReply {
        try await shell.read { engine in
            LoopReply(paused: engine.state.isPaused, hindrance: engine.hindrance ?? "")
        }
    }

    func events(
        _ request: EventsRequest, caller: Caller, replies: MessageSink<Occurrence>
    ) async throws(RPCStatus) {
        // Watch first, so that nothing falls between the past and the present.
        guard let (watcher, notes) = await shell.occurrences.watch() else {
            throw Self.tooManyWatchers
        }
        do throws(RPCStatus) {
            for occurrence in try await history.last(request.last) {
                try await replies.send(occurrence)
            }
            if request.follow {
                for await occurrence in notes { try await replies.send(occurrence) }
                if !Task.isCancelled { throw RPCStatus(.aborted, "too slow to follow; ask again") }
            }
        } catch {
            await shell.occurrences.unwatch(watcher)
            throw error
        }
        await shell.occurrences.unwatch(watcher)
    }

    // MARK: - Parts

    func change(_ request: ClusterRequest) async throws(RPCStatus) -> ChangeReply {
        guard case .changed(let revision, let notes) = try await shell.ask(request) else {
            throw unexpected
        }
        return ChangeReply(revision: revision, notes: notes)
    }

    func plan(_ request: ClusterRequest) async throws(RPCStatus) -> PlanReply {
        guard case .plan(let record) = try await shell.ask(request) else { throw unexpected }
        return try await shell.read { $0.reply(for: record) }
    }

    static let tooManyWatchers = RPCStatus(.resourceExhausted, "too many users are watching")

    private var unexpected: RPCStatus {
        RPCStatus(.internal, "the engine answered another question")
    }
}
