import API
import ClusterModel
import ControlCore
import RPC
import Wire

extension ClusterHandler {
    func makePlan(_ request: MakePlanRequest, caller: Caller) async throws(RPCStatus) -> PlanReply {
        let task = request.reason.task(
            toHost: request.toHost, mode: request.mode, force: request.force)
        guard let task else {
            throw RPCStatus(
                .invalidArgument, "reason: this kind of plan is made by the cluster itself")
        }
        return try await plan(.plan(task))
    }

    func getPlan(_ request: PlanRequest, caller: Caller) async throws(RPCStatus) -> PlanReply {
        let reply = try await shell.read { engine in
            engine.state.plans[request.id].map { engine.reply(for: $0) }
        }
        guard let reply else { throw RPCStatus(.notFound, "there is no plan \(request.id)") }
        return reply
    }

    func runPlan(
        _ request: PlanRequest, caller: Caller, replies: MessageSink<PlanProgress>
    ) async throws(RPCStatus) {
        guard let (watcher, notes) = await shell.progress.watch() else {
            throw Self.tooManyWatchers
        }
        do throws(RPCStatus) {
            try await follow(request.id, notes, replies)
        } catch {
            await shell.progress.unwatch(watcher)
            throw error
        }
        await shell.progress.unwatch(watcher)
    }

    private func follow(
        _ id: PlanID, _ notes: AsyncStream<PlanProgressNote>, _ replies: MessageSink<PlanProgress>
    ) async throws(RPCStatus) {
        // A plan that runs or ran is only watched: the caller's connection may have broken before.
        let known = try await shell.read { $0.state.plans[id]?.state }
        if known == nil || known == .stored { _ = try await shell.ask(.run(id)) }
        let began = try await shell.read { $0.planProgress(id) }
        for note in began { try await replies.send(note.wire) }
        if began.last?.state != .running { return }
        for await note in notes where note.plan == id {
            try await replies.send(note.wire)
            if note.state != .running { return }
        }
        if !Task.isCancelled { throw RPCStatus(.aborted, "too slow to follow; ask again") }
    }

    func listMoves(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> ListMovesReply
    {
        try await shell.read { engine in
            ListMovesReply(
                moves: engine.state.moves.values.map {
                    $0.summary(progress: engine.observations.moves[$0.move.id])
                }.sorted {
                    ($0.beganAt, $0.move.id) < ($1.beganAt, $1.move.id)
                })
        }
    }

    func cancelMove(_ request: CancelMoveRequest, caller: Caller) async throws(RPCStatus)
        -> ChangeReply
    {
        try await change(.cancel(request.id))
    }
}
