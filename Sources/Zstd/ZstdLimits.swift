/// Every bound of this target.
package enum ZstdLimits {
    /// zstd's fastest.
    package static let level: Int32 = 1
    /// Binary logarithm of the bytes that a frame may refer back to, and that its reader keeps: 8 MiB, which every reader is
    /// recommended to support.
    ///
    /// - Source: RFC 8878, 3.1.1.1.2.
    package static let windowLog: Int32 = 23
    /// Bytes of content in one piece of what is expanded.
    package static let piece = 256 << 10
}
