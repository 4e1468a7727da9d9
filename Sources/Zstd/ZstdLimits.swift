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
    /// Most bytes that a reader holds, whatever it is given: the window, and a MiB for two blocks of 128 KiB and libzstd's own
    /// tables of less than 200 KiB.
    package static let expander = (1 << windowLog) + (1 << 20)
}
