import CZlib

/// One run of zlib over one message, and the state that it keeps for that.
///
/// zlib remembers the address of the `z_stream` it was given and compares it at each call, so that lies in a heap cell.
///
/// `@safe`: the cell is made in `init`, freed in `deinit`, and never leaves the struct; zlib sees the bytes of a caller
/// only while `run` has them.
@safe struct ZlibStream: ~Copyable {
    enum Direction: Hashable { case compress, decompress }

    /// How far a run came.
    struct Step: Hashable {
        /// zlib's own code.
        let code: Int32
        /// Bytes of the input that are used up, and bytes that were written.
        let read: Int
        let written: Int

        /// The whole content is through.
        var isEnd: Bool { code == Z_STREAM_END }

        /// There is more to do, and there can be more.
        var isUnderWay: Bool { code == Z_OK }
    }

    private let cell: UnsafeMutablePointer<z_stream>
    private let direction: Direction

    /// 15 bits of window, and 16 to say that the format is gzip.
    private static let windowBits: Int32 = 15 + 16

    /// zlib's default.
    private static let memoryLevel: Int32 = 8

    /// Throws without memory.
    init(_ direction: Direction) throws(RPCStatus) {
        let cell = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe cell.initialize(to: unsafe z_stream())
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let code =
            switch direction {
            case .compress:
                unsafe deflateInit2_(
                    cell, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.windowBits, Self.memoryLevel,
                    Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
            case .decompress: unsafe inflateInit2_(cell, Self.windowBits, ZLIB_VERSION, size)
            }
        guard code == Z_OK else {
            unsafe cell.deallocate()
            throw RPCStatus(.internal, "no memory to \(direction) with")
        }
        unsafe self.cell = unsafe cell
        self.direction = direction
    }

    deinit {
        switch direction {
        case .compress: unsafe deflateEnd(cell)
        case .decompress: unsafe inflateEnd(cell)
        }
        unsafe cell.deallocate()
    }

    /// The most bytes that `count` bytes make when they are compressed.
    func bound(_ count: Int) -> Int { Int(unsafe deflateBound(cell, UInt(count))) }

    /// Works on `input` into `output`, as far as both reach; a compressor takes it for the whole input.
    mutating func run(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) -> Step {
        let room = output.count
        return unsafe input.withUnsafeBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                // Only read, though the field is not const.
                unsafe cell.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe cell.pointee.avail_in = UInt32(clamping: input.count)
                unsafe cell.pointee.next_out = output.baseAddress
                unsafe cell.pointee.avail_out = UInt32(clamping: room)
                let code =
                    switch direction {
                    case .compress: unsafe deflate(cell, Z_FINISH)
                    case .decompress: unsafe inflate(cell, Z_NO_FLUSH)
                    }
                let step = unsafe Step(
                    code: code, read: input.count - Int(cell.pointee.avail_in),
                    written: room - Int(cell.pointee.avail_out))
                unsafe cell.pointee.next_in = nil
                unsafe cell.pointee.next_out = nil
                return step
            }
        }
    }
}
