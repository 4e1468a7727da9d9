import Glibc

/// Files found by the SHA-256 of their content, in one directory; what is on it is whole.
///
/// A file is received in pieces into a temporary name, checked, made durable and only then given its name, so
/// that a crash leaves either the whole file or one that the next start sweeps away.
package struct Shelf: Sendable {
    package let directory: String

    /// Opens the shelf, making its directory where it does not exist, and sweeps what was left unfinished.
    package init(directory: String) throws(ShelfFailure) {
        self.directory = directory
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
            throw ShelfFailure("cannot make \(directory)", errno: errno)
        }
        for name in try names() where name.hasPrefix(Self.unfinished) {
            unlink("\(directory)/\(name)")
        }
    }

    private static let unfinished = "receiving-"

    /// Where the file with `digest` is or would be.
    package func path(of digest: String) -> String { "\(directory)/\(digest)" }

    /// Whether the whole file is here.
    package func has(_ digest: String) -> Bool { access(path(of: digest), R_OK) == 0 }

    /// Digests of everything here, in ascending order.
    package func digests() throws(ShelfFailure) -> [String] {
        try names().filter { $0.utf8.count == 64 }.sorted()
    }

    /// Removes a file; one that is not here is no failure.
    package func remove(_ digest: String) { unlink(path(of: digest)) }

    /// Begins to receive a file whose digest is learnt on the way.
    package func receive() throws(ShelfFailure) -> ShelfWriter { try ShelfWriter(shelf: self) }

    /// Opens a file to be read in pieces.
    package func open(_ digest: String) throws(ShelfFailure) -> ShelfReader {
        let descriptor = Glibc.open(path(of: digest), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ShelfFailure("cannot read \(digest)", errno: errno) }
        return ShelfReader(descriptor: descriptor)
    }

    private func names() throws(ShelfFailure) -> [String] {
        guard let handle = opendir(directory) else {
            throw ShelfFailure("cannot list \(directory)", errno: errno)
        }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    /// A name that no other file on its way has.
    static func temporary(in directory: String) -> String {
        "\(directory)/\(unfinished)\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }
}

/// Why a file could not be kept or read.
package struct ShelfFailure: Error, Hashable, Sendable {
    package let message: String
    /// Whether the disk is full.
    package let isFull: Bool

    package init(_ message: String) {
        self.message = message
        isFull = false
    }

    init(_ message: String, errno code: Int32) {
        self.message = "\(message): \(String(cString: strerror(code)))"
        isFull = code == ENOSPC || code == EDQUOT
    }
}
