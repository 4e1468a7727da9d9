import API
import Agent
import ClusterModel
import Drivers
import Foundation
import HostIO
import Logging
import RPC
import Synchronization
import Testing
import Transport
import Wire

/// Where the files of a guest for QEMU are, if it may be run here.
private enum RealGuest {
    static let files: String? = {
        let variables = ProcessInfo.processInfo.environment
        return variables["HUDDLE_TEST_QEMU"] == "1" ? variables["HUDDLE_TEST_GUEST"] : nil
    }()
}

/// The log and the files of a real guest of a real agent that moves away and comes back; the other host is scripted.
@Suite(
    .enabled(
        if: RealGuest.files != nil,
        "HUDDLE_TEST_QEMU is not 1, or HUDDLE_TEST_GUEST names no guest files"),
    .timeLimit(.minutes(2)))
struct CarriedLogTests {
    private static let spec = """
        kind: vm
        name: carried
        image:
          kernel: \(RealGuest.files ?? "")/vmlinuz
          initrd: \(RealGuest.files ?? "")/initrd.img
          append: console=ttyS0 quiet huddle.name=carried
        size: {cpu: 100m, memory: 128MiB}
        move: {allow: [restart]}
        """

    private static let elsewhere = "--- moved from real to other at some time ---\nelsewhere\n"

    /// What a guest without disks has.
    private static let files: [UInt8] = {
        let version = Array("huddle-transfer 1".utf8)
        return [0, 0, 0, 0, UInt8(version.count)] + version + [4, 0, 0, 0, 0]
    }()

    /// The other host as the real agent sees it: it has no disk of the guest, and a log.
    private final class Peers: PeersService {
        /// What it sends first was changed on its way.
        private let isFirst = Mutex(true)

        func fetchFile(
            _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
        ) async throws(RPCStatus) {}

        func fetchInstance(
            _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<Chunk>
        ) async throws(RPCStatus) {
            let frame = try? await CarriedLogTests.compressed(CarriedLogTests.files)
            guard request.acceptsZstd, let frame else {
                throw RPCStatus(.internal, "the agent says that it cannot read zstd")
            }
            var sent = frame
            let spoils = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            if spoils { sent[frame.count - 1] ^= 1 }
            for byte in sent { try await replies.send(Chunk(bytes: [byte], isZstd: true)) }
        }

        func fetchLog(
            _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<OutputChunk>
        ) async throws(RPCStatus) {
            try await replies.send(OutputChunk(bytes: Array(CarriedLogTests.elsewhere.utf8)))
        }
    }

    /// What the scripted host is told, and its part of the log that is followed.
    private final class Part: Sendable {
        let moves = Mutex<[Move]>([])
        let session = Mutex<ScriptedAgent.Session?>(nil)
        /// Fetches the guest's files, as one that can read zstd or as an older agent.
        let fetch = Mutex<(@Sendable (Move, Bool) async throws -> [Chunk])?>(nil)
        let packed = Mutex<[Chunk]>([])
        let plain = Mutex<[Chunk]>([])

        func answer(_ order: MoveOrder) async -> String? {
            if order.phase == .confirm { moves.withLock { $0.append(order.move) } }
            if order.phase == .copy, order.move.target == HostID("other"),
                let fetch = fetch.withLock({ $0 })
            {
                do {
                    let chunks = (
                        try await fetch(order.move, true), try await fetch(order.move, false)
                    )
                    packed.withLock { $0 = chunks.0 }
                    plain.withLock { $0 = chunks.1 }
                } catch {
                    return "\(error)"
                }
            }
            if order.phase == .release { try? await session.withLock { $0 }?.end() }
            return nil
        }
    }

    @Test func logGoesAwayAndComesBack() async throws {
        let data = "/tmp/huddle-test-agent-\(UInt32.random(in: 0...UInt32.max))"
        do {
            try await RunningCoordinator.use(at: try await Self.freePort()) { directory, port in
                try await Self.play(data, try User(directory, port, spec: Self.spec), port)
            }
        } catch {
            await Self.clear(data)
            throw error
        }
        await Self.clear(data)
    }

    /// In a task of its own: the test's may be over.
    private static func clear(_ data: String) async {
        await Task {
            let driver = try? QEMUDriver(QEMUDriver.Settings(data: data))
            try? await driver?.remove(InstanceID("carried-0"))
            try? await HostFile.erase(data)
        }.value
    }

