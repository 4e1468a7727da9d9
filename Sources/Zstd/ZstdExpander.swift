import CZstd

/// Reads one zstd frame that comes piece by piece, and gives its content piece by piece: however much the bytes expand to,
/// no more than ``ZstdLimits`` says is in memory at once.
///
/// `@safe`: the context is made in `init`, freed in `deinit`, and never leaves the struct; zstd sees the bytes of a caller
/// only while `next` has them.
@safe package struct ZstdExpander: ~Copyable {
    private let context: OpaquePointer
    private var pending: [UInt8] = []
    /// What of `pending` has been read.
    private var start = 0
    /// How many bytes of the frame's beginning were seen.
    private var begun = 0
    /// zstd had more to give than there was room for.
    private var isFull = false
    /// The frame has ended, and what it had has been given.
    private var isWhole = false

    package init() throws(ZstdFailure) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .memory }
        unsafe self.context = context
        let code = unsafe ZSTD_DCtx_setParameter(
            context, ZSTD_d_windowLogMax, ZstdLimits.windowLog)
        precondition(ZSTD_isError(code) == 0, "zstd refuses a window of \(ZstdLimits.windowLog)")
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// How a frame begins. libzstd would read what older versions of it wrote, too, and has no bound for what that may ask
    /// for.
    ///
    /// - Source: RFC 8878, 3.1.1.
    private static let beginning: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// More has to be given before there can be a next piece.
    package var isDrained: Bool { start == pending.count && !isFull }

    /// Adds what came; only when what came before is drained.
    package mutating func give(_ bytes: [UInt8]) throws(ZstdFailure) {
        precondition(isDrained, "\(pending.count - start) bytes are not read yet")
        guard !isWhole || bytes.isEmpty else { throw .trailing }
        let first = bytes.prefix(Self.beginning.count - begun)
        guard first.elementsEqual(Self.beginning[begun...].prefix(first.count)) else {
            throw .broken("it does not begin as a frame does")
        }
        begun += first.count
        (pending, start) = (bytes, 0)
    }

    /// The next piece of the content; `nil` where more has to be given first.
    package mutating func next() throws(ZstdFailure) -> [UInt8]? {
        guard !isDrained else { return nil }
        var (code, read) = (0, start)
        let piece = unsafe pending.withUnsafeBytes { bytes in
            unsafe [UInt8](unsafeUninitializedCapacity: ZstdLimits.piece) { buffer, filled in
                var input = unsafe ZSTD_inBuffer(
                    src: bytes.baseAddress, size: bytes.count, pos: read)
                var output = unsafe ZSTD_outBuffer(
                    dst: buffer.baseAddress, size: ZstdLimits.piece, pos: 0)
                // It stops at the end of a frame, of which there is one.
                repeat {
                    code = unsafe ZSTD_decompressStream(context, &output, &input)
                } while unsafe ZSTD_isError(code) == 0 && code > 0 && input.pos < input.size
                    && output.pos < output.size
                read = unsafe input.pos
                filled = unsafe output.pos
            }
        }
        guard ZSTD_isError(code) == 0 else { throw ZstdFailure(code) }
        start = read
        isFull = piece.count == ZstdLimits.piece && code > 0
        isWhole = code == 0
        if isWhole && start < pending.count { throw .trailing }
        return piece.isEmpty ? nil : piece
    }

    /// Fails unless what came was the whole of a frame.
    package func requireWhole() throws(ZstdFailure) {
        guard isWhole else { throw .truncated }
    }
}
