package import ClusterModel
package import RPC
package import Transport
package import Wire

/// The service `Cluster` as a user's program calls it.
///
/// A timeout ends a call with DEADLINE_EXCEEDED; without one it may take for ever.
package struct ClusterClient: Sendable {
    private let client: Client

    /// The service as the server at the other end of `client` has it.
    package init(client: Client) { self.client = client }

    /// The protocol and version that the coordinator speaks.
    package func version(
        _ request: VersionRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> VersionReply {
        try await client.unary(Method.Cluster.version, request, timeout)
    }

    /// Makes workloads be as they are given.
    package func apply(
        _ request: ApplyRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ApplyReply {
        try await client.unary(Method.Cluster.apply, request, timeout)
    }

    /// Removes a workload and its instances.
    package func deleteWorkload(
        _ request: DeleteWorkloadRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.deleteWorkload, request, timeout)
    }

    /// Every workload.
    package func listWorkloads(
        _ request: ListRequest = ListRequest(), timeout: Duration? = nil
    ) async throws(RPCStatus) -> ListWorkloadsReply {
        try await client.unary(Method.Cluster.listWorkloads, request, timeout)
    }

    /// Every instance.
    package func listInstances(
        _ request: ListRequest = ListRequest(), timeout: Duration? = nil
    ) async throws(RPCStatus) -> ListInstancesReply {
        try await client.unary(Method.Cluster.listInstances, request, timeout)
    }

    /// Every host.
    package func listHosts(
        _ request: ListRequest = ListRequest(), timeout: Duration? = nil
    ) async throws(RPCStatus) -> ListHostsReply {
        try await client.unary(Method.Cluster.listHosts, request, timeout)
    }

    /// Forgets a host and refuses its certificate from now on.
    package func removeHost(
        _ request: HostRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.removeHost, request, timeout)
    }

    /// Declares a host dead, so that its instances may start elsewhere.
    package func fenceHost(
        _ request: HostRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.fenceHost, request, timeout)
    }

    /// Empties a host.
    package func drainHost(
        _ request: DrainHostRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> PlanReply {
        try await client.unary(Method.Cluster.drainHost, request, timeout)
    }

    /// Ends a drain; moves nothing.
    package func restoreHost(
        _ request: HostRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.restoreHost, request, timeout)
    }

    /// Lets a host in that lowers the cluster's CPU baseline.
    package func confirmHost(
        _ request: HostRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.confirmHost, request, timeout)
    }

    /// Switches an empty host off.
    package func sleepHost(
        _ request: HostRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.sleepHost, request, timeout)
    }

    package func wakeHost(
        _ request: HostRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.wakeHost, request, timeout)
    }

    /// Makes and stores a plan.
    package func makePlan(
        _ request: MakePlanRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> PlanReply {
        try await client.unary(Method.Cluster.makePlan, request, timeout)
    }

    /// A stored plan.
    package func getPlan(
        _ request: PlanRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> PlanReply {
        try await client.unary(Method.Cluster.getPlan, request, timeout)
    }

    /// Runs a stored plan and tells each step's fate; cancelling the call cancels no plan.
    package func runPlan(
        _ request: PlanRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<PlanProgress> {
        try await client.serverStream(Method.Cluster.runPlan, request, timeout)
    }

    /// The moves of late, those under way included.
    package func listMoves(
        _ request: ListRequest = ListRequest(), timeout: Duration? = nil
    ) async throws(RPCStatus) -> ListMovesReply {
        try await client.unary(Method.Cluster.listMoves, request, timeout)
    }

    /// Undoes a move that has not switched over.
    package func cancelMove(
        _ request: CancelMoveRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.cancelMove, request, timeout)
    }

    /// Why an instance is where it is.
    package func explain(
        _ request: ExplainRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ExplainReply {
        try await client.unary(Method.Cluster.explain, request, timeout)
    }

    /// What happened, and on request what happens from now on.
    package func events(
        _ request: EventsRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<Occurrence> {
        try await client.serverStream(Method.Cluster.events, request, timeout)
    }

    /// What the operator allows.
    package func showPolicy(
        _ request: ListRequest = ListRequest(), timeout: Duration? = nil
    ) async throws(RPCStatus) -> Policy {
        try await client.unary(Method.Cluster.showPolicy, request, timeout)
    }

    /// Changes what the operator allows.
    package func setPolicy(
        _ request: Policy, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.setPolicy, request, timeout)
    }

    /// A token that one host may join with.
    package func createToken(
        _ request: CreateTokenRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> CreateTokenReply {
        try await client.unary(Method.Cluster.createToken, request, timeout)
    }

    /// The images that the coordinator holds.
    package func listImages(
        _ request: ListRequest = ListRequest(), timeout: Duration? = nil
    ) async throws(RPCStatus) -> ListImagesReply {
        try await client.unary(Method.Cluster.listImages, request, timeout)
    }

    /// Takes an image: a header, then the bytes of its files.
    ///
    /// What `send` throws cancels the call.
    package func addImage(
        timeout: Duration? = nil,
        _ send: (MessageSink<AddImageRequest>) async throws(RPCStatus) -> Void
    ) async throws(RPCStatus) -> Image {
        try await client.clientStream(Method.Cluster.addImage, timeout, send)
    }

    /// Forgets an image.
    package func removeImage(
        _ request: RemoveImageRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.removeImage, request, timeout)
    }

    /// What an instance wrote, and on request what it writes from now on.
    package func logs(
        _ request: LogsRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<OutputChunk> {
        try await client.serverStream(Method.Cluster.logs, request, timeout)
    }

    /// Runs a command in an instance.
    package func exec(
        timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageCall<TerminalRequest, AttachOutput> {
        try await client.bidirectional(Method.Cluster.exec, timeout)
    }

    /// The console of an instance.
    package func console(
        timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageCall<TerminalRequest, AttachOutput> {
        try await client.bidirectional(Method.Cluster.console, timeout)
    }

    /// Keeps automatic moves from starting, or ends that; what is under way goes on to its end.
    package func pauseLoop(
        _ request: PauseRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> ChangeReply {
        try await client.unary(Method.Cluster.pauseLoop, request, timeout)
    }

    /// Whether anything starts by itself.
    package func showLoop(
        _ request: ListRequest = ListRequest(), timeout: Duration? = nil
    ) async throws(RPCStatus) -> LoopReply {
        try await client.unary(Method.Cluster.showLoop, request, timeout)
    }

    /// Every plan that is made from now on, with all that it is made from.
    package func record(
        _ request: RecordRequest, timeout: Duration? = nil
    ) async throws(RPCStatus) -> MessageStream<RecordPiece> {
        try await client.serverStream(Method.Cluster.record, request, timeout)
    }
}
