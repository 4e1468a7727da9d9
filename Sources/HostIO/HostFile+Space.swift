package import ClusterModel
import Glibc

extension HostFile {
    /// What may still be written to the file system that `path` is on.
    package static func freeSpace(at path: String) throws(FileFailure) -> Bytes {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw FileFailure("statvfs", path) }
        return Bytes(UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// How long ago the file at `path` was last written to; `nil` when there is none.
    package static func age(of path: String) -> Duration? {
        var status = stat()
        var now = timespec()
        guard stat(path, &status) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0 else { return nil }
        return .seconds(now.tv_sec - status.st_mtim.tv_sec)
    }

    /// Gives the file another name in its file system; what had that name is gone.
    package static func move(_ path: String, to target: String) throws(FileFailure) {
        guard rename(path, target) == 0 else { throw FileFailure("rename", path) }
    }
}
