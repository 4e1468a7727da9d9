/// Why a stream of the client's is no longer open: the library forgets, and then ignores its frames.
///
/// Who ended the stream decides. A client that did may send nothing more on it; one whose stream we
/// closed may not have heard of that yet.
/// - Source: RFC 9113, 5.1 ("closed") and 5.1.1.
struct EndedStreams {
    /// The highest stream that a HEADERS has named.
    private(set) var highest: Int32 = 0

    /// Streams that we closed while the client had not ended them, oldest first.
    private var cut: [Int32] = []

    /// Of streams up to this number it is not known any more who ended them.
    private var forgotten: Int32 = 0

    /// Numbers that the client passed over, which closed them.
    private var skipped: [ClosedRange<Int32>] = []

    /// A HEADERS came for a stream above all before.
    mutating func opened(_ stream: Int32) {
        // Both come from the peer: a sum could leave what the type holds.
        if stream - highest > 2 {
            if skipped.count == Limits.skippedRanges { skipped.removeFirst() }
            // From 1 on only odd numbers are the client's; the even ones between do no harm.
            skipped.append(highest + 1...stream - 1)
        }
        highest = stream
    }

    /// We closed a stream that the client had not ended.
    mutating func wasCut(_ stream: Int32) {
        if cut.count == Limits.cutStreams { forgotten = max(forgotten, cut.removeFirst()) }
        cut.append(stream)
    }

    /// From now on streams may be passed over by ourselves: a GOAWAY is on its way.
    mutating func forget() { forgotten = .max }

    /// What a frame deserves on a stream that is not open; `nil` if it is to be ignored, or if the
    /// library knows better.
    func error(for head: FrameScanner.Head, isHeaders: Bool) -> HTTP2ErrorCode? {
        let stream = head.stream
        guard stream & 1 == 1, stream <= highest, stream > forgotten, !cut.contains(stream) else {
            return nil
        }
        let isNew = isHeaders && skipped.contains { $0.contains(stream) }
        return isNew ? .protocolError : .streamClosed
    }
}
