import CZstd

/// Makes one zstd frame, with a checksum of its content at its end, of bytes that come piece by piece.
///
/// `@safe`: the context is made in `init`, freed in `deinit`, and never leaves the struct; zstd sees the bytes of a caller
/// only while `run` has them.
@safe package struct ZstdCompressor: ~Copyable {
    private let context: OpaquePointer

    package init() throws(ZstdFailure) {
        guard let context = unsafe ZSTD_createCCtx() else { throw .memory }
        unsafe self.context = context
        for (parameter, value) in [
            (ZSTD_c_compressionLevel, ZstdLimits.level), (ZSTD_c_checksumFlag, 1),
        ] {
            let code = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
            precondition(ZSTD_isError(code) == 0, "zstd refuses \(parameter) = \(value)")
        }
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// What is to be sent next, after `bytes` were added; often nothing, as it comes in blocks.
    package mutating func append(_ bytes: [UInt8]) throws(ZstdFailure) -> [UInt8] {
        try run(bytes, ZSTD_e_continue)
    }

    /// The rest of the frame; nothing may be added afterwards.
    package mutating func finish() throws(ZstdFailure) -> [UInt8] { try run([], ZSTD_e_end) }

    private mutating func run(
        _ bytes: [UInt8], _ directive: ZSTD_EndDirective
    ) throws(ZstdFailure) -> [UInt8] {
        // What zstd holds back of earlier bytes is less than a block.
        let room = ZSTD_compressBound(bytes.count) + ZSTD_CStreamOutSize()
        var (made, read): ([UInt8], Int) = ([], 0)
        while true {
            var code = 0
            let piece = unsafe bytes.withUnsafeBytes { bytes in
                unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
                    var input = unsafe ZSTD_inBuffer(
                        src: bytes.baseAddress, size: bytes.count, pos: read)
                    var output = unsafe ZSTD_outBuffer(
                        dst: buffer.baseAddress, size: buffer.count, pos: 0)
                    code = unsafe ZSTD_compressStream2(context, &output, &input, directive)
                    read = unsafe input.pos
                    filled = unsafe output.pos
                }
            }
            guard ZSTD_isError(code) == 0 else { throw ZstdFailure(code) }
            made = made.isEmpty ? piece : made + piece
            let isDone = directive == ZSTD_e_end ? code == 0 : read == bytes.count
            if isDone && piece.count < room { return made }
        }
    }
}

extension ZstdFailure {
    init(_ code: Int) { self = .broken(unsafe String(cString: ZSTD_getErrorName(code))) }
}
