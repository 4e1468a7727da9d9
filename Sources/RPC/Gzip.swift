/// The encoding `gzip` of messages; decompression is bounded in what it makes.
package enum Gzip {
    /// Bytes that a step of decompression may make.
    private static let chunkBytes = 64 * 1_024

    /// One gzip member with these bytes; they fit in zlib's counters because they fit in a message.
    package static func compress(_ bytes: [UInt8]) throws(RPCStatus) -> [UInt8] {
        var stream = try ZlibStream(.compress)
        var output = [UInt8](repeating: 0, count: stream.bound(bytes.count))
        var target = output.mutableSpan
        // One step is enough for all of it: that is what the bound promises.
        let step = stream.run(bytes.span, into: &target)
        precondition(step.isEnd, "zlib ended with \(step.code) inside its own bound")
        output.removeLast(output.count - step.written)
        return output
    }

    /// The content of one gzip member; more than `limit` bytes of it are refused as they appear.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(RPCStatus) -> [UInt8] {
        var stream = try ZlibStream(.decompress)
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        var read = 0
        while true {
            var target = chunk.mutableSpan
            let step = stream.run(bytes.span.extracting(droppingFirst: read), into: &target)
            read += step.read
            output.append(contentsOf: chunk[..<step.written])
            guard output.count <= limit else {
                throw RPCStatus(
                    .resourceExhausted, "a message above \(limit) bytes once decompressed")
            }
            if step.isUnderWay { continue }
            // Else damage, input that stops too early (Z_BUF_ERROR), or more of it after the end.
            guard step.isEnd, read == bytes.count else {
                throw RPCStatus(.internal, "a message that is not valid gzip")
            }
            return output
        }
    }
}
