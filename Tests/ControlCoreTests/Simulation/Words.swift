import ClusterModel
import ControlCore

/// What happens, in a few words, for the log of a run that failed.
enum Words {
    static func of(_ event: ClusterEvent) -> String {
        switch event {
        case .request(let id, _): "request \(id.number)"
        case .connected(let host, let session, _): "connected \(host) #\(session.number)"
        case .disconnected(let host, let session): "disconnected \(host) #\(session.number)"
        case .said(let host, _, .statuses(let statuses)):
            "\(host) says " + statuses.map(of).joined(separator: ", ")
        case .said(let host, _, .move(let move, let phase, let undo, let failure, _, _, _)):
            "\(host) answers \(move) \(undo ? "undo " : "")\(phase.rawValue) \(failure ?? "ok")"
        case .said(let host, _, .moveProgress(let move, _)): "\(host) is under way with \(move)"
        case .said(let host, _, .report), .said(let host, _, .capacity): "\(host) reports"
        case .planned(let id, .plan(let plan)):
            "planned \(id): \(plan.steps.map { "\($0.action)" })"
        case .planned(let id, .refused(let why)): "planned \(id): \(why)"
        case .audited(let id, let findings): "audited \(id) \(findings)"
        case .powered(let host, let order, let failure):
            "\(order.rawValue) of \(host): \(failure ?? "ok")"
        case .tick: "tick"
        }
    }

    static func of(_ news: NetworkNews) -> String {
        let instances = news.map.instances.sorted { $0.key < $1.key }.map {
            "\($0) \($1.address) at \($1.host?.rawValue ?? "both")"
        }
        let hosts = news.map.hosts.keys.sorted().map { "host \($0)" }
        let gone =
            news.goneInstances.map { "\($0) gone" } + news.goneHosts.map { "host \($0) gone" }
        return (instances + hosts + gone).joined(separator: ", ")
    }

    static func of(_ status: AgentNews.InstanceStatus) -> String {
        "\(status.id)@\(status.generation.number) \(status.observed.word)"
    }

    static func of(_ change: Change) -> String {
        switch change {
        case .putInstance(let instance):
            "put \(instance.id)@\(instance.generation.number) \(instance.desired.rawValue) on \(instance.host?.rawValue ?? "-")"
        case .putMove(let record):
            "move \(record.move.id) of \(record.move.instance) \(record.phase.rawValue) \(record.outcome.map { "\($0)" } ?? "")\(record.isUnderWay ? "" : " ended")"
        case .occurred(let occurrence): "'\(occurrence.subject) \(occurrence.message)'"
        case .putWorkload(let workload):
            "put \(workload.name) x\(workload.count) \(workload.program.command) \(workload.onHostLoss)"
        case .putPlan(let record):
            "plan \(record.plan.id) \(record.state.rawValue) \(record.reason)"
                + (record.release.map(of) ?? "")
        case .putHost(let record):
            "put host \(record.id) \(record.standing.rawValue)"
                + (record.processor.map {
                    " \($0.architecture): \($0.features.joined(separator: " "))"
                } ?? "")
        case .putPolicy: "put policy"
        case .putImage(let image): "put image \(image.id)"
        case .removeHost(let id): "remove host \(id)"
        case .removeWorkload(let id): "remove workload \(id)"
        case .removeInstance(let id): "remove \(id)"
        case .markOutdated(let id): "\(id) is outdated"
        case .clearOutdated(let id): "\(id) is up to date"
        case .markVolumes(let id): "\(id) goes with its volumes"
        case .clearVolumes(let id): "volumes of \(id) are settled"
        case .putWish(let id, let host): "\(id) is wished on \(host)"
        case .clearWish(let id): "wish for \(id) is settled"
        case .removeImage(let id): "remove image \(id)"
        case .removePlan(let id): "remove plan \(id)"
        case .removeMove(let id): "remove move \(id)"
        case .pause: "paused"
        case .resume: "not paused"
        case .putPairing(let pairing):
            "\(pairing.instance) not to \(pairing.host) until \(pairing.until.milliseconds / 1000 - 1_000) s: \(pairing.reason)"
        case .removePairing(let instance, let host): "\(instance) may go to \(host) again"
        case .putLink(let entry): of(entry)
        case .removeLink(let way): "forget \(way.source) to \(way.target) \(way.mode.rawValue)"
        case .putMoveReports(let workload, let reports): of(reports, of: workload)
        case .removeMoveReports(let workload): "forget moves of \(workload)"
        case .putRefusal(let refusal):
            "refused \(refusal.verdict.work.rawValue) of \(refusal.program.image) by \(refusal.software.words) until \(refusal.until.milliseconds / 1000 - 1_000) s"
        case .removeRefusal: "forget a refusal"
        }
    }

