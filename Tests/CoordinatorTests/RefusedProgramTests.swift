import ClusterModel
import Foundation
import Testing
import Wire

/// What CRIU refused once, at a coordinator as operators run it; the agents are scripted.
@Suite(.timeLimit(.minutes(2))) struct RefusedProgramTests {
    private static func spec(_ name: String) -> String {
        """
        kind: container
        name: \(name)
        image: busybox
        command: [serve]
        size: {cpu: 100m, memory: 128MiB}
        move: {allow: [live]}
        """
    }

    private static let words =
        "pretended 1.0 refused to write down this program: Can't dump file 3; tried again after "

    @Test("it is said before the next move, and a restart does not forget it")
    func remembered() async throws {
        let lives = FileManager.default.temporaryDirectory
            .appending(component: "huddle-refused-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: lives) }
        try FileManager.default.createDirectory(at: lives, withIntermediateDirectories: true)
        let first = lives.appending(component: "1")

        try await RunningCoordinator.use(in: first) { directory, port in
            let user = try User(directory, port, spec: Self.spec("web"))
            let verdict = CheckpointVerdict(.checkpoint, reason: "Can't dump file 3")
            let source = try await ScriptedAgent(
                HostID("a"), port: port, token: user.token(), verdict: verdict
            ) { order in order.phase == .copy && !order.undo ? "it cannot be written down" : nil }
            let target = try await ScriptedAgent(HostID("b"), port: port, token: user.token())
            try await withThrowingTaskGroup { agents in
                agents.addTask { try await source.run() }
                agents.addTask { try await target.run() }
                try await user.apply()
                let screen = Screen()
                let move = ["migrate", "web-0", "--to", "b"]
                #expect(await !user.run(move, on: screen))
                #expect(screen.errors.contains("it cannot be written down"), "\(screen.errors)")
                let refused = Screen()
                #expect(await !user.run(move, on: refused))
                #expect(refused.errors.contains(Self.words), "\(refused.errors)")
                let events = Screen()
                #expect(await user.run(["events"], on: events))
                #expect(events.output.contains("is not moved live: " + Self.words))
                agents.cancelAll()
            }
        }
        let second = lives.appending(component: "2")
        try FileManager.default.copyItem(at: first, to: second)
        try await RunningCoordinator.use(in: second) { directory, port in
            // Another workload that runs the same, on hosts that were not there.
            let user = try User(directory, port, spec: Self.spec("other"))
            let source = try await ScriptedAgent(HostID("c"), port: port, token: user.token())
            let target = try await ScriptedAgent(HostID("d"), port: port, token: user.token())
            try await withThrowingTaskGroup { agents in
                agents.addTask { try await source.run() }
                agents.addTask { try await target.run() }
                try await user.apply(on: "c", beside: "d")
                let screen = Screen()
                #expect(await user.run(["explain", "other-0"], on: screen))
                #expect(screen.output.contains("not live to d: " + Self.words), "\(screen.output)")
                agents.cancelAll()
            }
        }
    }
}
