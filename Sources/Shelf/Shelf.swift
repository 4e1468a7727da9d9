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
        // VMs read images as users of their own, whatever mask the service was given.
        guard chmod(directory, 0o755) == 0 else {
            throw ShelfFailure("cannot open \(directory) to others", errno: errno)
        }
        for name in try names() where name.hasPrefix(Self.unfinished) {
            unlink("\(directory)/\(name)")
        }
    }

    private static let unfinished = "receiving-"

    /// Whether `name` is a SHA-256 in lower-case hexadecimal: nothing else ever becomes part of a path.
    ///
    /// Names come from peers; `../` in one would reach every file of the host.
    package static func isDigest(_ name: String) -> Bool {
        name.utf8.count == 64
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    /// Where the file with `digest` is or would be; the digest is one of an image that was checked.
    package func path(of digest: String) -> String {
        precondition(Self.isDigest(digest), "'\(digest)' is no digest")
        return "\(directory)/\(digest)"
    }

    /// Whether the whole file is here; `false` for what is no digest.
    package func has(_ digest: String) -> Bool {
        Self.isDigest(digest) && access(path(of: digest), R_OK) == 0
    }

    /// Digests of everything here, in ascending order.
    package func digests() throws(ShelfFailure) -> [String] {
        try names().filter(Self.isDigest).sorted()
    }

    /// Removes a file; one that is not here is no failure.
    package func remove(_ digest: String) {
        if Self.isDigest(digest) { unlink(path(of: digest)) }
    }

    /// Begins to receive a file whose digest is learnt on the way.
    package func receive() throws(ShelfFailure) -> ShelfWriter { try ShelfWriter(shelf: self) }

    /// Opens a file to be read in pieces.
    package func open(_ digest: String) throws(ShelfFailure) -> ShelfReader {
        guard Self.isDigest(digest) else { throw ShelfFailure("'\(digest)' is no digest") }
        let descriptor = Glibc.open(path(of: digest), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
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

    /// Makes the names in the directory durable; a file whose name is lost with the power is lost.
    func synchronize() throws(ShelfFailure) {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ShelfFailure("cannot open \(directory)", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw ShelfFailure("cannot synchronise \(directory)", errno: errno)
        }
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