    static func of(_ entry: MoveLinks.Entry) -> String {
        let (way, link) = (entry.way, entry.link)
        let rate = link.bandwidth.count >> 20
        let setup = link.setup.milliseconds
        let halt = link.halt.milliseconds
        return "\(way.source) to \(way.target) \(way.mode.rawValue): "
            + "\(rate) MiB/s, setup \(setup) ms, halt \(halt) ms"
    }

    static func of(_ reports: [MoveReport], of workload: WorkloadID) -> String {
        let moves = reports.map(\.move.rawValue).joined(separator: " ")
        return "moves of \(workload): \(moves)"
    }

    static func of(_ release: Release) -> String {
        " [\(release.host?.rawValue ?? "rest") \(release.stage.rawValue)\(release.undo.map { " by \($0)" } ?? "")]"
    }

    static func of(_ request: ClusterRequest) -> String {
        switch request {
        case .apply(let workloads, let host, let dryRun):
            "apply "
                + workloads.map { "\($0.name) x\($0.count) \($0.program.command) \($0.onHostLoss)" }
                .joined(separator: ", ")
                + (host.map { " on \($0)" } ?? "") + (dryRun ? " dry" : "")
        case .admit, .delete, .drain, .restore, .fence, .confirm, .remove, .plan, .run, .cancel,
            .setPolicy,
            .addImage,
            .removeImage, .pause, .sleep, .wake:
            "\(request)"
        }
    }

    static func of(_ answer: Answer) -> String {
        switch answer {
        case .applied(let notes, let pending, _):
            "applied " + notes.map(of).joined(separator: "; ")
                + (pending.isEmpty
                    ? "" : ", pending: \(pending.map(\.instance.rawValue).joined(separator: " "))")
        case .changed(_, let notes):
            notes.isEmpty ? "changed" : "changed: \(notes.joined(separator: ", "))"
        case .plan(let record): "plan \(record.plan.id) \(record.state.rawValue)"
        case .refused(let refusal): "refused \(refusal.code.rawValue): \(refusal.message)"
        }
    }

    static func of(_ note: WorkloadChangeNote) -> String {
        func list(_ word: String, _ ids: [InstanceID]) -> String {
            ids.isEmpty ? "" : " \(word) \(ids.map(\.rawValue).joined(separator: " "))"
        }
        return "\(note.workload) \(note.kind.rawValue)" + list("starts", note.starts)
            + list("replaces", note.replaces) + list("removes", note.removes)
    }

    static func of(_ effect: MoveEngine.Effect) -> String {
        switch effect {
        case .order(let host, let phase, let undo):
            "order \(host) \(undo ? "undo " : "")\(phase.rawValue)"
        case .arrived: "arrived"
        case .trouble(let words): "trouble: \(words)"
        case .leftover(let host): "leftover on \(host)"
        case .ended(.done): "ended: done"
        case .ended(.rolledBack(let reason)): "ended, rolled back: \(reason)"
        case .ended(.failed(let reason)): "ended, failed: \(reason)"
        }
    }

    /// `nil` for what scripts do not look at.
    static func of(_ effect: ClusterEffect) -> String? {
        switch effect {
        case .answer(let id, let answer): "answer \(id.number): \(of(answer))"
        case .instruct(_, .acknowledge), .progress: nil
        case .instruct(let host, .network(let news)):
            news.complete ? nil : "\(host) <- network: \(of(news))"
        case .instruct(let host, .welcome): "\(host) <- welcome"
        case .instruct(let host, .assign(let assigned, let complete, let moving)):
            "\(host) <- \(complete ? "all: " : "")" + assigned.map(of).joined(separator: ", ")
                + of(moving: moving)
        case .instruct(let host, .move(let order)):
            "\(host) <- \(order.move.id) \(order.undo ? "undo " : "")\(order.phase.rawValue) \(of(order.assigned))\(over(order.streams))\(order.takesPostcopy ? " by post-copy" : "")\(of(order.source))"
                + (order.bandwidth.map { " at \($0.count >> 20) MiB/s" } ?? "")
        case .disconnect(let host, let reason): "\(host) is disconnected: \(reason)"
        case .plan(let job): "plan \(job.id)"
        case .audit(let plan, _): "audit \(plan.id), \(plan.steps.count) step(s)"
        case .power(let host, let order): "\(order.rawValue) \(host)"
        }
    }

    private static func of(moving: [InstanceID]) -> String {
        moving.isEmpty ? "" : " (moving: \(moving.map(\.rawValue).joined(separator: " ")))"
    }

