import Glibc
import HostIO
import Testing

/// Whether somebody has a file open, as far as locks tell.
@Suite struct LockTests {
    /// `F_OFD_SETLK`, which the C library's Swift names lack.
    /// - Source: Linux, include/uapi/asm-generic/fcntl.h.
    private static let setLock: Int32 = 37

    @Test(
        "a lock of an open file is seen for as long as it is held", arguments: [F_RDLCK, F_WRLCK])
    func seen(kind: Int32) async throws {
        let path = "/tmp/huddle-test-lock-\(UInt32.random(in: 0...UInt32.max))"
        try HostFile.replace(path, with: Array("some bytes".utf8))
        defer { unlink(path) }
        #expect(try await !HostFile.isLocked(path))
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        var lock = flock()
        lock.l_type = Int16(kind)
        // Where QEMU has its locks: one byte, far behind the end.
        lock.l_start = 201
        lock.l_len = 1
        #expect(fcntl(descriptor, Self.setLock, &lock) == 0)
        #expect(try await HostFile.isLocked(path))
        close(descriptor)
        #expect(try await !HostFile.isLocked(path))
    }

    @Test func aLinkIsNotFollowed() async throws {
        let path = "/tmp/huddle-test-lock-\(UInt32.random(in: 0...UInt32.max))"
        #expect(symlink("/etc/hostname", path) == 0)
        defer { unlink(path) }
        await #expect(throws: FileFailure.self) { _ = try await HostFile.isLocked(path) }
    }
}
