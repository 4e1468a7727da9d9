import Foundation
import Glibc
import HostIO
import Testing

@Suite struct PermissionTests {
    /// In a process of its own, because the mask is the whole process's.
    @Test("directories and files have the mode they were asked for, whatever the mask")
    func underAMask() async {
        await #expect(processExitsWith: .success) {
            umask(0o077)
            let root = FileManager.default.temporaryDirectory.path() + "/mode-\(getpid())"
            defer { try? FileManager.default.removeItem(atPath: root) }
            try HostFile.makeDirectory(root + "/a/b", mode: 0o711)
            try HostFile.replace(root + "/file", with: [1], mode: 0o644)
            for path in [root, root + "/a", root + "/a/b"] {
                try #require(HostFile.status(of: path)?.permissions == 0o711)
            }
            try #require(HostFile.status(of: root + "/file")?.permissions == 0o644)
        }
    }
}
