/// The bytes that wait for one stream's DATA frames, and how the stream ends.
struct OutboundBody {
    /// What goes into one DATA frame.
    struct Frame {
        let count: Int
        let isLast: Bool
        /// So short because the peer has opened its window by no more.
        let isDribble: Bool
        let trailers: [HTTP2Header]?
    }

    let stream: Int32

    /// Set when the library asked and had nothing to send; it then waits for `resume`.
    var isDeferred = false

    /// Bytes not yet handed to the library.
    private(set) var queued = 0

    /// Sent after the last byte; `nil` for an end without trailers.
    private(set) var trailers: [HTTP2Header]?

    private(set) var isFinished = false

    /// What is being taken, up to `offset` of it gone; most answers are no more than this one chunk.
    private var current: [UInt8] = []
    private var offset = 0
    private var later: [[UInt8]] = []
    private var head = 0

    private var patience = Patience()

    init(stream: Int32) { self.stream = stream }

    /// A tick has passed; true when the peer has kept its window shut for too long.
    mutating func isStalled(isShut: Bool) -> Bool {
        patience.isOver(waits: isShut && queued > 0)
    }

    var isExhausted: Bool { isFinished && queued == 0 }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !isFinished else { return }
        if queued == 0 {
            current = bytes
            offset = 0
        } else {
            later.append(bytes)
        }
        queued += bytes.count
    }

    mutating func finish(trailers: [HTTP2Header]?) {
        guard !isFinished else { return }
        isFinished = true
        self.trailers = trailers
    }

    /// One frame's bytes; when there are none and more may come, the library has to wait.
    mutating func takeFrame(into target: UnsafeMutableRawBufferPointer) -> Frame {
        let count = unsafe take(into: target)
        patience.move(count)
        let isDribble = queued > 0 && count < Limits.dribbleBytes
        guard isExhausted else {
            isDeferred = count == 0
            return Frame(count: count, isLast: false, isDribble: isDribble, trailers: nil)
        }
        return Frame(count: count, isLast: true, isDribble: false, trailers: trailers)
    }

    /// Moves bytes into `target` until it is full or the queue empty; returns how many.
    private mutating func take(into target: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        while written < target.count, queued > written {
            let count = min(current.count - offset, target.count - written)
            // Safe: `count` is within both the chunk and the rest of the target.
            unsafe current.withUnsafeBytes { bytes in
                let source = unsafe UnsafeRawBufferPointer(
                    rebasing: bytes[offset..<offset + count])
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[written...])
                    .copyMemory(from: source)
            }
            written += count
            offset += count
            if offset == current.count { advance() }
        }
        queued -= written
        return written
    }

    /// Frees the spent chunk at once and the slots before it in batches, so that taking is O(1).
    private mutating func advance() {
        offset = 0
        guard head < later.count else {
            current = []
            return
        }
        current = later[head]
        later[head] = []
        head += 1
        if head == later.count || head >= 64 {
            later.removeFirst(head)
            head = 0
        }
    }
}
