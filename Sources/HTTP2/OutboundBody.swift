/// The bytes that wait for one stream's DATA frames, and how the stream ends.
struct OutboundBody {
    /// Set when the library asked and had nothing to send; it then waits for `resume`.
    var isDeferred = false

    /// Bytes not yet handed to the library.
    private(set) var queued = 0

    /// Sent after the last byte; `nil` for an end without trailers.
    private(set) var trailers: [HTTP2Header]?

    private(set) var isFinished = false
    private var chunks: [[UInt8]] = []
    private var head = 0
    private var offset = 0

    var isExhausted: Bool { isFinished && queued == 0 }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !isFinished else { return }
        chunks.append(bytes)
        queued += bytes.count
    }

    mutating func finish(trailers: [HTTP2Header]?) {
        guard !isFinished else { return }
        isFinished = true
        self.trailers = trailers
    }

    /// Moves bytes into `target` until it is full or the queue empty; returns how many.
    mutating func take(into target: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        while written < target.count, head < chunks.count {
            let count = min(chunks[head].count - offset, target.count - written)
            // Safe: `count` is within both the chunk and the rest of the target.
            unsafe chunks[head].withUnsafeBytes { bytes in
                let source = unsafe UnsafeRawBufferPointer(
                    rebasing: bytes[offset..<offset + count])
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[written...])
                    .copyMemory(from: source)
            }
            written += count
            offset += count
            if offset == chunks[head].count { dropHead() }
        }
        queued -= written
        return written
    }

    /// Frees the spent chunk at once and the slots before it in batches, so that taking is O(1).
    private mutating func dropHead() {
        chunks[head] = []
        head += 1
        offset = 0
        if head == chunks.count || head >= 64 {
            chunks.removeFirst(head)
            head = 0
        }
    }
}
