import Glibc

/// Files in a directory where others than this host may write too.
///
/// Whoever may do that can put a link in any place at any moment. So nothing here follows one, what is looked at is what
/// is changed, and nothing that is there is replaced.
package enum SharedFile {
    /// What is found at a path.
    package enum Look: Hashable, Sendable {
        case missing
        /// A link, a directory or a device.
        case noFile
        /// - Parameter isLocked: whether another process holds a lock on any byte of it, here or on a host that has the
        ///   same file system mounted. One without locks for its hosts knows of none but this host's.
        case file(isLocked: Bool)
    }

    /// Looks at what is at `path`.
    /// - Source: fcntl(2), `F_GETLK`, which tells of locks of open files too.
    package static func look(at path: String) async throws(FileFailure) -> Look {
        try await SlowCalls.run(on: path, by: SlowCalls.elsewhere) {
            () throws(FileFailure) -> Look in
            guard let place = try Place(path) else { return .missing }
            defer { place.close() }
            guard place.isFile else { return .noFile }
            let descriptor = try place.open(O_RDWR)
            defer { Glibc.close(descriptor) }
            var lock = flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_whence = Int16(SEEK_SET)
            guard fcntl(descriptor, F_GETLK, &lock) == 0 else { throw FileFailure("fcntl", path) }
            return .file(isLocked: lock.l_type != Int16(F_UNLCK))
        }
    }

    /// Gives the file to `group`, with these rights, where it is not so already; its user stays.
    package static func give(
        _ path: String, to group: UInt32, mode: UInt32
    ) async throws(FileFailure) {
        try await SlowCalls.run(on: path, by: SlowCalls.elsewhere) { () throws(FileFailure) in
            guard let place = try Place(path), place.isFile else {
                throw FileFailure("open", path, code: ENOENT)
            }
            defer { place.close() }
            guard place.status.st_gid != group || place.status.st_mode & 0o7777 != mode else {
                return
            }
            let descriptor = try place.open(O_RDONLY)
            defer { Glibc.close(descriptor) }
            try give(descriptor, path, to: group, mode: mode)
        }
    }

    /// Makes the file with this content, whole at once and for good; false where something was there by then, which
    /// stays.
    package static func publish(
        _ content: [UInt8], as path: String, group: UInt32, mode: UInt32
    ) async throws(FileFailure) -> Bool {
        var random = KernelRandom()
        let next = path + "." + String(random.next(), radix: 36)
        return try await SlowCalls.run(on: path, by: SlowCalls.elsewhere) {
            () throws(FileFailure) -> Bool in
            let descriptor = Glibc.open(
                next, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw FileFailure("create", next) }
            defer {
                Glibc.close(descriptor)
                unlink(next)
            }
            try HostFile.write(content, to: descriptor, path: next)
            try give(descriptor, next, to: group, mode: mode)
            guard fsync(descriptor) == 0 else { throw FileFailure("fsync", next) }
            // The file server says whether the name is free; what this host remembers of it may be old.
            guard link(next, path) == 0 else {
                if errno == EEXIST { return false }
                throw FileFailure("link", path)
            }
            try HostFile.synchronizeDirectory(of: path)
            return true
        }
    }

    private static func give(
        _ descriptor: Int32, _ path: String, to group: UInt32, mode: UInt32
    ) throws(FileFailure) {
        guard fchown(descriptor, UInt32.max, group) == 0 else { throw FileFailure("chown", path) }
        guard fchmod(descriptor, mode_t(mode)) == 0 else { throw FileFailure("chmod", path) }
    }

    /// What is at a path, held, so that nothing else can take its place before it is opened.
    private struct Place {
        let path: String
        let descriptor: Int32
        let status: stat

        /// `nil` where nothing is.
        init?(_ path: String) throws(FileFailure) {
            let descriptor = Glibc.open(path, LinuxCalls.holdsPlace | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else {
                if errno == ENOENT { return nil }
                throw FileFailure("open", path)
            }
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                let failure = FileFailure("fstat", path)
                Glibc.close(descriptor)
                throw failure
            }
            self.path = path
            self.descriptor = descriptor
            self.status = status
        }

        var isFile: Bool { status.st_mode & S_IFMT == S_IFREG }

        func open(_ flags: Int32) throws(FileFailure) -> Int32 {
            let opened = Glibc.open("/proc/self/fd/\(descriptor)", flags | O_CLOEXEC)
            guard opened >= 0 else { throw FileFailure("open", path) }
            return opened
        }

        func close() { Glibc.close(descriptor) }
    }
}
