import Glibc
import HostIO
import Testing

/// Files where others may write too: here somebody puts links in every place.
@Suite(.enabled(if: geteuid() == 0, "only root may give files to other groups"))
final class SharedFileTests {
    private let directory = "/tmp/huddle-test-shared-file-\(UInt32.random(in: 0...UInt32.max))"
    private let group: UInt32 = 1 << 30 | 7

    init() throws { try HostFile.makeDirectory(directory) }

    deinit { try? HostFile.remove(directory) }

    /// `F_OFD_SETLK`, which the C library's Swift names lack.
    /// - Source: Linux, include/uapi/asm-generic/fcntl.h.
    private static let setLock: Int32 = 37

    @Test(
        "a lock of an open file is seen for as long as it is held", arguments: [F_RDLCK, F_WRLCK])
    func locks(kind: Int32) async throws {
        let path = directory + "/disk"
        #expect(try await SharedFile.look(at: path) == .missing)
        try HostFile.replace(path, with: Array("some bytes".utf8))
        #expect(try await SharedFile.look(at: path) == .file(isLocked: false))
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        var lock = flock()
        lock.l_type = Int16(kind)
        // Where QEMU has its locks: one byte, far behind the end.
        lock.l_start = 201
        lock.l_len = 1
        #expect(fcntl(descriptor, Self.setLock, &lock) == 0)
        #expect(try await SharedFile.look(at: path) == .file(isLocked: true))
        close(descriptor)
        #expect(try await SharedFile.look(at: path) == .file(isLocked: false))
    }

    @Test func whatIsPublishedIsWholeAndItsGroups() async throws {
        let path = directory + "/disk"
        let content: [UInt8] = Array(repeating: 7, count: 200_000)
        #expect(try await SharedFile.publish(content, as: path, group: group, mode: 0o660))
        #expect(try HostFile.read(path) == content)
        let status = try #require(HostFile.status(of: path))
        #expect(status.group == group && status.permissions == 0o660)
        #expect(try HostFile.names(in: directory) == ["disk"])
    }

    /// What a host that was slow makes in the end must not be put in the place of what another one made and uses.
    @Test func nothingThatIsThereIsReplaced() async throws {
        let path = directory + "/disk"
        try HostFile.replace(path, with: [1])
        #expect(try await !SharedFile.publish([2], as: path, group: group, mode: 0o660))
        #expect(try HostFile.read(path) == [1])
        #expect(symlink(directory + "/elsewhere", directory + "/link") == 0)
        #expect(
            try await !SharedFile.publish(
                [2], as: directory + "/link", group: group, mode: 0o660))
        #expect(try HostFile.names(in: directory) == ["disk", "link"])
    }

    @Test func noLinkIsFollowed() async throws {
        let (precious, link) = (directory + "/precious", directory + "/link")
        try HostFile.replace(precious, with: [1], mode: 0o600)
        #expect(symlink(precious, link) == 0)
        #expect(try await SharedFile.look(at: link) == .noFile)
        #expect(try await SharedFile.look(at: directory) == .noFile)
        await #expect(throws: FileFailure.self) {
            try await SharedFile.give(link, to: self.group, mode: 0o666)
        }
        #expect(HostFile.status(of: precious)?.permissions == 0o600)
        #expect(HostFile.status(of: precious)?.group == 0)
        try await SharedFile.give(precious, to: group, mode: 0o660)
        #expect(HostFile.status(of: precious)?.permissions == 0o660)
        #expect(HostFile.status(of: precious)?.group == group)
    }
}
