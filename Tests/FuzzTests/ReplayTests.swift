import Foundation
import FuzzTargets
import Glibc
import Testing

/// The short form of `scripts/fuzz`: what it has kept, and changes of that, on every run of the tests.
@Suite(.timeLimit(.minutes(2))) struct ReplayTests {
    /// Of each target; half a second in a debug build.
    private static let changed = 3_000

    @Test("kept inputs and changes of them break no promise", arguments: FuzzTarget.all.map(\.name))
    func replay(name: String) async throws {
        // A broken promise traps: in a process of its own, which says why and takes no other test along.
        let seed: UInt64 = 1
        let log = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID()).txt")
        defer { try? FileManager.default.removeItem(at: log) }
        let result = await #expect(processExitsWith: .success, "target \(name), seed \(seed)") {
            [name = name as String, seed = seed as UInt64, path = log.path as String] in
            dup2(open(path, O_WRONLY | O_CREAT, 0o600), STDERR_FILENO)
            let target = try #require(FuzzTarget.all.first { $0.name == name })
            let inputs = try Corpus.inputs(of: target)
            for input in inputs { target.run(input) }
            var mutation = Mutation(seed: seed)
            for _ in 0..<ReplayTests.changed { target.run(mutation.next(of: inputs)) }
        }
        if result == nil {
            Issue.record(
                "\(String(decoding: try Data(contentsOf: log), as: UTF8.self).prefix(4_000))")
        }
    }

    @Test("the kept messages are of every kind")
    func messages() throws {
        // Else the replay would compare nothing with nothing.
        let inputs = try Corpus.inputs(of: .messages)
        for (place, kind) in MessageTarget.kinds.enumerated() {
            let whole = inputs.contains { input in
                input.first.map { Int($0) % MessageTarget.kinds.count } == place
                    && kind.check(Array(input.dropFirst()))
            }
            #expect(whole, "no input is a whole \(kind.name)")
        }
    }

    @Test("the corpus stays small")
    func size() throws {
        let sizes = try FuzzTarget.all.map { target in
            try Data(contentsOf: Corpus.directory.appending(path: "\(target.name).txt")).count
        }
        #expect(sizes.allSatisfy { $0 > 0 })
        #expect(sizes.reduce(0, +) < 300 << 10)
    }
}
