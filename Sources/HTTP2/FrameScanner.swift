/// Finds the heads of frames in a byte stream, so that one can be looked at before the library is.
///
/// - Source: RFC 9113, 4.1.
struct FrameScanner {
    struct Head: Hashable {
        let type: UInt8
        let flags: UInt8
        let stream: Int32
        /// Octets of the payload.
        let length: Int
    }

    static let headBytes = 9

    /// Octets up to the next head: what is left of the preface or of a payload.
    private var skipped: Int

    /// The head under way, in the low octets, and how many of its octets are there.
    private var head: (high: UInt8, low: UInt64) = (0, 0)
    private var headCount = 0

    /// A scanner of what follows `preface` octets that are not frames.
    init(preface: Int) { skipped = preface }

    /// The next head that ends in `bytes`; `offset` is then after it. `nil` at the end of `bytes`.
    mutating func next(in bytes: UnsafeRawBufferPointer, from offset: inout Int) -> Head? {
        let step = min(skipped, bytes.count - offset)
        skipped -= step
        offset += step
        if headCount == 0, bytes.count - offset >= Self.headBytes {
            head.high = unsafe bytes[offset]
            let rest = unsafe bytes.loadUnaligned(fromByteOffset: offset + 1, as: UInt64.self)
            head.low = UInt64(bigEndian: rest)
            offset += Self.headBytes
            return takeHead()
        }
        // A head that is in pieces.
        while offset < bytes.count {
            let octet = unsafe bytes[offset]
            offset += 1
            // Nine octets: the first has moved into `high` when the last arrives.
            head.high = UInt8(truncatingIfNeeded: head.low >> 56)
            head.low = head.low << 8 | UInt64(octet)
            headCount += 1
            if headCount == Self.headBytes { return takeHead() }
        }
        return nil
    }

    private mutating func takeHead() -> Head {
        headCount = 0
        let length = Int(head.high) << 16 | Int(head.low >> 48)
        skipped = length
        return Head(
            type: UInt8(truncatingIfNeeded: head.low >> 40),
            flags: UInt8(truncatingIfNeeded: head.low >> 32),
            // The first bit is reserved.
            stream: Int32(truncatingIfNeeded: head.low & 0x7FFF_FFFF),
            length: length)
    }
}
