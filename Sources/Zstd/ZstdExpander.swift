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
    /// What has come of the frame's header.
    private var header: [UInt8] = []
    /// zstd has read the header.
    private var isBegun = false
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

    /// What of this process's memory it holds now, beside what it was given last and the piece that it makes.
    package var memory: Int { unsafe ZSTD_sizeof_DCtx(context) }

    /// More has to be given before there can be a next piece.
    package var isDrained: Bool { start == pending.count && !isFull }

    /// Adds what came; only when what came before is drained.
    package mutating func give(_ bytes: [UInt8]) throws(ZstdFailure) {
        precondition(isDrained, "\(pending.count - start) bytes are not read yet")
        guard !isWhole || bytes.isEmpty else { throw .trailing }
        (pending, start) = (bytes, 0)
        if !isBegun { try begin() }
    }

    /// Has zstd read the header once all of it is there, and nothing but the header: what a frame comes to is not to depend
    /// on how its bytes were cut.
    ///
    /// Where a short frame comes at once, zstd reads it without regard to the window that it asks for; and where a header
    /// comes in two parts, it may take the second for a frame.
    ///
    /// - Source: zstd 1.5.4, `ZSTD_decompressStream`, `zdss_loadHeader`; both were seen.
    private mutating func begin() throws(ZstdFailure) {
        while start < pending.count, header.count < FrameHeader.size(header) {
            header.append(pending[start])
            start += 1
            guard FrameHeader.mayBegin(with: header) else {
                throw .broken("it does not begin as a frame does")
            }
        }
        guard header.count == FrameHeader.size(header) else { return }
        let code = unsafe header.withUnsafeBytes { bytes in
            var input = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var output = unsafe ZSTD_outBuffer(dst: nil, size: 0, pos: 0)
            return unsafe ZSTD_decompressStream(context, &output, &input)
        }
        guard ZSTD_isError(code) == 0 else { throw ZstdFailure(code) }
        isBegun = true
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

/// What of a frame's header says how long it is.
///
/// - Source: RFC 8878, 3.1.1.1.
private enum FrameHeader {
    /// libzstd would read what older versions of it wrote, too, and has no bound for what that may ask for.
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    static func mayBegin(with bytes: [UInt8]) -> Bool {
        bytes.prefix(magic.count).elementsEqual(magic.prefix(bytes.count))
    }

    /// Bytes of the header that begins so; no less than one more where that is not known yet.
    static func size(_ bytes: [UInt8]) -> Int {
        guard bytes.count > magic.count else { return magic.count + 1 }
        let descriptor = bytes[magic.count]
        let isSingleSegment = descriptor & 0x20 != 0
        let content = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
        let dictionary = [0, 1, 2, 4][Int(descriptor & 3)]
        return magic.count + 1 + (isSingleSegment ? 0 : 1) + dictionary + content
    }
}
