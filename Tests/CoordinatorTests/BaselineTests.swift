import ClusterModel
import Foundation
import Testing

/// A host with a lesser processor at a coordinator as operators run it; the agents are scripted.
@Suite(.timeLimit(.minutes(2))) struct BaselineTests {
    @Test("it gets nothing until an operator confirms it, and a restart forgets neither")
    func lesserHost() async throws {
        let lives = FileManager.default.temporaryDirectory
            .appending(component: "huddle-baseline-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: lives) }
        try FileManager.default.createDirectory(at: lives, withIntermediateDirectories: true)

        try await RunningCoordinator.use(in: lives.appending(component: "1")) { directory, port in
            let user = try User(directory, port)
            let rich = try await ScriptedAgent(
                HostID("a"), port: port, token: user.token(), features: ["avx", "sse"])
            try await withThrowingTaskGroup { agents in
                agents.addTask { try await rich.run() }
                try await user.apply(on: "a", beside: "a")
                let poor = try await ScriptedAgent(
                    HostID("b"), port: port, token: user.token(), features: ["sse"])
                agents.addTask { try await poor.run() }
                try await user.sees("b is not confirmed", in: ["hosts"])
                try await user.sees("would lower the CPU baseline", in: ["explain", "box-0"])
                #expect(await !user.run(["migrate", "box-0", "--to", "b", "--mode", "restart"]))
                #expect(
                    await !user.run(["host", "confirm", "b"]), "without a terminal nobody agrees")
                agents.cancelAll()
            }
        }
        try await RunningCoordinator.use(in: try next("2", after: "1", in: lives)) {
            directory, port in
            let user = try User(directory, port)
            try await user.sees(
                "b is not confirmed: it would lower the cluster's CPU baseline of x86_64 by "
                    + "1 feature (avx); huddle host confirm b lets it take instances",
                in: ["hosts"])
            #expect(await user.run(["host", "confirm", "b", "--yes"]))
        }
        try await RunningCoordinator.use(in: try next("3", after: "2", in: lives)) {
            directory, port in
            let user = try User(directory, port)
            let screen = Screen()
            #expect(await user.run(["hosts", "-o", "wide"], on: screen))
            #expect(!screen.output.contains("confirm"))
            #expect(
                screen.output.contains(
                    "CPU baseline of x86_64: 1 feature that all 2 hosts have\n"
                        + "  a has 1 feature (avx) beyond it\n"))
            try await user.sees("confirmed by an operator", in: ["events"])
            // It is told its place as any other, and stays a member.
            let poor = try await ScriptedAgent(
                HostID("c"), port: port, token: user.token(), features: ["sse"])
            try await withThrowingTaskGroup { agents in
                agents.addTask { try await poor.run() }
                try await user.sees("all 3 hosts have", in: ["hosts", "-o", "wide"])
                agents.cancelAll()
            }
        }
    }
}

/// The data as a coordinator left it, for the next, which need not wait until the file is let go.
private func next(_ name: String, after last: String, in lives: URL) throws -> URL {
    let place = lives.appending(component: name)
    try FileManager.default.copyItem(at: lives.appending(component: last), to: place)
    return place
}

extension User {
    /// Returns once what the command writes has `text`; the suite's time limit ends it otherwise.
    func sees(_ text: String, in command: [String]) async throws {
        while true {
            let screen = Screen()
            if await run(command, on: screen), screen.output.contains(text) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
