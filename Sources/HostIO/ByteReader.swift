/// One direction of a conversation, pulled: nothing more is read from the peer than is asked for
/// here.
///
/// Belongs to one task.
package struct ByteReader {
    private let pull: () async throws(SocketFailure) -> [UInt8]?

    init(_ pull: @escaping () async throws(SocketFailure) -> [UInt8]?) { self.pull = pull }

    /// The next bytes, never none; `nil` once the other side has ended.
    package func next() async throws(SocketFailure) -> [UInt8]? {
        while let bytes = try await pull() {
            if !bytes.isEmpty { return bytes }
        }
        return nil
    }

    /// Everything until the end; fails with `tooLarge` past `limit`.
    package func collect(limit: Int) async throws(SocketFailure) -> [UInt8] {
        var collected: [UInt8] = []
        while let bytes = try await next() {
            guard collected.count + bytes.count <= limit else { throw .tooLarge(limit: limit) }
            collected += bytes
        }
        return collected
    }

    /// The first `limit` bytes; what follows is read and thrown away, so that the writer is never
    /// held up.
    package func prefix(limit: Int) async throws(SocketFailure) -> [UInt8] {
        var collected: [UInt8] = []
        while let bytes = try await next() { collected += bytes.prefix(limit - collected.count) }
        return collected
    }
}
