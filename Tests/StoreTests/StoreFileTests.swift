import ClusterModel
import Foundation
import Ports
import Store
import Testing

@Suite struct StoreFileTests {
    @Test("only the owner may read the store and its log")
    func mode() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        _ = try await store.transact([.put(key: "k", value: [1])])
        for name in [directory.file, directory.file + "-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        #expect(!FileManager.default.fileExists(atPath: directory.file + "-shm"))
        try await store.close()
    }

    @Test("a second store on the same file is refused, and the first goes on")
    func twoOpens() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        _ = try await store.transact([.put(key: "k", value: [1])])
        for _ in 0..<2 {
            let failure = #expect(throws: StoreFailure.self) {
                _ = try SQLiteStore(path: directory.file)
            }
            #expect(failure.map(isUnavailable) == true)
        }
        #expect(try await store.transact([.put(key: "k", value: [2])]) == Revision(2))
        try await store.close()
        let second = try SQLiteStore(path: directory.file)
        #expect(try await second.revision() == Revision(2))
        try await second.close()
    }

    @Test("another process is refused too")
    func twoProcesses() async throws {
        let directory = try StoreDirectory()
        let file = directory.file
        let store = try SQLiteStore(path: file)
        await #expect(processExitsWith: .exitCode(3)) { [file = file as String] in
            do {
                _ = try SQLiteStore(path: file)
            } catch {
                exit(isUnavailable(error) ? 3 : 4)
            }
        }
        #expect(try await store.transact([.put(key: "k", value: [1])]) == Revision(1))
        try await store.close()
    }

    @Test("what is no store, and a store of a newer version, is refused and left as it is")
    func foreign() async throws {
        let directory = try StoreDirectory()
        let text = directory.url("text.db")
        try Data(repeating: 0x61, count: 8_192).write(to: text)
        // A header with another application's id, and one with ours and version 2.
        let foreign = directory.url("foreign.db")
        try await Self.makeStore(at: foreign, patching: 68, with: [0x12, 0x34, 0x56, 0x78])
        let newer = directory.url("newer.db")
        try await Self.makeStore(at: newer, patching: 60, with: [0, 0, 0, 2])
        for (file, words) in [
            (text, ["not a Huddle store", "version 1"]),
            (foreign, ["not a Huddle store", "application 305419896", "version 1"]),
            (newer, ["version 2", "version 1"]),
        ] {
            let before = try Data(contentsOf: file)
            let failure = #expect(throws: StoreFailure.self) {
                _ = try SQLiteStore(path: file.path)
            }
            guard case .unusable(let why) = failure else {
                Issue.record("\(file.lastPathComponent): \(String(describing: failure))")
                continue
            }
            for word in words { #expect(why.contains(word), "\(why)") }
            #expect(try Data(contentsOf: file) == before, "\(file.lastPathComponent) was changed")
        }
    }

    @Test("a directory that does not exist is unavailable")
    func noDirectory() throws {
        let directory = try StoreDirectory()
        let failure = #expect(throws: StoreFailure.self) {
            _ = try SQLiteStore(path: directory.path + "/none/state.db")
        }
        #expect(failure.map(isUnavailable) == true)
    }

    @Test("calls after the store was closed say so")
    func closed() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        try await store.close()
        await #expect(throws: StoreFailure.unavailable("\(directory.file) was closed")) {
            _ = try await store.transact([.put(key: "k", value: [1])])
        }
    }

    @Test("a transaction past a limit changes nothing")
    func limits() async throws {
        let directory = try StoreDirectory()
        var limits = StoreLimits.standard
        limits.keyBytes = 10
        limits.valueBytes = 100
        limits.changes = 4
        limits.transactionBytes = 250
        let store = try SQLiteStore(path: directory.file, limits: limits)
        let small = StoreChange.put(key: "k", value: [1])
        let half = StoreChange.put(key: "h", value: [UInt8](repeating: 1, count: 100))
        let cases: [[StoreChange]] = [
            [small, .put(key: "longer than ten", value: [])],
            [small, .put(key: "k", value: [UInt8](repeating: 1, count: 101))],
            [small, small, small, small, small],
            [half, half, half],
        ]
        for changes in cases {
            let failure = await #expect(throws: StoreFailure.self) {
                _ = try await store.transact(changes)
            }
            #expect(failure.map(isUnavailable) == true)
        }
        #expect(try await store.revision() == .zero)
        #expect(try await store.entries(withPrefix: "") == [])
        try await store.close()
    }

    @Test("what is put and deleted for ever does not make the file grow for ever")
    func growth() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        let value = [UInt8](repeating: 7, count: 10_000)
        for number in 0..<1_200 {
            _ = try await store.transact([.put(key: "event/\(number)", value: value)])
        }
        for start in stride(from: 0, to: 1_200, by: 100) {
            _ = try await store.transact(
                (start..<start + 100).map { .delete(key: "event/\($0)") })
        }
        for _ in 0..<40 { _ = try await store.transact([.put(key: "k", value: [1])]) }
        try await store.close()
        #expect(size(of: directory.file) < 2_500_000, "\(size(of: directory.file))")
    }

    /// Makes a store, then writes `bytes` over its header at `offset`.
    private static func makeStore(
        at file: URL, patching offset: Int, with bytes: [UInt8]
    ) async throws {
        let store = try SQLiteStore(path: file.path)
        _ = try await store.transact([.put(key: "k", value: [1])])
        try await store.close()
        var data = try Data(contentsOf: file)
        data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        try data.write(to: file)
    }
}

/// Whether the store is said to be unavailable rather than unusable.
func isUnavailable(_ error: any Error) -> Bool {
    guard let failure = error as? StoreFailure, case .unavailable = failure else { return false }
    return true
}
