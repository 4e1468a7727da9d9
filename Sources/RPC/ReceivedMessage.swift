import HTTP2

/// A message as it came over the wire: still compressed, if its sender has compressed it.
///
/// It is decoded by whoever reads it, when they do: what waits to be read takes no more memory than it took of the wire,
/// and a few kilobytes do not become megabytes because they have arrived.
package struct ReceivedMessage: Hashable, Sendable {
    private let body: [UInt8]
    private let isCompressed: Bool

    package init(_ body: [UInt8], isCompressed: Bool = false) {
        self.body = body
        self.isCompressed = isCompressed
    }

    /// The bytes that it took of the wire, prefix included.
    package var cost: Int { MessageFraming.prefixBytes + body.count }

    /// The message itself; more than `limit` bytes of it are refused as they appear.
    package func decoded(
        limit: Int = Limits.messageBytes
    ) throws(RPCStatus) -> [UInt8] {
        isCompressed ? try Gzip.decompress(body, limit: limit) : body
    }
}
