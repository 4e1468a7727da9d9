import Glibc
import HostIO
import Testing

/// Directories of others: their links lead out, and their names are any bytes.
final class TreeTests {
    private let place = "/tmp/huddle-test-tree-\(UInt32.random(in: 0...UInt32.max))"
    private var root: String { place + "/root" }

    init() throws { try HostFile.makeDirectory(place + "/root") }

    deinit { try? HostFile.remove(place) }

    @Test("all of it, directories first, and nothing that a link leads to")
    func reading() async throws {
        try HostFile.makeDirectory(place + "/outside")
        try HostFile.replace(place + "/outside/secret", with: [1])
        try HostFile.makeDirectory(root + "/b")
        try HostFile.replace(root + "/b/file", with: Array("content".utf8), mode: 0o640)
        try #require(link(root + "/b/file", root + "/a") == 0)
        try #require(symlink("../outside", root + "/out") == 0)
        try #require(mkfifo(root + "/fifo", 0o600) == 0)
        let socketLeftOut = root + "/socket"
        try listen(at: socketLeftOut)
        // No text.
        let odd: [CChar] = root.utf8CString.dropLast() + [0x2F, -1, 0x0A, 0]
        try #require(mkdir(odd, 0o700) == 0)
        let entries = try await read(TreeReader(root))
        #expect(
            entries.map(\.entry.path)
                == ["", "a", "b", "b/file", "fifo", "out"].map { Array($0.utf8) } + [[0xFF, 0x0A]])
        #expect(
            entries.map(\.entry.kind)
                == [.directory, .file, .directory, .file, .fifo, .link, .directory])
        #expect(
            entries[1].content == Array("content".utf8) && entries[3].content == entries[1].content)
        #expect(entries[1].entry.stamp == entries[3].entry.stamp && entries[1].entry.links == 2)
        #expect(entries[1].entry.mode == 0o640 && entries[1].entry.size == 7)
        #expect(entries[5].entry.destination == Array("../outside".utf8))
        #expect(HostFile.exists(socketLeftOut))
    }

    @Test(
        "a file that changes while it is read is not steady, and no more of it is read than it said"
    )
    func changing() async throws {
        let path = root + "/file"
        try HostFile.replace(path, with: [1, 2, 3])
        for change in ["none", "longer", "shorter"] {
            let reader = TreeReader(root)
            _ = try await reader.next()
            #expect(try await reader.next()?.size == 3)
            if change == "longer" { try HostFile.write("0123456789", into: path) }
            if change == "shorter" { try HostFile.truncate(path) }
            var count = 0
            while let bytes = try await reader.content() { count += bytes.count }
            #expect(count == (change == "shorter" ? 0 : 3))
            #expect(try await reader.isSteady() == (change == "none"), "\(change)")
            #expect(try await reader.next() == nil)
            try HostFile.replace(path, with: [1, 2, 3])
        }
    }

    @Test("what is not wanted is told, and not opened")
    func choosing() async throws {
        try HostFile.replace(root + "/no", with: [1])
        try HostFile.replace(root + "/yes", with: [2])
        let entries = try await read(TreeReader(root) { path, _ in path == Array("yes".utf8) })
        #expect(entries.map(\.content) == [[], [], [2]])
        #expect(entries[1].entry.size == 1)
    }

    @Test("what is not kept goes, and so does what is of another kind; links are not followed")
    func pruning() async throws {
        try HostFile.makeDirectory(place + "/outside")
        try HostFile.replace(place + "/outside/kept", with: [1])
        for directory in ["kept", "gone/deep", "file"] {
            try HostFile.makeDirectory(root + "/" + directory)
        }
        for file in ["kept/yes", "kept/no", "gone/deep/f", "file/f", "directory"] {
            try HostFile.replace(root + "/" + file, with: [1])
        }
        for link in ["link", "kept/link", "gone/link"] {
            try #require(symlink(place + "/outside", root + "/" + link) == 0)
        }
        let kept: [(String, TreeEntry.Kind)] = [
            ("kept", .directory), ("kept/yes", .file), ("kept/link", .link), ("file", .file),
            ("directory", .directory), ("link", .directory), ("link/kept", .file),
        ]
        try await HostFile.prune(
            root, keeping: Dictionary(uniqueKeysWithValues: kept.map { (Array($0.0.utf8), $0.1) }))
        #expect(try HostFile.names(in: root) == ["kept"])
        #expect(try HostFile.names(in: root + "/kept") == ["link", "yes"])
        #expect(try HostFile.names(in: place + "/outside") == ["kept"])
    }

    // MARK: -

    private func read(
        _ reader: TreeReader
    ) async throws -> [(entry: TreeEntry, content: [UInt8])] {
        var entries: [(entry: TreeEntry, content: [UInt8])] = []
        while let entry = try await reader.next() {
            var content: [UInt8] = []
            while let bytes = try await reader.content() { content += bytes }
            entries.append((entry, content))
        }
        return entries
    }

    private func listen(at path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            for (index, byte) in path.utf8.enumerated() { field[index] = byte }
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }
}
