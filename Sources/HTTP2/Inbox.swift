/// What libnghttp2's callbacks write to: the heap cell behind the session's `user_data`.
///
/// Invariant: only the owning `HTTP2Session` and the callbacks it runs touch the cell, and the
/// session holds no access to it while the library runs.
struct Inbox {
    var events: [HTTP2Event] = []

    /// Bodies being sent, by stream.
    var outbound = OutboundBodies()

    /// Streams on which our END_STREAM has left; the session then frees those still half open.
    var finishedStreams: [Int32] = []

    /// A server's memory of the client's streams.
    var ended = EndedStreams()

    /// DATA octets received and not yet credited to the connection.
    var connectionCredit = 0

    var invalidFrames = 0

    /// RST_STREAM frames in what was last received.
    var resets = 0

    /// What the client may still send that carries nothing.
    var budget = FrameBudget()

    /// The library's last complaint, for the failure's text.
    var lastError = ""

    /// What our GOAWAY said, if it named an error.
    var farewell: String?

    /// The header block being received; zero when there is none. The protocol allows one at a time.
    private(set) var headerStream: Int32 = 0
    private var headers = HeaderMemory()
    private var headerBytes = 0

    private var headerBlocks = 0

    /// The highest stream that has had a header block, and the first of those since the events were last taken.
    private var newest: Int32 = 0
    private var firstSinceTaken: Int32?
    /// Streams that have come and gone since then.
    private var passing: [Int32] = []

    /// The number of the block being received, on this connection.
    var openHeaderBlock: Int? { headerStream == 0 ? nil : headerBlocks }

    mutating func beginHeaders(stream: Int32) {
        headerStream = stream
        headerBlocks += 1
        headerBytes = 0
        headers.begin()
    }

    /// True once a header list is so large that its sender is to be cut off.
    var isBomb: Bool { headerBytes > Limits.headerBombBytes }

    /// Keeps a field, or only counts it once the list is too large.
    mutating func addHeader(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        headerBytes += name.count + value.count + 32
        guard headerBytes <= Limits.headerListBytes else {
            headers.forget()
            return
        }
        unsafe headers.add(name: name, value: value)
    }

    /// The block ended, and the library refused it as a whole.
    mutating func dropHeaders() {
        headerStream = 0
        headers.forget()
    }

    mutating func endHeaders(stream: Int32, endStream: Bool) {
        headerStream = 0
        if stream > newest {
            newest = stream
            firstSinceTaken = firstSinceTaken ?? stream
        }
        if headerBytes > Limits.headerListBytes {
            events.append(.headersTooLarge(stream: stream))
        } else {
            events.append(.headers(stream: stream, headers.end(), endStream: endStream))
        }
    }

    mutating func closed(_ stream: Int32, _ code: HTTP2ErrorCode) {
        events.append(.closed(stream: stream, code))
        if let firstSinceTaken, stream >= firstSinceTaken { passing.append(stream) }
    }

    /// Hands over the events.
    ///
    /// - Parameter forgettingPassing: without those of streams that came and went meanwhile. Who opens a stream and resets
    ///   it in the same breath wants nothing of us, and is to cost as little (rapid reset).
    mutating func takeEvents(forgettingPassing: Bool) -> [HTTP2Event] {
        var taken: [HTTP2Event] = []
        swap(&taken, &events)
        firstSinceTaken = nil
        guard !passing.isEmpty else { return taken }
        if forgettingPassing {
            let gone = Set(passing)
            taken.removeAll { $0.stream.map(gone.contains) ?? false }
        }
        passing.removeAll(keepingCapacity: true)
        return taken
    }
}
