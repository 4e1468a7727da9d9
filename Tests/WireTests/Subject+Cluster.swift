import ClusterModel
import Wire

extension Subject {
    static let clusters = [
        Subject("VersionRequest") { VersionRequest(protocol: $0.count()) },
        Subject("VersionReply") { VersionReply(protocol: $0.count(), version: $0.text()) },
        Subject("ListRequest") { _ in ListRequest() },
        Subject("HostSummary") { $0.hostSummary() },
        Subject("ListHostsReply") { ListHostsReply(hosts: $0.list { $0.hostSummary() }) },
        Subject("HostRequest") { HostRequest(host: $0.id()) },
        Subject("DrainHostRequest") {
            DrainHostRequest(host: $0.id(), force: $0.flag(), dryRun: $0.flag())
        },
        Subject("ExplainRequest") { ExplainRequest(instance: $0.id()) },
        Subject("HostVerdict") { $0.verdict() },
        Subject("HostScore") { $0.score() },
        Subject("Flip") { $0.flip() },
        Subject("FlipChange") { $0.flipChange() },
        Subject("ExplainReply") {
            ExplainReply(
                instance: $0.instanceSummary(), verdicts: $0.list { $0.verdict() },
                lastDecision: $0.maybe { $0.rationale() })
        },
        Subject("EventsRequest") { EventsRequest(follow: $0.flag(), last: $0.count()) },
        Subject("CreateTokenRequest") { CreateTokenRequest(lifetime: $0.duration()) },
        Subject("CreateTokenReply") {
            CreateTokenReply(token: $0.text(), expiresAt: $0.instant())
        },
        Subject("ListImagesReply") { ListImagesReply(images: $0.list { $0.image() }) },
        Subject("AddImageHeader") {
            AddImageHeader(
                id: $0.id(), format: $0.one(), append: $0.text(),
                sizes: $0.list { Bytes($0.number()) })
        },
        Subject("AddImageRequest") { $0.addImageRequest() },
        Subject("RemoveImageRequest") { RemoveImageRequest(id: $0.id()) },
        Subject("LogsRequest") {
            LogsRequest(instance: $0.id(), follow: $0.flag(), tail: $0.maybe { $0.count() })
        },
        Subject("TerminalStart") {
            TerminalStart(instance: $0.id(), command: $0.list { $0.text() }, terminal: $0.flag())
        },
        Subject("TerminalRequest") { $0.terminalRequest() },
        Subject("PauseRequest") { PauseRequest(paused: $0.flag()) },
        Subject("LoopReply") { LoopReply(paused: $0.flag(), hindrance: $0.text()) },
    ]

    static let plans = [
        Subject("MakePlanRequest") {
            MakePlanRequest(
                reason: $0.reason(), toHost: $0.maybe { $0.id() }, mode: $0.maybe { $0.one() },
                force: $0.flag())
        },
        Subject("PlanRequest") { PlanRequest(id: $0.id()) },
        Subject("PlanReply") {
            PlanReply(
                plan: $0.plan(), state: $0.one(), reason: $0.text(), origin: $0.one(),
                release: $0.maybe { $0.release() },
                forecasts: $0.list { $0.plannedForecast() })
        },
        Subject("PlanProgress") { $0.progress() },
        Subject("MoveSummary") { $0.moveSummary() },
        Subject("ListMovesReply") { ListMovesReply(moves: $0.list { $0.moveSummary() }) },
        Subject("CancelMoveRequest") { CancelMoveRequest(id: $0.id()) },
    ]
}
