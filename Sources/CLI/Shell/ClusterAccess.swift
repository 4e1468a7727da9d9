package import ClusterModel
package import RPC
package import Wire

/// What commands ask of a cluster: one closure for each method, so that a test answers for the
/// coordinator.
///
/// Closures and not a protocol: a stand-in gives only what its test asks for, and nothing has to be
/// generic.
package struct ClusterAccess: Sendable {
    /// How every call that does not go well ends.
    package typealias Failure = RPCStatus

    package typealias Call<Request, Reply> =
        @Sendable (Request) async throws(RPCStatus) -> Reply

    package var version: Call<VersionRequest, VersionReply>
    package var apply: Call<ApplyRequest, ApplyReply>
    package var deleteWorkload: Call<DeleteWorkloadRequest, ChangeReply>
    package var listWorkloads: Call<ListRequest, ListWorkloadsReply>
    package var listInstances: Call<ListRequest, ListInstancesReply>
    package var listHosts: Call<ListRequest, ListHostsReply>
    package var removeHost: Call<HostRequest, ChangeReply>
    package var fenceHost: Call<HostRequest, ChangeReply>
    package var drainHost: Call<DrainHostRequest, PlanReply>
    package var restoreHost: Call<HostRequest, ChangeReply>
    package var makePlan: Call<MakePlanRequest, PlanReply>
    package var getPlan: Call<PlanRequest, PlanReply>
    package var runPlan: Call<PlanRequest, Incoming<PlanProgress>>
    package var listMoves: Call<ListRequest, ListMovesReply>
    package var cancelMove: Call<CancelMoveRequest, ChangeReply>
    package var explain: Call<ExplainRequest, ExplainReply>
    package var events: Call<EventsRequest, Incoming<Occurrence>>
    package var showPolicy: Call<ListRequest, Policy>
    package var setPolicy: Call<Policy, ChangeReply>
    package var createToken: Call<CreateTokenRequest, CreateTokenReply>
    package var listImages: Call<ListRequest, ListImagesReply>
    /// Sends every message that the source gives, the header first.
    package var addImage: Call<Outgoing<AddImageRequest>, Image>
    package var removeImage: Call<RemoveImageRequest, ChangeReply>
    package var logs: Call<LogsRequest, Incoming<OutputChunk>>
    package var exec: Call<TerminalStart, TerminalSession>
    package var console: Call<TerminalStart, TerminalSession>
    package var pauseLoop: Call<PauseRequest, ChangeReply>
    package var showLoop: Call<ListRequest, LoopReply>
    package var record: Call<RecordRequest, Incoming<RecordPiece>>
    package var confirmHost: Call<HostRequest, ChangeReply>
    package var sleepHost: Call<HostRequest, ChangeReply>
    package var wakeHost: Call<HostRequest, ChangeReply>
    /// Ends the connection.
    package var close: @Sendable () async -> Void
}

/// Messages that arrive one after the other.
package struct Incoming<Message: Sendable>: Sendable {
    /// The next message; `nil` when the call has ended well.
    package let next: @Sendable () async throws(RPCStatus) -> Message?

    package init(next: @escaping @Sendable () async throws(RPCStatus) -> Message?) {
        self.next = next
    }
}

/// Messages that are sent one after the other, each made when there is room for it.
package struct Outgoing<Message: Sendable>: Sendable {
    /// The next message; `nil` after the last.
    package let next: @Sendable () async throws(RPCStatus) -> Message?

    package init(next: @escaping @Sendable () async throws(RPCStatus) -> Message?) {
        self.next = next
    }
}

/// A call in which both sides speak: the terminal of a command or of a VM.
package struct TerminalSession: Sendable {
    package let send: @Sendable (TerminalRequest) async throws(RPCStatus) -> Void
    package let next: @Sendable () async throws(RPCStatus) -> AttachOutput?

    package init(
        send: @escaping @Sendable (TerminalRequest) async throws(RPCStatus) -> Void,
        next: @escaping @Sendable () async throws(RPCStatus) -> AttachOutput?
    ) {
        self.send = send
        self.next = next
    }
}

extension ClusterAccess {
    /// Joined to nothing: every call ends as if the coordinator could not be reached.
    package static var disconnected: ClusterAccess {
        func nothing<Request, Reply>() -> Call<Request, Reply> {
            { _ throws(RPCStatus) in throw RPCStatus(.unavailable, "not connected") }
        }
        return ClusterAccess(
            version: nothing(), apply: nothing(), deleteWorkload: nothing(),
            listWorkloads: nothing(),
            listInstances: nothing(), listHosts: nothing(), removeHost: nothing(),
            fenceHost: nothing(), drainHost: nothing(), restoreHost: nothing(), makePlan: nothing(),
            getPlan: nothing(), runPlan: nothing(), listMoves: nothing(), cancelMove: nothing(),
            explain: nothing(), events: nothing(), showPolicy: nothing(), setPolicy: nothing(),
            createToken: nothing(), listImages: nothing(), addImage: nothing(),
            removeImage: nothing(), logs: nothing(), exec: nothing(), console: nothing(),
            pauseLoop: nothing(), showLoop: nothing(), record: nothing(),
            confirmHost: nothing(), sleepHost: nothing(), wakeHost: nothing(), close: {})
    }
}