    static func of(_ event: AgentEvent) -> String {
        switch event {
        case .assigned(let assigned, let complete, let moving):
            "assigned\(complete ? " all:" : "") " + assigned.map(of).joined(separator: ", ")
                + of(moving: moving)
        case .ordered(let order):
            "ordered \(order.move.id) \(order.move.instance)@\(order.assigned.generation.number) \(order.undo ? "undo " : "")\(order.phase.rawValue) as \(order.role)"
        case .seen(let kind, let seen):
            "sees \(kind) "
                + seen.map { "\($0.id)@\($0.incarnation.number) \($0.state)" }.joined(
                    separator: ", ")
        case .finished(let operation, let failure, _, let measure, _):
            "finished \(of(operation)) \(failure ?? "ok")\(measure.isLost ? ", lost" : "")"
        case .greeting: "greets"
        case .welcomed: "welcomed"
        case .reporting: "reports"
        case .acknowledged: "acknowledged"
        case .probed(let id, let failure): "probed \(id) \(failure ?? "ok")"
        case .flushed(let move, let failure): "flushed of \(move) \(failure ?? "ok")"
        case .proved(let id, let move, let failure): "proved \(id) in \(move) \(failure ?? "ok")"
        case .tick: "tick"
        }
    }

    static func of(_ effect: AgentEffect) -> String {
        switch effect {
        case .keep(let holding):
            "keep " + of(holding)
        case .drop(let id): "drop \(id)"
        case .noteHeard(let at): "heard \(at.milliseconds)"
        case .perform(let operation): "performs \(of(operation))"
        case .interrupt(let operation): "interrupts \(of(operation))"
        case .probe(let id, _): "probes \(id)"
        case .prove(let id, _, _): "asks \(id) for proof"
        case .flush(let id, _, _): "flushes \(id)"
        case .report(let statuses): "says " + statuses.map(of).joined(separator: ", ")
        case .answerMove(
            let move, let phase, let undo, let failure, let endpoint, _, let verdict):
            "answers \(move) \(undo ? "undo " : "")\(phase.rawValue) \(failure ?? "ok")"
                + (endpoint.map { " at \($0.address):\($0.memoryPort)" } ?? "")
                + (verdict.map { ", CRIU: \($0.reason)" } ?? "")
        }
    }

    static func of(_ holding: Holding) -> String {
        "\(of(holding.assigned)) inc \(holding.incarnation.number) \(holding.standing.rawValue)"
            + (holding.move.map { " in \($0)" } ?? "")
            + (holding.isInterrupted ? ", interrupted" : "")
    }

    static func of(_ assigned: Assigned) -> String {
        "\(assigned.instance)@\(assigned.generation.number) \(assigned.desired.rawValue) \(assigned.workload.program.command.joined())\(assigned.removeVolumes ? " and volumes" : "")"
    }

    static func of(_ operation: AgentOperation) -> String {
        let id = operation.instance
        return switch operation.verb {
        case .start(let assigned, let incarnation):
            "start \(id) inc \(incarnation.number) \(assigned.workload.program.command.joined())"
        case .startApart(let assigned, let incarnation):
            "start \(id) apart inc \(incarnation.number) \(assigned.workload.program.command.joined())"
        case .hold: "hold \(id)"
        case .connect: "connect \(id)"
        case .stop: "stop \(id)"
        case .remove(_, let volumes):
            "remove \(id)\(volumes.isEmpty ? "" : " with \(volumes.joined(separator: ","))")"
        case .preflight: "preflight \(id)"
        case .prepare(_, let ahead):
            "prepare \(id)\(ahead.map { " from \($0.address)" } ?? "")"
        case .prepareLive(_, let ahead):
            "prepare \(id) live\(ahead.map { " from \($0.address)" } ?? "")"
        case .fetch(_, let from, _): "fetch \(id) from \(from)"
        case .confirm: "confirm \(id)"
        case .checkpoint: "checkpoint \(id)"
        case .receive(_, let incarnation, _, let streams, let takesPostcopy):
            "receive \(id) inc \(incarnation.number)\(over(streams))\(takesPostcopy ? " by post-copy" : "")"
        case .stream(_, let endpoint, _, _):
            "stream \(id) to \(endpoint.address):\(endpoint.memoryPort)"
        case .handOver: "hand over \(id)"
        case .arrive(_, let source): "arrive \(id)\(of(source))"
        case .dismiss: "dismiss \(id)"
        case .resume(_, let incarnation): "resume \(id) inc \(incarnation.number)"
        }
    }

    /// More than one stream is worth a word.
    private static func over(_ streams: Int) -> String {
        streams > 1 ? " over \(streams) streams" : ""
    }

    private static func of(_ source: MoveSource) -> String {
        (source.hasLetGo ? " for certain" : "") + (source.isGone ? " without its source" : "")
    }
}
