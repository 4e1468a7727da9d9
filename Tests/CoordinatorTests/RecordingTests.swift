import CLI
import ClusterModel
import Foundation
import Specs
import Synchronization
import Testing
import Wire

/// `huddle record` against a coordinator as operators run it, over mutual TLS, and what it replays to.
@Suite(.timeLimit(.minutes(2))) struct RecordingTests {
    @Test("plans made meanwhile are in the file, and replay to the same")
    func recorded() async throws {
        try await RunningCoordinator.use { directory, port in
            try await Self.record(in: directory, port: port)
        }
    }

    private static func record(in directory: URL, port: Int) async throws {
        let admin = directory.appending(component: "admin.yaml")
        let context = directory.appending(component: "here.yaml")
        let text = try String(contentsOf: admin, encoding: .utf8)
            .replacingOccurrences(of: "localhost:1\n", with: "localhost:\(port)\n")
        try text.write(to: context, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: context.path(percentEncoded: false))
        let file = directory.appending(component: "run.rec").path(percentEncoded: false)
        let common = ["--context", context.path(percentEncoded: false), "-o", "json"]
        // Plans for as long as it records, whenever it begins. None waits behind another: whoever is slow to follow is cut off.
        let isOver = Mutex(false)
        async let recording = {
            defer { isOver.withLock { $0 = true } }
            return await run(["record", "--for", "2s", file] + common)
        }()
        repeat {
            #expect(await run(["plan"] + common) == nil)
            try await Task.sleep(for: .milliseconds(50))
        } while !isOver.withLock { $0 }
        #expect(await recording == nil)
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        let entries = try RecordingFile.read(bytes)
        #expect(!entries.isEmpty && entries.allSatisfy { $0.plan?.reason == .pack })
        #expect(await run(["simulate", "--replay", file]) == nil)
    }

    /// Nil when it was done, else what it said.
    private static func run(_ arguments: [String]) async -> String? {
        let said = Mutex<[UInt8]>([])
        var surroundings = Surroundings.process
        surroundings.write = { _, bytes in said.withLock { $0 += bytes } }
        let status = await CLI.run(HuddleCommand.self, arguments: arguments, in: surroundings)
        if status == .done { return nil }
        return "\(status): \(String(decoding: said.withLock { $0 }, as: UTF8.self))"
    }
}
