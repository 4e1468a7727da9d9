import CLI
import ClusterModel
import RPC
import Specs
import Wire

extension ClusterAccess {
    /// A cluster that has what `Fixtures` has and agrees to everything.
    static func sample(_ desk: Desk? = nil) throws -> ClusterAccess {
        let workloads = try Fixtures.workloads()
        let image = try Fixtures.image()
        var access = ClusterAccess.disconnected
        access.version = { _ in VersionReply(protocol: 1, version: "0.1.0") }
        access.listWorkloads = { _ in ListWorkloadsReply(workloads: workloads) }
        access.listInstances = { _ in ListInstancesReply(instances: Fixtures.instances) }
        access.listHosts = { _ in ListHostsReply(hosts: Fixtures.hosts) }
        access.apply = { request in
            desk?.note(
                "apply \(request.workloads.map(\.name.rawValue)) \(request.dryRun) \(request.onHost?.rawValue ?? "-")"
            )
            return ApplyReply(changes: [], revision: Revision(42))
        }
        access.deleteWorkload = { request in
            desk?.note("delete \(request.name) \(request.volumes)")
            return ChangeReply(revision: Revision(43), notes: ["a move was cancelled first"])
        }
        access.removeHost = { request in
            desk?.note("remove \(request.host)")
            return ChangeReply(revision: Revision(44))
        }
        access.fenceHost = { request in
            desk?.note("fence \(request.host)")
            return ChangeReply(revision: Revision(45))
        }
        access.confirmHost = { request in
            desk?.note("confirm \(request.host)")
            return ChangeReply(revision: Revision(46))
        }
        access.sleepHost = { request in
            desk?.note("sleep \(request.host)")
            return ChangeReply(revision: Revision(47))
        }
        access.wakeHost = { request in
            desk?.note("wake \(request.host)")
            return ChangeReply(revision: Revision(48))
        }
        access.restoreHost = { _ in ChangeReply(revision: Revision(46)) }
        access.drainHost = { request in
            desk?.note("drain \(request.host) dryRun \(request.dryRun) force \(request.force)")
            return PlanReply(plan: Fixtures.plan, state: .stored)
        }
        access.makePlan = { request in
            desk?.note(
                "plan \(request.reason) \(request.toHost?.rawValue ?? "-") \(request.mode?.rawValue ?? "-")"
            )
            return PlanReply(plan: Fixtures.plan, state: .stored)
        }
        access.getPlan = { _ in PlanReply(plan: Fixtures.plan, state: .stored) }
        access.runPlan = { request in
            desk?.note("run \(request.id)")
            return incoming(Self.progress)
        }
        access.listMoves = { _ in ListMovesReply(moves: Fixtures.moveSummaries) }
        access.cancelMove = { _ in ChangeReply(revision: Revision(47)) }
        access.explain = { _ in Fixtures.explanation }
        access.events = { _ in incoming(Fixtures.occurrences) }
        access.showPolicy = { _ in .standard }
        access.setPolicy = { policy in
            desk?.note("policy \(policy.ceilingCPU.notation) \(policy.reserve.notation)")
            return ChangeReply(revision: Revision(48))
        }
        access.createToken = { request in
            desk?.note("token \(request.lifetime.notation)")
            return CreateTokenReply(
                token: "huddle1.abc", expiresAt: Fixtures.now.advanced(by: request.lifetime))
        }
        access.listImages = { _ in ListImagesReply(images: [image]) }
        access.addImage = { source async throws(RPCStatus) in
            while let message = try await source.next() {
                switch message {
                case .header(let header):
                    desk?.note("image \(header.id) \(header.format) \(header.sizes.map(\.count))")
                case .bytes(let bytes): desk?.note("\(bytes.count) bytes")
                }
            }
            return image
        }
        access.removeImage = { _ in ChangeReply(revision: Revision(49)) }
        access.logs = { _ in
            incoming([
                OutputChunk(bytes: Array("hello\nwor".utf8)),
                OutputChunk(bytes: Array("ld\n".utf8)),
                OutputChunk(errorStream: true, bytes: Array("oops".utf8)),
            ])
        }
        access.exec = { start in Self.terminal(start, desk, code: 42) }
        access.console = { start in Self.terminal(start, desk, code: 0) }
        access.pauseLoop = { request in
            desk?.note("pause \(request.paused)")
            return ChangeReply(revision: Revision(50))
        }
        access.showLoop = { _ in LoopReply(paused: false, hindrance: "the mode is suggest") }
        return access
    }

    private static let progress = [
        PlanProgress(state: .running),
        PlanProgress(state: .running, step: .init(0), stepState: .running, phase: .preflight),
        PlanProgress(state: .running, step: .init(0), stepState: .running, phase: .copy),
        PlanProgress(state: .running, step: .init(0), stepState: .running, phase: .copy),
        PlanProgress(state: .running, step: .init(0), stepState: .done),
        PlanProgress(state: .running, step: .init(1), stepState: .done),
        PlanProgress(state: .done),
    ]

    private static func terminal(_ start: TerminalStart, _ desk: Desk?, code: Int)
        -> TerminalSession
    {
        desk?.note("start \(start.instance) \(start.command) \(start.terminal)")
        let outputs = Queue<AttachOutput>([
            .output(OutputChunk(bytes: Array("out\n".utf8))),
            .output(OutputChunk(errorStream: true, bytes: Array("err\n".utf8))),
            .end(AttachEnd(exitCode: code)),
        ])
        return TerminalSession(
            send: { request in desk?.note("send \(request)") }, next: { outputs.next() })
    }
}
