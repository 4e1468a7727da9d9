import CLI
import ClusterModel
import Foundation
import Synchronization
import Testing
import Wire

/// What users see of an instance that moves, through a coordinator as operators run it; the agents are scripted.
@Suite(.timeLimit(.minutes(2))) struct FollowTests {
    @Test("a log that is followed goes on at the next host, each line once and in order")
    func log() async throws {
        let scene = Scene()
        try await scene.play { user, source, target in
            let screen = Screen()
            async let ending = user.run(["logs", "-f", "box-0"], on: screen)
            let first = try await source.next()
            #expect(first.order.follow && !first.order.fromArrival && first.order.tail == nil)
            try await first.print("1\n2\n")
            try await screen.shows("2\n")
            // As a real one: its part ends when the source lets go of the instance.
            scene.leaving {
                try await first.print("3\n")
                try await first.end()
            }
            #expect(await user.run(["migrate", "box-0", "--to", "b"]))
            let second = try await target.next()
            #expect(second.order.follow && second.order.fromArrival && second.order.tail == nil)
            try await second.print("--- moved from a to b ---\n4\n")
            // Another move of its own accord would be told apart from an end.
            try await second.end()
            #expect(await ending)
            #expect(screen.output == "1\n2\n3\n--- moved from a to b ---\n4\n")
            #expect(screen.errors == "")
        }
    }

    @Test("a log that is not followed ends where it ends")
    func plainLog() async throws {
        let scene = Scene()
        try await scene.play { user, source, _ in
            let screen = Screen()
            async let ending = user.run(["logs", "box-0", "--tail", "1"], on: screen)
            let session = try await source.next()
            #expect(!session.order.follow && session.order.tail == 1)
            #expect(await user.run(["migrate", "box-0", "--to", "b"]))
            try await session.print("last\n")
            try await session.end()
            #expect(await ending)
            #expect(screen.output == "last\n")
        }
    }

    @Test("a console goes along, with what is typed while nobody has the instance")
    func console() async throws {
        let scene = Scene()
        try await scene.play { user, source, target in
            let screen = Screen()
            let (keys, keyboard) = AsyncStream.makeStream(
                of: [UInt8].self, bufferingPolicy: .unbounded)
            async let ending = user.run(["console", "box-0"], on: screen, typing: keys)
            let first = try await source.next()
            keyboard.yield(Array("a".utf8))
            #expect(try await first.typed() == .bytes(Array("a".utf8)))
            try await first.print("at a\n")
            try await screen.shows("at a\n")
            scene.switching {
                try await first.end()
                // The coordinator has let go of it: what is typed now is not for the source.
                while let typed = try? await first.typed() { Issue.record("typed \(typed)") }
                keyboard.yield(Array("b".utf8))
                return nil
            }
            #expect(await user.run(["migrate", "box-0", "--to", "b"]))
            let second = try await target.next()
            #expect(try await second.typed() == .bytes(Array("b".utf8)))
            try await second.print("at b\n")
            try await screen.shows("at b\n")
            try await second.end()
            #expect(await ending)
            #expect(screen.output == "at a\nat b\n")
            #expect(
                screen.errors.split(whereSeparator: \.isNewline) == ["box-0 moved from a to b"])
        }
    }

    @Test("a console comes back when its move is undone")
    func undone() async throws {
        let scene = Scene()
        try await scene.play { user, source, _ in
            let screen = Screen()
            let (keys, keyboard) = AsyncStream.makeStream(
                of: [UInt8].self, bufferingPolicy: .unbounded)
            async let ending = user.run(["console", "box-0"], on: screen, typing: keys)
            let first = try await source.next()
            scene.switching {
                try await first.end()
                return "it cannot"
            }
            scene.refusing(.confirm)
            #expect(await !user.run(["migrate", "box-0", "--to", "b"]))
            let again = try await source.next()
            keyboard.yield(Array("c".utf8))
            #expect(try await again.typed() == .bytes(Array("c".utf8)))
            try await again.end()
            #expect(await ending)
            #expect(screen.errors == "")
        }
    }
}

/// A cluster of two scripted hosts with one instance on the first.
private final class Scene: Sendable {
    private let source = Mutex(Part())

    private struct Part: Sendable {
        var leaving: (@Sendable () async throws -> Void)?
        var switching: (@Sendable () async throws -> String?)?
        var refused: Move.Phase?
    }

    /// What the source does before it says that it has let go.
    func leaving(_ act: @escaping @Sendable () async throws -> Void) {
        source.withLock { $0.leaving = act }
    }

    /// What it does before it says that the instance is on its way, or why it is not.
    func switching(_ act: @escaping @Sendable () async throws -> String?) {
        source.withLock { $0.switching = act }
    }

    func refusing(_ phase: Move.Phase) { source.withLock { $0.refused = phase } }

    func play(
        _ act: @escaping @Sendable (User, Cues, Cues) async throws -> Void
    ) async throws {
        try await RunningCoordinator.use { directory, port in
            let user = try User(directory, port)
            let agents = try await [
                ScriptedAgent(HostID("a"), port: port, token: user.token()) {
                    await self.answer($0, by: HostID("a"))
                },
                ScriptedAgent(HostID("b"), port: port, token: user.token()) {
                    await self.answer($0, by: HostID("b"))
                },
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                // They end with the coordinator.
                for agent in agents { group.addTask { try? await agent.run() } }
                group.addTask {
                    try await user.apply()
                    try await act(user, Cues(agents[0].sessions), Cues(agents[1].sessions))
                    throw Played()
                }
                do { while try await group.next() != nil {} } catch is Played {
                    group.cancelAll()
                }
            }
        }
    }

    private struct Played: Error {}

    private func answer(_ order: MoveOrder, by host: HostID) async -> String? {
        let part = source.withLock { $0 }
        do {
            guard !order.undo else { return nil }
            if order.phase == part.refused { return "refused" }
            if order.phase == .release, host == order.move.source { try await part.leaving?() }
            if order.phase == .switchOver { return try await part.switching?() }
        } catch {
            Issue.record(error)
        }
        return nil
    }
}

/// The sessions that an agent is asked to open, one after the other.
struct Cues: Sendable {
    private let sessions: AsyncStream<ScriptedAgent.Session>

    init(_ sessions: AsyncStream<ScriptedAgent.Session>) { self.sessions = sessions }

    func next() async throws -> ScriptedAgent.Session {
        for await session in sessions { return session }
        throw CancellationError()
    }
}
