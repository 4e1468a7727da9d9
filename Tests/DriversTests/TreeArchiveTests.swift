import FoundationEssentials
import HostIO
import Testing

@testable import Drivers

/// What is written is read by tar as it was meant.
@Suite struct TreeArchiveTests {
    private static let stamp = TreeEntry.Stamp(file: .init(device: 1, inode: 1), changed: 0)

    private static func entry(
        _ path: String, _ kind: TreeEntry.Kind, size: UInt64 = 0, mode: UInt32 = 0o644,
        user: UInt32 = 0, seconds: Int64 = 1_000_000_000, nanoseconds: Int64 = 0,
        destination: String = "", attributes: [TreeEntry.Attribute] = [],
        device: UInt64 = 0
    ) -> TreeEntry {
        TreeEntry(
            path: Array(path.utf8), kind: kind, stamp: stamp, size: size, mode: mode, user: user,
            modified: .init(seconds: seconds, nanoseconds: nanoseconds),
            device: .init(number: device), destination: Array(destination.utf8),
            attributes: attributes)
    }

    private static func listed(_ archive: [UInt8]) async throws -> [String] {
        let outcome = try await Tool.run(
            "/usr/bin/env",
            [
                "TZ=UTC", "tar", "--numeric-owner", "--full-time", "--quoting-style=escape", "-tvf",
                "-",
            ],
            input: archive + TreeArchive.end)
        try #require(outcome.status.isSuccess, "\(outcome.complaint)")
        return outcome.text.split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
    }

    @Test func everyKindIsRead() async throws {
        let long = String(repeating: "long/", count: 60) + "ü\n"
        var archive = TreeArchive.head(of: Self.entry("", .directory, mode: 0o1777))
        archive += TreeArchive.head(
            of: Self.entry("a b", .file, size: 3, mode: 0o4755, user: 4_000_000_000))
        archive += Array("abc".utf8) + TreeArchive.padding(after: 3)
        archive += TreeArchive.head(
            of: Self.entry(long, .file, nanoseconds: 5))
        archive += TreeArchive.head(
            of: Self.entry("other", .file, size: 3), sameAs: Array("a b".utf8))
        archive += TreeArchive.head(of: Self.entry("link", .link, mode: 0o777, destination: "/x y"))
        archive += TreeArchive.head(of: Self.entry("fifo", .fifo))
        archive += TreeArchive.head(of: Self.entry("zero", .character, device: 1 << 8 | 5))
        archive += TreeArchive.head(of: Self.entry("disk", .block, device: 259 << 8 | 1))
        let since = "2001-09-09 01:46:40"
        let expected = [
            "drwxrwxrwt 0/0 0 \(since) ./",
            "-rwsr-xr-x 4000000000/0 3 \(since) ./a b",
            "-rw-r--r-- 0/0 0 \(since).000000005 ./" + String(repeating: "long/", count: 60)
                + "ü\\n",
            "hrw-r--r-- 0/0 0 \(since) ./other link to ./a b",
            "lrwxrwxrwx 0/0 0 \(since) ./link -> /x y",
            "prw-r--r-- 0/0 0 \(since) ./fifo",
            "crw-r--r-- 0/0 1,5 \(since) ./zero",
            "brw-r--r-- 0/0 259,1 \(since) ./disk",
        ]
        let listed = try await Self.listed(archive)
        #expect(listed.count == expected.count)
        for (listed, expected) in zip(listed, expected) { #expect(listed == expected) }
    }

    @Test func contentFillsBlocks() {
        #expect(TreeArchive.padding(after: 0).isEmpty && TreeArchive.padding(after: 512).isEmpty)
        #expect(TreeArchive.padding(after: 1).count == 511)
        #expect(TreeArchive.head(of: Self.entry("f", .file)).count % 512 == 0)
    }

    /// Attributes may hold any bytes, and more than a block of them; access lists are attributes.
    @Test func attributesAreRead() async throws {
        let place = FileManager.default.temporaryDirectory.path() + "huddle-archive-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try HostFile.makeDirectory(place)
        let attributes = [
            TreeEntry.Attribute(name: Array("user.k".utf8), value: Array("a\0=b\n".utf8)),
            TreeEntry.Attribute(
                name: Array("user.large".utf8), value: [UInt8](repeating: 7, count: 2_000)),
            // rw- for its owner, rwx for user 1234, r-- for its group, rwx at most, r-- for others.
            TreeEntry.Attribute(
                name: Array("system.posix_acl_access".utf8),
                value: [2, 0, 0, 0] + Self.access(1, 6) + Self.access(2, 7, 1_234)
                    + Self.access(4, 4)
                    + Self.access(16, 7) + Self.access(32, 4)),
        ]
        let archive = TreeArchive.head(
            of: Self.entry(
                "f", .file, mode: 0o674, seconds: -2, nanoseconds: 500_000_000,
                attributes: attributes))
        let outcome = try await Tool.run(
            "/usr/bin/env", ["tar"] + PodmanDriver.passOptions + ["-C", place, "-xpf", "-"],
            input: archive + TreeArchive.end)
        try #require(outcome.status.isSuccess, "\(outcome.complaint)")
        let reader = TreeReader(place)
        _ = try await reader.next()
        let entry = try #require(try await reader.next())
        #expect(Set(entry.attributes) == Set(attributes) && entry.mode == 0o674)
        // Half a second after 23:59:58 of the day before all.
        #expect(entry.modified == .init(seconds: -2, nanoseconds: 500_000_000))
    }

    private static func access(_ tag: UInt8, _ bits: UInt8, _ id: UInt32 = .max) -> [UInt8] {
        [tag, 0, bits, 0] + (0..<4).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) }
    }
}
