import ClusterModel
import Foundation
import Glibc
import Ports
import Store
import Synchronization
import Testing

@Suite(.serialized) struct CrashTests {
    @Test("what was answered before a kill is there after it, whole", arguments: UInt64(0)..<6)
    func kill(seed: UInt64) async throws {
        let directory = try StoreDirectory()
        let file = directory.file
        let answers = directory.url("answers").path
        // The same store is killed again and again, each time at another moment.
        for round in UInt64(0)..<3 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [
                    file = file as String, answers = answers as String, seed = seed as UInt64,
                    round = round as UInt64
                ] in
                var random = SplitMix64(seed: seed &* 31 &+ round)
                try await writeUntilKilled(
                    file: file, answers: answers, answered: Int.random(in: 1...40, using: &random),
                    spins: Int.random(in: 0...200_000, using: &random))
            }
            try await check(
                file: file, answers: answers, reproduction: "seed \(seed) round \(round)")
        }
    }

    /// Compares the file with what the child noted after each answer.
    private func check(file: String, answers: String, reproduction: String) async throws {
        let noted = try Data(contentsOf: URL(fileURLWithPath: answers))
        let answered = UInt64(noted.count)
        #expect(answered > 0, "\(reproduction)")
        let store = try SQLiteStore(path: file)
        let revision = try await store.revision()
        #expect(revision.number >= answered, "\(reproduction)")
        let left = try await store.entries(withPrefix: "left/")
        let right = try await store.entries(withPrefix: "right/")
        // Each transaction writes on both sides and deletes what is ten older, so any cut shows.
        let first = max(1, Int(revision.number) - 9)
        let expected = (first...Int(revision.number)).map { padded(UInt64($0)) }.sorted()
        #expect(left.map { String($0.key.dropFirst(5)) } == expected, "\(reproduction)")
        #expect(right.map { String($0.key.dropFirst(6)) } == expected, "\(reproduction)")
        #expect(left.map(\.value) == right.map(\.value), "\(reproduction)")
        // From here on the next child's answers are counted from the revision it finds.
        let surplus = Int(revision.number) - noted.count
        if surplus > 0 {
            let handle = try #require(FileHandle(forWritingAtPath: answers))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(repeating: 0x2B, count: surplus))
            try handle.close()
        }
        try await store.close()
    }
}

/// A number in keys that sort as numbers do.
private func padded(_ number: UInt64) -> String {
    String(repeating: "0", count: 8 - String(number).count) + String(number)
}

/// Writes for ever, noting each answer with one byte; kills its process some time after enough
/// answers.
private func writeUntilKilled(
    file: String, answers: String, answered: Int, spins: Int
) async throws {
    let store = try SQLiteStore(path: file)
    let descriptor = open(answers, O_CREAT | O_WRONLY | O_APPEND, 0o600)
    let killer = Killer(answered: answered, spins: spins)
    killer.start()
    while true {
        let next = try await store.revision().next.number
        let value = [UInt8](repeating: UInt8(truncatingIfNeeded: next), count: 6_000)
        _ = try await store.transact([
            .put(key: "left/\(padded(next))", value: value),
            .put(key: "right/\(padded(next))", value: value),
            .delete(key: "left/\(padded(next > 10 ? next - 10 : 0))"),
            .delete(key: "right/\(padded(next > 10 ? next - 10 : 0))"),
        ])
        var mark: UInt8 = 0x2E
        guard write(descriptor, &mark, 1) == 1 else { exit(1) }
        killer.count.add(1, ordering: .sequentiallyConsistent)
    }
}

/// A thread that ends the process without a word, in the middle of whatever the others do.
private final class Killer: Sendable {
    let count = Atomic<Int>(0)
    private let answered: Int
    private let spins: Int

    init(answered: Int, spins: Int) {
        self.answered = answered
        self.spins = spins
    }

    func start() {
        Thread.detachNewThread { [self] in
            while count.load(ordering: .sequentiallyConsistent) < answered { sched_yield() }
            // Not a wait for something: the moment of the kill is what the test varies.
            for _ in 0..<spins { _ = count.load(ordering: .sequentiallyConsistent) }
            Glibc.kill(getpid(), SIGKILL)
        }
    }
}
