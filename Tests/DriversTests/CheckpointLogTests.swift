import ClusterModel
import HostIO
import Ports
import Synchronization
import Testing

@testable import Drivers

/// What CRIU noted is a verdict on the attempt that was made, and on no other.
@Suite(.timeLimit(.minutes(1))) final class CheckpointLogTests {
    private let place = "/tmp/huddle-test-log-\(UInt32.random(in: 0...UInt32.max))"
    private let instance = InstanceID("noted-0")
    private var directory: String { place + "/podman" }

    deinit { try? HostFile.remove(place) }

    @Test("a checkpoint that Podman refuses by itself has no verdict of CRIU")
    func earlierCheckpoint() async throws {
        try await answering(.refusal("crun: no room for one more"), state: .runs) { driver in
            try note("dump.log", "Can't dump ghost file", "Dumping FAILED.")
            let failure = await #expect(throws: DriverFailure.self) {
                try await driver.checkpoint(instance)
            }
            #expect(failure?.code == .refused)
            #expect(failure?.cause == "crun: no room for one more")
            #expect(failure?.verdict == nil, "\(failure.debugDescription)")
        }
    }

    @Test("one that CRIU refuses has CRIU's verdict, and not an earlier one")
    func thisCheckpoint() async throws {
        let (now, log) = (
            Self.log("Can't dump inotify", "Dumping FAILED."), directory + "/dump.log"
        )
        let writes: @Sendable () -> Void = { try? HostFile.replace(log, with: now) }
        try await answering(.refusal("crun: CRIU failed"), state: .runs, doing: writes) { driver in
            try note("dump.log", "Can't dump ghost file", "Dumping FAILED.")
            let failure = await #expect(throws: DriverFailure.self) {
                try await driver.checkpoint(instance)
            }
            let verdict = CheckpointVerdict(.checkpoint, reason: "Can't dump inotify")
            #expect(failure?.verdict == verdict)
        }
    }

    @Test("a return to a checkpoint that Podman refuses by itself has none")
    func earlierRestore() async throws {
        try await answering(.refusal("crun: no room for one more"), state: .writtenDown) { driver in
            try note("restore.log", "Can't open socket", "Restoring FAILED.")
            // Its archive is lost, so that it is to go on before it is written down once more.
            let failure = await #expect(throws: DriverFailure.self) {
                try await driver.checkpoint(instance)
            }
            #expect(failure?.cause == "crun: no room for one more")
            #expect(failure?.verdict == nil, "\(failure.debugDescription)")
        }
    }

    @Test("what another host says that CRIU noted is not taken in")
    func logOfAnother() {
        for work in [CRIULog.Work.checkpoint, .restore] {
            #expect(PodmanDriver.verdictOnArrival(work.rawValue) == .drop)
        }
    }

    // MARK: What the tests share

    private enum State: String {
        case runs = #""Status": "running", "Pid": 0"#
        case writtenDown = #""Status": "exited", "Pid": 0, "Checkpointed": true"#
    }

    /// A driver of a Podman that has one container, and answers so when it is to write it down or to bring it back.
    private func answering(
        _ answer: StubPodman.Answer, state: State, doing: @escaping @Sendable () -> Void = {},
        _ body: (PodmanDriver) async throws -> Void
    ) async throws {
        try HostFile.makeDirectory(directory)
        let name = "huddlelog-\(instance)"
        let description = """
            {"Id": "\(name)", "StaticDir": "\(directory)", "State": {\(state.rawValue)},
             "Config": {"Labels": {"io.huddle.owner": "huddlelog", "io.huddle.instance": "\(instance)",
                                   "io.huddle.generation": "1"}}}
            """
        let asked = Mutex(0)
        try await StubPodman.answering({ request in
            switch (request.method, request.path) {
            case ("GET", "/containers/\(name)/json"): return .init(status: 200, body: description)
            case ("POST", "/containers/\(name)/checkpoint"),
                ("POST", "/containers/\(name)/restore"):
                asked.withLock { $0 += 1 }
                doing()
                return answer
            default: return .missing
            }
        }) { service in
            try await body(
                try PodmanDriver(
                    socket: service.socket, histories: place + "/logs", namespace: "huddlelog",
                    checkpoints: CheckpointArea(
                        directory: place + "/memory", overflow: place + "/disk",
                        diskReserve: .zero)))
        }
        #expect(asked.withLock { $0 } == 1)
    }

    private func note(_ file: String, _ reason: String, _ end: String) throws {
        try HostFile.replace("\(directory)/\(file)", with: Self.log(reason, end))
    }

    /// As CRIU writes it.
    private static func log(_ reason: String, _ end: String) -> [UInt8] {
        Array(
            """
            (00.001000) Running on a host
            (00.006409) Error (criu/files-reg.c:1013): \(reason)
            (00.006500) Error (criu/cr-dump.c:2098): \(end)

            """.utf8)
    }
}
