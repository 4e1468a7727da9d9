import Glibc

extension HostFile {
    /// Gives the file a second name in its file system; it is gone once both are.
    package static func link(_ path: String, as other: String) throws(FileFailure) {
        guard Glibc.link(path, other) == 0 else { throw FileFailure("link", path) }
    }

    /// Makes a link at `path` that leads to `target`; what was there is gone.
    package static func lead(_ path: String, to target: String) async throws(FileFailure) {
        try await erase(path)
        guard symlink(target, path) == 0 else { throw FileFailure("symlink", path) }
    }

    /// The same path without links in it, from the root on.
    package static func resolved(_ path: String) throws(FileFailure) -> String {
        guard let found = realpath(path, nil) else { throw FileFailure("realpath", path) }
        defer { free(found) }
        return String(cString: found)
    }

    /// Whether both paths are names of one file; links are not followed.
    package static func areSame(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard lstat(path, &first) == 0, lstat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Whether there is a file of bytes at `path`, and no link to one.
    package static func isPlain(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Waits until the names in `directory` are on the disk.
    package static func synchronize(_ directory: String) async throws(FileFailure) {
        let device = try await FileSystem.device(of: directory)
        try await SlowCalls.run(on: directory, by: SlowCalls.flushes(of: device, whole: false)) {
            () throws(FileFailure) in
            let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileFailure("open", directory) }
            defer { close(descriptor) }
            guard fsync(descriptor) == 0 else { throw FileFailure("fsync", directory) }
        }
    }
}
