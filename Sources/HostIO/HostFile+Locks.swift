import Glibc

extension HostFile {
    /// Whether another process holds a lock on any byte of the file, here or on a host that shares its file system.
    ///
    /// A file system without locks for its hosts knows of none but this host's.
    /// - Source: fcntl(2), `F_GETLK`, which tells of locks of open files too.
    package static func isLocked(_ path: String) async throws(FileFailure) -> Bool {
        try await SlowCalls.run(on: path) { () throws(FileFailure) -> Bool in
            let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { throw FileFailure("open", path) }
            defer { close(descriptor) }
            var lock = flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_whence = Int16(SEEK_SET)
            guard fcntl(descriptor, F_GETLK, &lock) == 0 else { throw FileFailure("fcntl", path) }
            return lock.l_type != Int16(F_UNLCK)
        }
    }
}
