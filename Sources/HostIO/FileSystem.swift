import CLinux
import Glibc

/// What a path's file system is asked for as a whole.
package enum FileSystem {
    /// Writes all that is not yet on the disk of the file system that `path` is on.
    ///
    /// From then on a page that a program has mapped and goes on writing to is noted once more, as a change of its file.
    /// - Source: Linux, mm/memory.c, `do_page_mkwrite`: the first write to a clean page asks the file system, which sets the
    ///   file's times (ext4, XFS and btrfs do; tmpfs does not).
    package static func flush(_ path: String) async throws(FileFailure) {
        try await flush(path, on: try await device(of: path))
    }

    private static func flush(_ path: String, on device: dev_t) async throws(FileFailure) {
        try await SlowCalls.run(on: path, by: SlowCalls.flushes(of: device, whole: true)) {
            () throws(FileFailure) in
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileFailure("open", path) }
            defer { close(descriptor) }
            guard syncfs(descriptor) == 0 else { throw FileFailure("syncfs", path) }
        }
    }

    /// The same of every file system that one of `paths` is on, once each.
    package static func flush(eachOf paths: [String]) async throws(FileFailure) {
        var done: Set<dev_t> = []
        for path in paths {
            let device = try await device(of: path)
            if done.insert(device).inserted { try await flush(path, on: device) }
        }
    }

    static func device(of path: String) async throws(FileFailure) -> dev_t {
        try await SlowCalls.run(on: path) { () throws(FileFailure) -> dev_t in
            var status = stat()
            guard stat(path, &status) == 0 else { throw FileFailure("stat", path) }
            return status.st_dev
        }
    }

    /// Whether files' times tell of every change to them, of mapped memory too.
    package static func notesEveryChange(at path: String) throws(FileFailure) -> Bool {
        var status = statfs()
        guard statfs(path, &status) == 0 else { throw FileFailure("statfs", path) }
        // - Source: linux/magic.h: ext2 to ext4, XFS and btrfs.
        return [0xEF53, 0x5846_5342, 0x9123_683E].contains(Int(status.f_type))
    }
}
