import Glibc

/// Small files and directories of this host: those of /proc, of cgroups, and the records of
/// drivers.
///
/// The calls block. That is no matter for files that the kernel keeps in memory; `replace` and
/// `remove` wait for a disk and are for the start of a process, `save` and `erase` for everywhere
/// else.
package enum HostFile {
    /// The content of the file at `path`, at most `HostIOLimits.smallFile` bytes.
    package static func read(_ path: String) throws(FileFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", path) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure("read", path) }
            guard count > 0 else { return content }
            content += buffer[..<count]
            guard content.count <= HostIOLimits.smallFile else {
                throw FileFailure("read", path, code: EFBIG)
            }
        }
    }

    /// The content as text.
    package static func text(_ path: String) throws(FileFailure) -> String {
        String(decoding: try read(path), as: UTF8.self)
    }

    /// Writes into a file that exists, in one call, as files of the kernel want it.
    package static func write(_ text: String, into path: String) throws(FileFailure) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", path) }
        defer { close(descriptor) }
        try write(Array(text.utf8), to: descriptor, path: path)
    }

    /// Puts `content` at `path` so that a reader, or a power cut, finds the old or the new file and
    /// nothing between.
    ///
    /// - Parameter lasting: whether a power cut is thought of; what means nothing after one does not wait for the disk.
    package static func replace(
        _ path: String, with content: [UInt8], mode: UInt32 = 0o600, lasting: Bool = true
    ) throws(FileFailure) {
        let next = path + ".new"
        let descriptor = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileFailure("create", next) }
        do throws(FileFailure) {
            defer { close(descriptor) }
            try write(content, to: descriptor, path: next)
            guard fchmod(descriptor, mode_t(mode)) == 0 else { throw FileFailure("chmod", next) }
            guard !lasting || fsync(descriptor) == 0 else { throw FileFailure("fsync", next) }
        } catch {
            unlink(next)
            throw error
        }
        guard rename(next, path) == 0 else { throw FileFailure("rename", next) }
        if lasting { try synchronizeDirectory(of: path) }
    }

    /// Whether anything is at `path`.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// What is known of the file at `path`, following links; `nil` when there is none.
    package static func status(of path: String) -> Status? {
        var raw = stat()
        guard stat(path, &raw) == 0 else { return nil }
        return Status(
            size: UInt64(max(0, raw.st_size)), user: raw.st_uid, group: raw.st_gid,
            permissions: raw.st_mode & 0o7777, isDirectory: raw.st_mode & S_IFMT == S_IFDIR,
            changed: Int64(raw.st_ctim.tv_sec) * 1_000_000_000 + Int64(raw.st_ctim.tv_nsec))
    }

    /// The part of a file's status that drivers ask for.
    package struct Status: Hashable, Sendable {
        package let size: UInt64
        package let user: UInt32
        package let group: UInt32
        package let permissions: UInt32
        package let isDirectory: Bool
        /// When its content or anything of the above last changed, in nanoseconds since 1970.
        package let changed: Int64
    }

    /// Where a symbolic link leads, as it says it.
    package static func destination(of link: String) throws(FileFailure) -> String {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &bytes, bytes.count)
        guard count >= 0 else { throw FileFailure("readlink", link) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    package static func setOwner(_ user: UInt32, of path: String) throws(FileFailure) {
        guard lchown(path, user, user) == 0 else { throw FileFailure("chown", path) }
    }

    package static func setPermissions(_ mode: UInt32, of path: String) throws(FileFailure) {
        guard chmod(path, mode) == 0 else { throw FileFailure("chmod", path) }
    }

    /// Cuts the file to nothing; who appends to it goes on at its start.
    package static func truncate(_ path: String) throws(FileFailure) {
        guard Glibc.truncate(path, 0) == 0 else { throw FileFailure("truncate", path) }
    }

    static func write(
        _ content: [UInt8], to descriptor: Int32, path: String
    ) throws(FileFailure) {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    static func synchronizeDirectory(of path: String) throws(FileFailure) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(
            directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure("fsync", directory) }
    }
}
