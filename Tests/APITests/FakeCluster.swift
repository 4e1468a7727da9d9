import API
import ClusterModel
import RPC
import Wire

/// Answers with what it was asked, where there is an answer to that.
struct FakeCluster: ClusterService {
    func version(
        _ request: VersionRequest, caller: Caller
    ) async throws(RPCStatus) -> VersionReply {
        VersionReply(protocol: request.protocol, version: "1.2.3")
    }

    func apply(_ request: ApplyRequest, caller: Caller) async throws(RPCStatus) -> ApplyReply {
        ApplyReply(
            changes: request.workloads.map { WorkloadChange(workload: $0.name, kind: .created) },
            revision: Revision(7))
    }

    func deleteWorkload(
        _ request: DeleteWorkloadRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func listWorkloads(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListWorkloadsReply {
        ListWorkloadsReply(workloads: [])
    }

    func listInstances(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListInstancesReply {
        ListInstancesReply(instances: [])
    }

    func listHosts(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListHostsReply {
        ListHostsReply(hosts: [])
    }

    func removeHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func fenceHost(_ request: HostRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func confirmHost(
        _ request: HostRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func sleepHost(
        _ request: HostRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func wakeHost(
        _ request: HostRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func drainHost(
        _ request: DrainHostRequest, caller: Caller
    ) async throws(RPCStatus) -> PlanReply {
        throw RPCStatus(.notFound, "no drainHost")
    }

    func restoreHost(
        _ request: HostRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func makePlan(_ request: MakePlanRequest, caller: Caller) async throws(RPCStatus) -> PlanReply {
        throw RPCStatus(.notFound, "no makePlan")
    }

    func getPlan(_ request: PlanRequest, caller: Caller) async throws(RPCStatus) -> PlanReply {
        throw RPCStatus(.notFound, "no getPlan")
    }

    func runPlan(
        _ request: PlanRequest, caller: Caller, replies: MessageSink<PlanProgress>
    ) async throws(RPCStatus) {
        for step in 0..<3 {
            try await replies.send(PlanProgress(state: .running, step: Step.StepID(step)))
        }
        throw RPCStatus(.failedPrecondition, "\(request.id) is stale")
    }

    func listMoves(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListMovesReply {
        ListMovesReply(moves: [])
    }

    func cancelMove(
        _ request: CancelMoveRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func explain(
        _ request: ExplainRequest, caller: Caller
    ) async throws(RPCStatus) -> ExplainReply {
        throw RPCStatus(.notFound, "no explain")
    }

    func events(
        _ request: EventsRequest, caller: Caller, replies: MessageSink<Occurrence>
    ) async throws(RPCStatus) {
        for number in 0..<request.last {
            let at = Instant(milliseconds: Int64(number))
            try await replies.send(Occurrence(at: at, subject: .cluster, message: "\(number)"))
        }
    }

    func record(
        _ request: RecordRequest, caller: Caller, replies: MessageSink<RecordPiece>
    ) async throws(RPCStatus) {
        try await replies.send(RecordPiece(bytes: [1, 2], isLast: true))
    }

    func showPolicy(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> Policy {
        .standard
    }

    func setPolicy(_ request: Policy, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: .zero, notes: ["\(request.mode)"])
    }

    func createToken(
        _ request: CreateTokenRequest, caller: Caller
    ) async throws(RPCStatus) -> CreateTokenReply {
        CreateTokenReply(token: "\(request.lifetime)", expiresAt: Instant(milliseconds: 1))
    }

    func listImages(
        _ request: ListRequest, caller: Caller
    ) async throws(RPCStatus) -> ListImagesReply {
        ListImagesReply(images: [])
    }

    func addImage(
        _ requests: MessageStream<AddImageRequest>, caller: Caller
    ) async throws(RPCStatus) -> Image {
        var count = 0
        while let request = try await requests.next() {
            if case .bytes(let bytes) = request { count += bytes.count }
        }
        do {
            let digest = String(repeating: "0", count: 64)
            return try Image(
                id: ID("debian"), format: .qcow2,
                files: [Image.File(digest: digest, size: Bytes(UInt64(count)))])
        } catch {
            throw RPCStatus(.internal, error.problem)
        }
    }

    func removeImage(
        _ request: RemoveImageRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func logs(
        _ request: LogsRequest, caller: Caller, replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus) {
        try await replies.send(OutputChunk(bytes: Array(request.instance.rawValue.utf8)))
    }

    func exec(
        _ requests: MessageStream<TerminalRequest>, caller: Caller,
        replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus) {
        while let request = try await requests.next() {
            if case .bytes(let bytes) = request {
                try await replies.send(.output(OutputChunk(bytes: bytes)))
            }
        }
        try await replies.send(.end(AttachEnd(exitCode: 3)))
    }

    func console(
        _ requests: MessageStream<TerminalRequest>, caller: Caller,
        replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus) {
        while let request = try await requests.next() {
            if case .bytes(let bytes) = request {
                try await replies.send(.output(OutputChunk(bytes: bytes)))
            }
        }
        try await replies.send(.end(AttachEnd(exitCode: 3)))
    }

    func pauseLoop(_ request: PauseRequest, caller: Caller) async throws(RPCStatus) -> ChangeReply {
        ChangeReply(revision: Revision(8), notes: ["\(request)"])
    }

    func showLoop(_ request: ListRequest, caller: Caller) async throws(RPCStatus) -> LoopReply {
        LoopReply(paused: true, hindrance: "paused")
    }
}
