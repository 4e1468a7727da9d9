package import ClusterModel
package import RPC
package import Wire

/// What the coordinator serves for users.
package protocol ClusterService: Sendable {
    /// The protocol and version that the coordinator speaks.
    func version(_ request: VersionRequest, caller: Caller) async throws(RPCStatus) -> VersionReply

    /// Makes workloads be as they are given.
    func apply(_ request: ApplyRequest, caller: Caller) async throws(RPCStatus) -> ApplyReply

    /// Removes a workload and its instances.
    func deleteWorkload(
        _ request: DeleteWorkloadRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply

    /// Every workload.
    func listWorkloads(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListWorkloadsReply

    /// Every instance.
    func listInstances(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListInstancesReply

    /// Every host.
    func listHosts(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> ListHostsReply

    /// Forgets a host and refuses its certificate from now on.
    func removeHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply

    /// Declares a host dead, so that its instances may start elsewhere.
    func fenceHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply

    /// Empties a host.
    func drainHost(_ request: DrainHostRequest, caller: Caller) async throws(RPCStatus) -> PlanReply

    /// Ends a drain; moves nothing.
    func restoreHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply

    /// Makes and stores a plan.
    func makePlan(_ request: MakePlanRequest, caller: Caller) async throws(RPCStatus) -> PlanReply

    /// A stored plan.
    func getPlan(_ request: PlanRequest, caller: Caller) async throws(RPCStatus) -> PlanReply

    /// Runs a stored plan and tells each step's fate; cancelling the call cancels no plan.
    func runPlan(
        _ request: PlanRequest, caller: Caller, replies: MessageSink<PlanProgress>
    ) async throws(RPCStatus)

    /// The moves of late, those under way included.
    func listMoves(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> ListMovesReply

    /// Undoes a move that has not switched over.
    func cancelMove(
        _ request: CancelMoveRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply

    /// Why an instance is where it is.
    func explain(_ request: ExplainRequest, caller: Caller) async throws(RPCStatus) -> ExplainReply

    /// What happened, and on request what happens from now on.
    func events(
        _ request: EventsRequest, caller: Caller, replies: MessageSink<Occurrence>
    ) async throws(RPCStatus)

    /// What the operator allows.
    func showPolicy(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> Policy

    /// Changes what the operator allows.
    func setPolicy(_ request: Policy, caller: Caller) async throws(RPCStatus) -> ChangeReply

    /// A token that one host may join with.
    func createToken(
        _ request: CreateTokenRequest, caller: Caller
    ) async throws(RPCStatus) -> CreateTokenReply

    /// The images that the coordinator holds.
    func listImages(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListImagesReply

    /// Takes an image: a header, then the bytes of its files.
    func addImage(
        _ requests: MessageStream<AddImageRequest>, caller: Caller
    ) async throws(RPCStatus) -> Image

    /// Forgets an image.
    func removeImage(
        _ request: RemoveImageRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply

    /// What an instance wrote, and on request what it writes from now on.
    func logs(
        _ request: LogsRequest, caller: Caller, replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus)

    /// Runs a command in an instance.
    func exec(
        _ requests: MessageStream<TerminalRequest>, caller: Caller,
        replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus)

    /// The console of an instance.
    func console(
        _ requests: MessageStream<TerminalRequest>, caller: Caller,
        replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus)

    /// Keeps automatic moves from starting, or ends that; what is under way goes on to its end.
    func pauseLoop(_ request: PauseRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply

    /// Whether anything starts by itself.
    func showLoop(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> LoopReply

    /// Every plan that is made from now on, with all that it is made from.
    func record(
        _ request: RecordRequest, caller: Caller, replies: MessageSink<RecordPiece>
    ) async throws(RPCStatus)

    /// Lets a host in that lowers the cluster's CPU baseline.
    func confirmHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply

    /// Switches an empty host off.
    func sleepHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply
    func wakeHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply
}

extension ClusterService {
    /// How calls reach the requirements.
    var routes: [Route] {
        [
            .unary(Method.Cluster.version, version),
            .unary(Method.Cluster.apply, apply),
            .unary(Method.Cluster.deleteWorkload, deleteWorkload),
            .unary(Method.Cluster.listWorkloads, listWorkloads),
            .unary(Method.Cluster.listInstances, listInstances),
            .unary(Method.Cluster.listHosts, listHosts),
            .unary(Method.Cluster.removeHost, removeHost),
            .unary(Method.Cluster.fenceHost, fenceHost),
            .unary(Method.Cluster.drainHost, drainHost),
            .unary(Method.Cluster.restoreHost, restoreHost),
            .unary(Method.Cluster.makePlan, makePlan),
            .unary(Method.Cluster.getPlan, getPlan),
            .serverStream(Method.Cluster.runPlan, runPlan),
            .unary(Method.Cluster.listMoves, listMoves),
            .unary(Method.Cluster.cancelMove, cancelMove),
            .unary(Method.Cluster.explain, explain),
            .serverStream(Method.Cluster.events, events),
            .unary(Method.Cluster.showPolicy, showPolicy),
            .unary(Method.Cluster.setPolicy, setPolicy),
            .unary(Method.Cluster.createToken, createToken),
            .unary(Method.Cluster.listImages, listImages),
            .clientStream(Method.Cluster.addImage, addImage),
            .unary(Method.Cluster.removeImage, removeImage),
            .serverStream(Method.Cluster.logs, logs),
            .bidirectional(Method.Cluster.exec, exec),
            .bidirectional(Method.Cluster.console, console),
            .unary(Method.Cluster.pauseLoop, pauseLoop),
            .unary(Method.Cluster.showLoop, showLoop),
            .serverStream(Method.Cluster.record, record),
            .unary(Method.Cluster.confirmHost, confirmHost),
            .unary(Method.Cluster.sleepHost, sleepHost),
            .unary(Method.Cluster.wakeHost, wakeHost),
        ]
    }
}
