package import ClusterModel
import Crypto
import Glibc

/// A file on its way to a shelf; it is dropped unless `finish` is reached.
///
/// One task writes it, piece after piece.
package final class ShelfWriter {
    private let shelf: Shelf
    private var descriptor: Int32
    private let temporary: String
    private var hash = SHA256()
    private var count: UInt64 = 0
    private var isFinished = false

    init(shelf: Shelf) throws(ShelfFailure) {
        self.shelf = shelf
        temporary = Shelf.temporary(in: shelf.directory)
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ShelfFailure("cannot write in \(shelf.directory)", errno: errno)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isFinished { unlink(temporary) }
    }

    /// Appends `bytes`.
    package func write(_ bytes: some Collection<UInt8>) throws(ShelfFailure) {
        let piece = Array(bytes)
        hash.update(data: piece)
        count += UInt64(piece.count)
        var start = 0
        while start < piece.count {
            let written = piece.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: start), piece.count - start)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw ShelfFailure("cannot write to \(shelf.directory)", errno: errno)
            }
            start += written
        }
    }

    /// Makes the file durable and gives it its name.
    /// - Parameter expected: the digest it has to have; `nil` accepts any.
    package func finish(expecting expected: String? = nil) throws(ShelfFailure) -> (
        digest: String, size: Bytes
    ) {
        let digest = hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
        if let expected, expected != digest {
            throw ShelfFailure("the content is not what its name \(expected) says: it is \(digest)")
        }
        guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else {
            throw ShelfFailure("cannot finish a file in \(shelf.directory)", errno: errno)
        }
        guard rename(temporary, shelf.path(of: digest)) == 0 else {
            throw ShelfFailure("cannot name a file in \(shelf.directory)", errno: errno)
        }
        isFinished = true
        try shelf.synchronize()
        return (digest, Bytes(count))
    }
}

/// A file of a shelf that is read in pieces; one task reads it.
package final class ShelfReader {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The next bytes, at most `limit`; `nil` at the end.
    package func next(atMost limit: Int) throws(ShelfFailure) -> [UInt8]? {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let got = Glibc.read(descriptor, buffer.baseAddress, limit)
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        guard failure == 0 else { throw ShelfFailure("cannot read an image file", errno: failure) }
        return bytes.isEmpty ? nil : bytes
    }
}
