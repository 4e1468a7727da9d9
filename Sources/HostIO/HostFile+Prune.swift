import Glibc

extension HostFile {
    /// Removes whatever is below `root` and not in `kept`, by its path from there, or is of another kind there; links are
    /// removed, never followed.
    ///
    /// Directories that stay lose their attributes: what is made in one that has a default access list would have it too.
    package static func prune(
        _ root: String, keeping kept: [[UInt8]: TreeEntry.Kind]
    ) async throws(FileFailure) {
        try await SlowCalls.run(on: root) { () throws(FileFailure) in
            try prune(try OpenDirectory(at: root), keeping: kept)
        }
    }

    private static func prune(
        _ directory: borrowing OpenDirectory, keeping kept: [[UInt8]: TreeEntry.Kind]
    ) throws(FileFailure) {
        try Attributes.remove(of: directory.descriptor, directory.path)
        for name in try directory.names() {
            let path = directory.pathOf(name)
            guard let kind = try directory.status(of: name)?.kind, kept[path] == kind else {
                try remove(name, in: directory)
                continue
            }
            guard kind == .directory else { continue }
            try prune(try OpenDirectory(name, in: directory, path: path), keeping: kept)
        }
    }

    private static func remove(
        _ name: OpenDirectory.Name, in directory: borrowing OpenDirectory
    ) throws(FileFailure) {
        if unlinkat(directory.descriptor, name, 0) == 0 || errno == ENOENT { return }
        let path = directory.pathOf(name)
        guard errno == EISDIR || errno == EPERM else {
            throw FileFailure("unlink", OpenDirectory.told(path))
        }
        let below = try OpenDirectory(name, in: directory, path: path)
        for name in try below.names() { try remove(name, in: below) }
        guard unlinkat(directory.descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw FileFailure("rmdir", OpenDirectory.told(path))
        }
    }

    /// Names of what is in the directory at `path` below `root`; `nil` where there is none. No link is followed.
    package static func names(
        below root: String, at path: [UInt8]
    ) async throws(FileFailure) -> [[UInt8]]? {
        try await SlowCalls.run(on: root) { () throws(FileFailure) -> [[UInt8]]? in
            var directory = try OpenDirectory(at: root)
            for part in path.split(separator: UInt8(ascii: "/")) {
                let name = part.map { CChar(bitPattern: $0) } + [0]
                guard try directory.status(of: name)?.kind == .directory else { return nil }
                directory = try OpenDirectory(
                    name, in: directory, path: directory.pathOf(name))
            }
            return try directory.names().map { $0.dropLast().map { UInt8(bitPattern: $0) } }
        }
    }
}