    private static func play(_ data: String, _ user: User, _ port: Int) async throws {
        let part = Part()
        let other = try await ScriptedAgent(
            HostID("other"), port: port, token: user.token(), peers: Peers(),
            answer: part.answer)
        let door = try await freePort()
        part.fetch.withLock {
            $0 = { move, acceptsZstd in
                try await files(of: move, acceptsZstd: acceptsZstd, other, door)
            }
        }
        let agent = Agent(
            AgentConfiguration(
                dataDirectory: data, host: HostID("real"), labels: .none,
                token: try await user.token(), listenPort: door, address: "localhost",
                podmanSocket: "\(data)/no-podman"),
            log: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try? await other.run()
                return false
            }
            group.addTask {
                try await agent.run()
                return false
            }
            group.addTask {
                try await user.apply(on: "real", beside: "other")
                try await thereAndBack(user, other, part, door)
                // Its host removes it in its own time; what came along goes with it.
                while HostFile.exists("\(data)/vms/carried-0") {
                    try await Task.sleep(for: .milliseconds(50))
                }
                return true
            }
            while let isPlayed = try await group.next(), !isPlayed {}
            group.cancelAll()
        }
    }

    private static func thereAndBack(
        _ user: User, _ other: ScriptedAgent, _ part: Part, _ door: Int
    ) async throws {
        let screen = Screen()
        async let following = user.run(["logs", "-f", "carried-0"], on: screen)
        try await screen.shows("huddle guest ready")
        #expect(await user.run(["policy", "set", "moves.compression=zstd"]))
        #expect(await user.run(["migrate", "carried-0", "--to", "other"]))
        // Its files went compressed to whom can read that, and as ever to whom does not say so.
        let (packed, plain) = (part.packed.withLock { $0 }, part.plain.withLock { $0 })
        #expect(!plain.isEmpty && plain.allSatisfy { !$0.isZstd })
        #expect(plain.flatMap(\.bytes) == files)
        #expect(!packed.isEmpty && packed.allSatisfy(\.isZstd))
        #expect(try await expanded(packed) == files)
        // The guest is gone from its host, and what it wrote is there for the other, once.
        let move = try #require(part.moves.withLock { $0.last })
        let log = try await fetched(move, other, door)
        #expect(log.contains("huddle guest ready"))
        await #expect(throws: RPCStatus.self) { _ = try await fetched(move, other, door) }

        let session = try await Cues(other.sessions).next()
        #expect(session.order.fromArrival)
        try await session.print(elsewhere)
        try await screen.shows(elsewhere)
        // To the last word that it wrote when it was stopped.
        #expect(screen.output == log + elsewhere)
        part.session.withLock { $0 = session }
        // What did not come as it was sent is no move, and the guest stays where it is.
        let undone = Screen()
        #expect(await !user.run(["migrate", "carried-0", "--to", "real"], on: undone))
        #expect(await user.run(["events"], on: undone))
        #expect(undone.output.contains("Restored data doesn't match checksum"), "\(undone.output)")
        #expect(await user.run(["migrate", "carried-0", "--to", "real"]))
        let arrival = "elsewhere\n--- moved from other to real at "
        try await screen.shows(arrival)
        // The boot after it, and no line of the first stay again.
        while screen.output.components(separatedBy: "huddle guest ready").count < 3 {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(screen.output.components(separatedBy: elsewhere).count == 2)
        // Later readers see what came along before it.
        var read = Screen()
        while !read.output.hasPrefix(elsewhere) {
            read = Screen()
            try #require(await user.run(["logs", "carried-0"], on: read))
        }
        #expect(read.output.contains(arrival) && !read.output.contains("without its earlier log"))
        #expect(await user.run(["delete", "carried", "--yes"]))
        #expect(await following)
    }

    private static func compressed(_ content: [UInt8]) async throws -> [UInt8] {
        let writer = try ZstdWriter()
        return try await writer.append(content) + (try await writer.finish())
    }

    private static func expanded(_ chunks: [Chunk]) async throws -> [UInt8] {
        let reader = try ZstdReader()
        var content: [UInt8] = []
        for chunk in chunks {
            try reader.give(chunk.bytes)
            while let bytes = try await reader.next() { content += bytes }
        }
        try reader.requireWhole()
        return content
    }

    /// What the real agent has of the guest's files for the other one.
    private static func files(
        of move: Move, acceptsZstd: Bool, _ other: ScriptedAgent, _ door: Int
    ) async throws -> [Chunk] {
        let client = try await Client.connect(
            host: "localhost", port: door, tls: other.peerCredentials, timeout: .seconds(10))
        var chunks: [Chunk] = []
        do {
            let stream = try await PeersClient(client: client).fetchInstance(
                FetchInstanceRequest(
                    instance: move.instance, move: move.id, acceptsZstd: acceptsZstd))
            while let chunk = try await stream.next() { chunks.append(chunk) }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return chunks
    }

    /// What the real agent has of the guest's log for the other one.
    private static func fetched(
        _ move: Move, _ other: ScriptedAgent, _ door: Int
    ) async throws -> String {
        let client = try await Client.connect(
            host: "localhost", port: door, tls: other.peerCredentials, timeout: .seconds(10))
        var bytes: [UInt8] = []
        do {
            let chunks = try await PeersClient(client: client).fetchLog(
                FetchInstanceRequest(instance: move.instance, move: move.id))
            while let chunk = try await chunks.next() { bytes += chunk.bytes }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One that was free a moment ago.
    private static func freePort() async throws -> Int {
        let server = Server(host: "127.0.0.1", port: 0, tls: nil, handler: Router { _, _ in })
        let port = try await server.bind()
        let running = Task { try await server.run() }
        running.cancel()
        _ = await running.result
        return port
    }
}
