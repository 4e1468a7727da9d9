import ClusterModel
import Foundation
import Ports
import Store
import Testing

@Suite struct FullDiskTests {
    @Test(
        "a full disk refuses and keeps the old state; the store goes on when there is room again",
        .enabled(if: RAMDisk.isPossible, "mounting a tmpfs needs root and mount(8)"))
    func fullDisk() async throws {
        let disk = try RAMDisk(bytes: 1 << 20)
        let store = try SQLiteStore(path: disk.path + "/state.db")
        let refusedAt = try await Self.fill(store)
        // Room again: something else on the disk was removed.
        try disk.grow(to: 8 << 20)
        #expect(try await store.transact([.put(key: "after", value: [1])]) == refusedAt)
        try await store.close()
        let reopened = try SQLiteStore(path: disk.path + "/state.db")
        #expect(try await reopened.revision() == refusedAt)
        #expect(try await reopened.entries(withPrefix: "fill/").count == Int(refusedAt.number) - 1)
        try await reopened.close()
    }

    @Test("a file at its limit refuses and keeps the old state, and deleting makes room")
    func limitOfFile() async throws {
        let directory = try StoreDirectory()
        var limits = StoreLimits.standard
        limits.file = Bytes(400 * 1024)
        let store = try SQLiteStore(path: directory.file, limits: limits)
        let refusedAt = try await Self.fill(store)
        // Deleting makes room in the file.
        #expect(
            try await store.transact([.delete(key: "fill/1"), .delete(key: "fill/2")]) == refusedAt)
        #expect(try await store.transact([.put(key: "after", value: [1])]) == refusedAt.next)
        try await store.close()
        #expect(size(of: directory.file) <= 400 * 1024)
    }

    /// Writes until the store refuses; returns the revision that the refused transaction would have
    /// had.
    private static func fill(_ store: SQLiteStore) async throws -> Revision {
        let value = [UInt8](repeating: 9, count: 30_000)
        for number in UInt64(1)...100 {
            do {
                _ = try await store.transact([
                    .put(key: "fill/\(number)", value: value),
                    .put(key: "last", value: [UInt8(number)]),
                ])
            } catch {
                #expect(isUnavailable(error), "\(error)")
                #expect(try await store.revision() == Revision(number - 1))
                #expect(try await store.entries(withPrefix: "fill/").count == Int(number) - 1)
                #expect(try await store.entries(withPrefix: "last")[0].value == [UInt8(number - 1)])
                return Revision(number)
            }
        }
        Issue.record("the store was never full")
        return .zero
    }
}

/// A small file system of its own that can be filled.
private struct RAMDisk: ~Copyable {
    static let isPossible: Bool = {
        guard getuid() == 0, let probe = try? RAMDisk(bytes: 1 << 20) else { return false }
        return probe.path != ""
    }()

    let path: String

    init(bytes: Int) throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("huddle-disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        do {
            try run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", path])
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    deinit {
        try? run("/bin/umount", ["-l", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    func grow(to bytes: Int) throws {
        try run("/bin/mount", ["-o", "remount,size=\(bytes)", path])
    }
}

private func run(_ command: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw CocoaError(.fileWriteUnknown) }
}
