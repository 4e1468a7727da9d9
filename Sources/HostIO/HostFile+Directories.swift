import Glibc

extension HostFile {
    /// Makes the directory and its missing parents, each with `mode`, whatever the process's mask is; one that
    /// exists is left as it is.
    package static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(FileFailure) {
        if mkdir(path, mode_t(mode)) == 0 { return try setPermissions(mode, of: path) }
        if errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw FileFailure("mkdir", path)
        }
        try makeDirectory(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else {
            throw FileFailure("mkdir", path)
        }
        try setPermissions(mode, of: path)
    }

    /// Names of what is in the directory, in ascending order; none when there is no such directory.
    package static func names(in directory: String) throws(FileFailure) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw FileFailure("opendir", directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes the file or the directory with all that is in it; links are removed, never followed.
    package static func remove(_ path: String) throws(FileFailure) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw FileFailure("unlink", path) }
        for name in try names(in: path) { try remove(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw FileFailure("rmdir", path) }
    }

    /// The nearest directory above `path` that only its owners may pass; `nil` when there is none.
    package static func closedDirectory(above path: String) async throws(FileFailure) -> String? {
        try await SlowCalls.run(on: path, by: SlowCalls.elsewhere) {
            () throws(FileFailure) -> String? in
            var parent = path
            while let slash = parent.lastIndex(of: "/"), slash != parent.startIndex {
                parent = String(parent[..<slash])
                if let above = status(of: parent), above.permissions & 0o001 == 0 { return parent }
            }
            return nil
        }
    }
}
