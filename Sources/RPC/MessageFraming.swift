/// The five bytes before each message: a compression flag and a big-endian length.
/// - Source: grpc/doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".
package enum MessageFraming {
    /// Bytes that framing adds to a message.
    package static let prefixBytes = 5

    /// The message, compressed or not, with the prefix that says so.
    static func frame(_ message: [UInt8], isCompressed: Bool = false) -> [UInt8] {
        let length = UInt32(message.count)
        var framed: [UInt8] = []
        framed.reserveCapacity(prefixBytes + message.count)
        framed.append(isCompressed ? 1 : 0)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            framed.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        framed.append(contentsOf: message)
        return framed
    }
}
