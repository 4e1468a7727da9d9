import ClusterModel
import Testing
import Wire

/// One message type under test: how to make a value of it, and what to ask of its coding.
struct Subject: Sendable, CustomTestStringConvertible {
    /// The message's name in the proto files.
    let name: String
    /// Bytes of the value of a seed.
    let bytes: @Sendable (_ seed: UInt64) -> [UInt8]
    /// Whether the value of a seed comes back from its bytes.
    let returns: @Sendable (_ seed: UInt64) throws(WireFault) -> Bool
    /// Whether bytes decode to the value of a seed.
    let reads: @Sendable (_ bytes: [UInt8], _ seed: UInt64) throws(WireFault) -> Bool
    /// The bytes of what `bytes` decode to.
    let recoded: @Sendable (_ bytes: [UInt8]) throws(WireFault) -> [UInt8]

    var testDescription: String { name }

    init<Message: WireMessage & Equatable>(
        _ name: String, _ make: @escaping @Sendable (inout Sampler) -> Message
    ) {
        let value = { @Sendable (seed: UInt64) -> Message in
            var sampler = Sampler(seed: seed)
            return make(&sampler)
        }
        self.name = name
        bytes = { value($0).encoded() }
        returns = { seed throws(WireFault) in
            let value = value(seed)
            return try Message(decoding: value.encoded()) == value
        }
        reads = { bytes, seed throws(WireFault) in try Message(decoding: bytes) == value(seed) }
        recoded = { bytes throws(WireFault) in try Message(decoding: bytes).encoded() }
    }

    static let all =
        model + agents + workloads + clusters + plans + recordings + inspection + releases
        + moves + checkpoints

    static let model = [
        Subject("Label") { $0.label() }, Subject("Scalar") { $0.scalar() },
        Subject("Resources") { $0.resources() }, Subject("ImageReference") { $0.reference() },
        Subject("Port") { $0.port() }, Subject("HealthCheck") { $0.check() },
        Subject("Volume") { $0.volume() }, Subject("SharedDisk") { $0.sharedDisk() },
        Subject("Rules") { $0.rules() },
        Subject("Workload") { $0.workload() }, Subject("Observed") { $0.observed() },
        Subject("Instance") { $0.instance() }, Subject("ImageFile") { $0.file() },
        Subject("Image") { $0.image() }, Subject("Capacity") { $0.capacity() },
        Subject("Host") { $0.host() }, Subject("Figure") { $0.figure() },
        Subject("Pressure") { $0.pressure() }, Subject("Use") { $0.use() },
        Subject("WindowEntry") { $0.windowEntry() }, Subject("Window") { $0.window() },
        Subject("DomainBudget") { $0.domainBudget() },
        Subject("Policy") { $0.policy() }, Subject("Misfit") { $0.misfit() },
        Subject("Step") { $0.step() }, Subject("Refusal") { $0.refusal() },
        Subject("Rationale") { $0.rationale() }, Subject("PlanRead") { $0.read() },
        Subject("Plan") { $0.plan() }, Subject("Move") { $0.move() },
        Subject("Outcome") { $0.outcome() }, Subject("Occurrence") { $0.occurrence() },
    ]

    static let checkpoints = [
        Subject("CheckpointVerdict") { $0.checkpointVerdict() },
        Subject("CheckpointRefusal") { $0.checkpointRefusal() },
    ]

    static let releases = [
        Subject("Pairing") { $0.pairing() }, Subject("ReleaseBefore") { $0.releaseBefore() },
        Subject("ReleaseReturn") { $0.releaseReturn() }, Subject("Release") { $0.release() },
    ]

    static let agents = [
        Subject("JoinRequest") {
            JoinRequest(
                protocol: $0.count(), tokenID: $0.text(), secret: $0.bytes(), host: $0.id(),
                certificateRequest: $0.bytes(), labels: $0.labels())
        },
        Subject("JoinReply") { JoinReply(certificate: $0.bytes(), authority: $0.bytes()) },
        Subject("RenewRequest") { RenewRequest(certificateRequest: $0.bytes()) },
        Subject("Hello") { $0.hello() },
        Subject("InstanceStatus") { $0.status() },
        Subject("InstanceUse") {
            InstanceUse(id: $0.id(), use: $0.use(), load: $0.maybe { $0.moveLoad() })
        },
        Subject("Report") { $0.report() },
        Subject("Statuses") { Statuses(instances: $0.list { $0.status() }) },
        Subject("MoveResult") { $0.moveResult() },
        Subject("AgentMessage") { $0.agentMessage() },
        Subject("Welcome") {
            Welcome(protocol: $0.count(), version: $0.text(), lease: $0.duration())
        },
        Subject("Assignment") { $0.assignment() },
        Subject("Assignments") {
            Assignments(
                assignments: $0.list { $0.assignment() }, complete: $0.flag(),
                moving: $0.list { $0.id() })
        },
        Subject("MoveOrder") { $0.moveOrder() },
        Subject("MoveEndpoint") { $0.endpoint() },
        Subject("MoveCredentials") { $0.credentials() },
        Subject("MoveProgress") { $0.advance() },
        Subject("MoveProgressNote") {
            MoveProgressNote(move: $0.id(), progress: $0.moveProgress())
        },
        Subject("NetworkNews") { $0.networkNews() },
        Subject("AttachOrder") { $0.attachOrder() },
        Subject("RevokedCertificate") { $0.revokedCertificate() },
        Subject("Revocations") {
            Revocations(certificates: $0.list { $0.revokedCertificate() })
        },
        Subject("CoordinatorMessage") { $0.coordinatorMessage() },
        Subject("OutputChunk") { OutputChunk(errorStream: $0.flag(), bytes: $0.bytes()) },
        Subject("AttachEnd") { AttachEnd(exitCode: -$0.below(9), failure: $0.text()) },
        Subject("AttachOutput") { $0.attachOutput() },
        Subject("AttachInput") { $0.flag() ? AttachInput.bytes($0.bytes()) : .closed },
        Subject("FetchFileRequest") { FetchFileRequest(digest: $0.text()) },
        Subject("FetchInstanceRequest") {
            FetchInstanceRequest(
                instance: $0.id(), move: $0.id(), acceptsZstd: $0.flag(), part: $0.part())
        },
        Subject("Chunk") { Chunk(bytes: $0.bytes(), isZstd: $0.flag()) },
    ]

    static let workloads = [
        Subject("ApplyRequest") {
            ApplyRequest(
                workloads: $0.list { $0.workload() }, dryRun: $0.flag(),
                onHost: $0.maybe { $0.id() })
        },
        Subject("WorkloadChange") { $0.change() },
        Subject("ApplyReply") {
            ApplyReply(
                changes: $0.list { $0.change() }, pending: $0.list { $0.rationale() },
                revision: Revision($0.counter()))
        },
        Subject("DeleteWorkloadRequest") {
            DeleteWorkloadRequest(name: $0.id(), volumes: $0.flag())
        },
        Subject("ChangeReply") {
            ChangeReply(revision: Revision($0.counter()), notes: $0.list { $0.text() })
        },
        Subject("WorkloadSummary") {
            WorkloadSummary(
                workload: $0.workload(), running: $0.count(), moves: $0.list { $0.moveReport() })
        },
        Subject("ListWorkloadsReply") {
            ListWorkloadsReply(
                workloads: $0.list {
                    WorkloadSummary(workload: $0.workload(), running: $0.count())
                })
        },
        Subject("InstanceSummary") { $0.instanceSummary() },
        Subject("ListInstancesReply") {
            ListInstancesReply(instances: $0.list { $0.instanceSummary() })
        },
    ]
}
