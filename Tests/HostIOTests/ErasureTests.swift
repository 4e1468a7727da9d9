import Glibc
import HostIO
import Testing

/// What is removed without waiting for the room it took.
@Suite(.timeLimit(.minutes(1))) struct ErasureTests {
    private let root = "/tmp/huddle-test-erasure-\(UInt32.random(in: 0...UInt32.max))"

    @Test func namesAreGoneAtOnceAndTheRoomInTheEnd() async throws {
        try HostFile.makeDirectory(root + "/outside")
        defer { try? HostFile.remove(root) }
        try HostFile.replace(root + "/outside/kept", with: [1], lasting: false)
        try HostFile.makeDirectory(root + "/vm/run")
        // More than is freed where it is removed.
        let large = [UInt8](repeating: 7, count: 24 << 20)
        try HostFile.replace(root + "/vm/run/disk", with: large, lasting: false)
        try HostFile.replace(root + "/vm/run/shared", with: large, lasting: false)
        try HostFile.link(root + "/vm/run/shared", as: root + "/outside/shared")
        try HostFile.replace(root + "/vm/small", with: [2], lasting: false)
        #expect(symlink(root + "/outside", root + "/vm/link") == 0)
        try await HostFile.eraseNames(root + "/vm")
        #expect(!HostFile.exists(root + "/vm"))
        // Whatever is held on to is let go, and no link was followed.
        while try isHeld(root + "/vm") { await Task.yield() }
        #expect(try HostFile.names(in: root + "/outside") == ["kept", "shared"])
        #expect(HostFile.status(of: root + "/outside/shared")?.size == UInt64(large.count))
        // What is not there is gone.
        try await HostFile.eraseNames(root + "/vm")
    }

    /// Whether this process has a file open whose name was below `path`.
    private func isHeld(_ path: String) throws -> Bool {
        try HostFile.names(in: "/proc/self/fd").contains { name in
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/" + name, &target, target.count)
            let bytes = target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
            return String(decoding: bytes, as: UTF8.self).hasPrefix(path + "/")
        }
    }
}
