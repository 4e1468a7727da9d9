/// The other direction: a write returns once the peer has room for more.
package struct ByteWriter: Sendable {
    private let push: @Sendable ([UInt8]) async throws(SocketFailure) -> Void
    private let end: @Sendable () -> Void

    init(
        _ push: @escaping @Sendable ([UInt8]) async throws(SocketFailure) -> Void,
        end: @escaping @Sendable () -> Void
    ) {
        self.push = push
        self.end = end
    }

    package func write(_ bytes: [UInt8]) async throws(SocketFailure) { try await push(bytes) }

    /// Tells the peer that nothing more comes; the other direction stays open.
    package func finish() { end() }
}
