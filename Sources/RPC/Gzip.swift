import CZlib

/// Decompression of `grpc-encoding: gzip`, bounded in what it makes.
enum Gzip {
    /// 15 bits of window, and 16 to say that the format is gzip.
    private static let windowBits: Int32 = 15 + 16

    /// The content of one gzip member; more than `limit` bytes of it are refused as they appear.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(RPCStatus) -> [UInt8] {
        var stream = z_stream()
        let opened = inflateInit2_(
            &stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { throw RPCStatus(.internal, "no memory to decompress with") }
        defer { inflateEnd(&stream) }

        var input = bytes
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
        let code: Int32 = input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                let code = chunk.withUnsafeMutableBufferPointer { chunk in
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = UInt32(chunk.count)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                output.append(contentsOf: chunk[..<(chunk.count - Int(stream.avail_out))])
                // Not Z_OK: the end, damage, or (Z_BUF_ERROR) input that stops too early.
                guard code == Z_OK, output.count <= limit else { return code }
            }
        }
        guard output.count <= limit else {
            throw RPCStatus(
                .resourceExhausted, "a message above \(limit) bytes once decompressed")
        }
        guard code == Z_STREAM_END, stream.avail_in == 0 else {
            throw RPCStatus(.internal, "a message that is not valid gzip")
        }
        return output
    }
}
