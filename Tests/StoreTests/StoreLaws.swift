import ClusterModel
import Ports
import Store
import Testing

/// The store against a dictionary, over random transactions, reopened now and then.
@Suite struct StoreLaws {
    @Test("the store is a dictionary that remembers", arguments: UInt64(0)..<24)
    func dictionary(seed: UInt64) async throws {
        let directory = try StoreDirectory()
        var random = SplitMix64(seed: seed)
        var model: [String: StoreEntry] = [:]
        var revision = Revision.zero
        var store = try SQLiteStore(path: directory.file)
        for round in 0..<40 {
            let changes = Self.changes(using: &random)
            let answer = try await store.transact(changes)
            if !changes.isEmpty { revision = revision.next }
            #expect(answer == revision, "seed \(seed) round \(round)")
            for change in changes {
                switch change {
                case .put(let key, let value):
                    model[key] = StoreEntry(key: key, value: value, revision: revision)
                case .delete(let key): model[key] = nil
                }
            }
            if UInt8.random(in: 0..<8, using: &random) == 0 {
                try await store.close()
                store = try SQLiteStore(path: directory.file)
            }
            for prefix in ["", "a", "a/", "a/b", "b/é", "z", "\u{FF}"] {
                let expected = model.values.filter { $0.key.utf8.starts(with: prefix.utf8) }
                    .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                let found = try await store.entries(withPrefix: prefix)
                #expect(found == expected, "seed \(seed) round \(round) prefix \(prefix)")
            }
            #expect(try await store.revision() == revision, "seed \(seed) round \(round)")
        }
        try await store.close()
    }

    @Test("concurrent transactions each have a revision of their own, without gaps")
    func serialised() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        let revisions = try await withThrowingTaskGroup(of: Revision.self) { group in
            for number in 0..<100 {
                group.addTask { try await store.transact([.put(key: "k\(number)", value: [1])]) }
            }
            var revisions: [Revision] = []
            for try await revision in group { revisions.append(revision) }
            return revisions
        }
        #expect(revisions.map(\.number).sorted() == Array(1...100))
        try await store.close()
    }

    @Test("a cancelled task's transaction is answered with what became of it")
    func cancellation() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.transact([.put(key: "k", value: [1])])
        }
        #expect(try await task.value == Revision(1))
        #expect(try await store.entries(withPrefix: "k").count == 1)
        try await store.close()
    }

    private static func changes(using random: inout SplitMix64) -> [StoreChange] {
        let keys = [
            "a", "a/", "a/b", "a/b/c", "a0", "b", "b/é", "b/éa", "\u{FF}", "\u{10FFFF}", "",
        ]
        return (0..<Int.random(in: 0...5, using: &random)).map { _ in
            let key = keys[Int.random(in: 0..<keys.count, using: &random)]
            guard Bool.random(using: &random) || Bool.random(using: &random) else {
                return .delete(key: key)
            }
            let count = Int.random(in: 0...3, using: &random) * 1_000
            return .put(
                key: key,
                value: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }
}
