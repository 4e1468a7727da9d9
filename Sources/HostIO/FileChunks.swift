import Glibc

/// A large file read or written piece by piece, off the tasks' own threads, as disks may take their
/// time.
package final class FileChunks: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Bytes of one piece.
    package static let size = 256 << 10

    /// Opens the file for reading from its start; `trusted` is false where another user may have
    /// put a link there.
    package init(reading path: String, trusted: Bool = true) throws(FileFailure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | (trusted ? 0 : O_NOFOLLOW | O_NONBLOCK))
        guard descriptor >= 0 else { throw FileFailure("open", path) }
    }

    /// Opens the file for writing, readable by nobody else: empty, or at the end of what is in it.
    package init(writing path: String, appending: Bool = false) throws(FileFailure) {
        self.path = path
        let way = appending ? O_APPEND : O_CREAT | O_TRUNC
        descriptor = open(path, O_WRONLY | way | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure("create", path) }
    }

    deinit { close(descriptor) }

    /// The next bytes of the file, at most `limit`; `nil` at its end.
    package func next(limit: Int = FileChunks.size) async throws(FileFailure) -> [UInt8]? {
        try await SlowCalls.run(on: path) { [self] () throws(FileFailure) -> [UInt8]? in
            var (outcome, reason) = (0, Int32(0))
            let bytes = [UInt8](unsafeUninitializedCapacity: min(limit, Self.size)) {
                buffer, filled in
                repeat {
                    outcome = read(descriptor, buffer.baseAddress, buffer.count)
                    reason = errno
                } while outcome < 0 && reason == EINTR
                filled = max(0, outcome)
            }
            guard outcome >= 0 else {
                errno = reason
                throw FileFailure("read", path)
            }
            return bytes.isEmpty ? nil : bytes
        }
    }

    /// Starts the next read at `offset`.
    package func seek(to offset: UInt64) { lseek(descriptor, off_t(clamping: offset), SEEK_SET) }

    /// Size of the file now.
    package var length: UInt64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return 0 }
        return UInt64(max(0, status.st_size))
    }

    package func append(_ bytes: [UInt8]) async throws(FileFailure) {
        try await SlowCalls.run(on: path) { [self] () throws(FileFailure) in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw FileFailure("write", path) }
                rest = rest.dropFirst(count)
            }
        }
    }
}
