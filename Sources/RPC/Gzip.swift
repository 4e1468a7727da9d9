import CZlib

/// The encoding `gzip` of messages; decompression is bounded in what it makes.
package enum Gzip {
    /// 15 bits of window, and 16 to say that the format is gzip.
    private static let windowBits: Int32 = 15 + 16

    /// One gzip member with these bytes; they fit in zlib's counters because they fit in a message.
    package static func compress(_ bytes: [UInt8]) throws(RPCStatus) -> [UInt8] {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel,
            Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { throw RPCStatus(.internal, "no memory to compress with") }
        defer { deflateEnd(&stream) }

        var input = bytes
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        let output = [UInt8](unsafeUninitializedCapacity: room) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                // One call is enough for all of it: that is what the bound promises.
                let code = deflate(&stream, Z_FINISH)
                precondition(code == Z_STREAM_END, "zlib ended with \(code) inside its own bound")
                count = output.count - Int(stream.avail_out)
            }
        }
        return output
    }

    /// zlib's default.
    private static let memoryLevel: Int32 = 8

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
