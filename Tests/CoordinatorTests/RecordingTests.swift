import CLI
import ClusterModel
import Foundation
import Specs
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
        async let recording = run(["record", "--for", "2s", file] + common)
        // The recording begins at some moment of these plans.
        for _ in 0..<40 {
            #expect(await run(["plan"] + common))
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(await recording)
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        let entries = try RecordingFile.read(bytes)
        #expect(!entries.isEmpty && entries.allSatisfy { $0.plan?.reason == .pack })
        #expect(await run(["simulate", "--replay", file]))
    }

    private static func run(_ arguments: [String]) async -> Bool {
        var surroundings = Surroundings.process
        surroundings.write = { _, _ in }
        return await CLI.run(HuddleCommand.self, arguments: arguments, in: surroundings) == .done
    }
}
