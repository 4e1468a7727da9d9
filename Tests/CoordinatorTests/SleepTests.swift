import ClusterModel
import Foundation
import Testing

/// A host that is put to sleep and woken by a program of the operator's; the agents are scripted, the program is real.
@Suite(.timeLimit(.minutes(2))) struct SleepTests {
    @Test("the program is called, and a restart forgets no sleep")
    func sleepAndWake() async throws {
        let place = FileManager.default.temporaryDirectory
            .appending(component: "huddle-sleep-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let program = try Self.program(in: place)

        try await RunningCoordinator.use(in: place.appending(component: "1"), power: program) {
            directory, port in
            let user = try User(directory, port)
            let one = try await ScriptedAgent(HostID("a"), port: port, token: user.token())
            let other = try await ScriptedAgent(HostID("b"), port: port, token: user.token())
            try await withThrowingTaskGroup { agents in
                agents.addTask { try await one.run() }
                agents.addTask { try await other.run() }
                try await user.apply(on: "a", beside: "b")
                let refused = Screen()
                #expect(await !user.run(["host", "sleep", "a"], on: refused))
                #expect(refused.errors.contains("box-0 is there"), "\(refused.errors)")
                #expect(await user.run(["host", "sleep", "b"]))
                try await user.sees("b: is asleep", in: ["events"])
                let elsewhere = Screen()
                #expect(
                    await !user.run(
                        ["migrate", "box-0", "--to", "b", "--mode", "restart"], on: elsewhere))
                agents.cancelAll()
            }
        }
        #expect(try Self.calls(in: place) == ["sleep b"])
        let second = place.appending(component: "2")
        try FileManager.default.copyItem(at: place.appending(component: "1"), to: second)
        try await RunningCoordinator.use(in: second, power: program) { directory, port in
            let user = try User(directory, port)
            let screen = Screen()
            #expect(await user.run(["hosts"], on: screen))
            #expect(screen.output.contains("asleep"), "\(screen.output)")
            // Nothing was heard of it since this coordinator began, so it takes until it is quiet.
            #expect(await user.run(["host", "wake", "b"]))
            try await user.sees("b: did not wake", in: ["events"])
        }
        #expect(try Self.calls(in: place) == ["sleep b", "wake b"])
    }

    @Test("without a program nothing is put to sleep")
    func noProgram() async throws {
        try await RunningCoordinator.use { directory, port in
            let user = try User(directory, port)
            let agent = try await ScriptedAgent(HostID("a"), port: port, token: user.token())
            try await withThrowingTaskGroup { agents in
                agents.addTask { try await agent.run() }
                try await user.sees("ready", in: ["hosts"])
                let screen = Screen()
                #expect(await !user.run(["host", "sleep", "a"], on: screen))
                #expect(screen.errors.contains("--power-program"), "\(screen.errors)")
                agents.cancelAll()
            }
        }
    }

    /// Notes each call, and fails to wake.
    private static func program(in place: URL) throws -> String {
        let program = place.appending(component: "power")
        let calls = place.appending(component: "calls").path(percentEncoded: false)
        try """
        #!/bin/sh
        echo "$*" >>'\(calls)'
        [ "$1" = sleep ] || { echo "no answer" >&2; exit 3; }
        """.write(to: program, atomically: true, encoding: .utf8)
        let path = program.path(percentEncoded: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private static func calls(in place: URL) throws -> [String] {
        try String(contentsOf: place.appending(component: "calls"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }
}
