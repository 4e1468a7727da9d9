import CNghttp2

/// One side of one HTTP/2 connection: bytes in, events out; requests in, bytes out.
///
/// It owns libnghttp2's session and knows no socket and no clock. Flow control is by hand: a
/// stream's window opens again only by `credit(_:on:)`, so a consumer that does not read pushes
/// back; the connection's window opens on arrival, so that one slow stream never starves another.
///
/// `@safe`: both pointers are made in `init`, freed in `deinit`, and never leave the struct.
@safe package struct HTTP2Session: ~Copyable {
    /// Which end of the connection this is.
    package enum Role: Hashable, Sendable { case client, server }

    private let raw: OpaquePointer

    /// A stable address for `user_data`: the struct itself moves.
    private let inbox: UnsafeMutablePointer<Inbox>
    private let role: Role

    /// A server's begins after the client's magic octets.
    private var scanner: FrameScanner

    /// CONTINUATION frames in a row.
    private var continuations = 0

    /// The stream on which the client's latest HEADERS or DATA came, unless it has ended that
    /// stream; more DATA on it needs no look.
    private var latestOpen: Int32 = 0

    /// Makes a session with our SETTINGS queued for sending.
    package init(role: Role) throws(HTTP2Failure) {
        let inbox = UnsafeMutablePointer<Inbox>.allocate(capacity: 1)
        unsafe inbox.initialize(to: Inbox())
        do throws(HTTP2Failure) {
            unsafe self.raw = try unsafe Self.makeRaw(role: role, inbox: inbox)
        } catch {
            unsafe inbox.deinitialize(count: 1)
            unsafe inbox.deallocate()
            throw error
        }
        unsafe self.inbox = unsafe inbox
        self.role = role
        scanner = FrameScanner(preface: role == .server ? Int(NGHTTP2_CLIENT_MAGIC_LEN) : 0)
    }

    deinit {
        // The session first: its destructor may still call back into the inbox.
        unsafe nghttp2_session_del(raw)
        unsafe inbox.deinitialize(count: 1)
        unsafe inbox.deallocate()
    }

    /// True when neither side has more to say; the connection should then be closed.
    package var isFinished: Bool {
        unsafe nghttp2_session_want_read(raw) == 0 && nghttp2_session_want_write(raw) == 0
    }

    /// True when `drain` may have something to hand over.
    package var hasOutput: Bool {
        unsafe nghttp2_session_want_write(raw) != 0 || !inbox.pointee.finishedStreams.isEmpty
    }

    /// Which header block of the connection has begun and not ended, for a deadline on slow senders.
    package var openHeaderBlock: Int? { unsafe inbox.pointee.openHeaderBlock }

    /// The error for which this side has ended the session, once its GOAWAY has left; `nil` before,
    /// and when the end is in order.
    package var complaint: String? { unsafe inbox.pointee.farewell }

    /// Streams that the peer reset in what was last received.
    package var resets: Int { unsafe inbox.pointee.resets }

    // MARK: Receiving

    /// Parses what the peer sent; events wait in `takeEvents()`, also when this throws.
    ///
    /// What throws is an error of the connection; a GOAWAY that names it waits in `drain`.
    package mutating func receive(_ bytes: RawSpan) throws(HTTP2Failure) {
        unsafe inbox.pointee.resets = 0
        try unsafe bytes.withUnsafeBytes { bytes throws(HTTP2Failure) in
            try unsafe parseWatching(bytes)
        }
        let credit = unsafe inbox.pointee.connectionCredit
        unsafe inbox.pointee.connectionCredit = 0
        if credit > 0 { try check(unsafe nghttp2_session_consume_connection(raw, credit), .peer) }
        try checkBudget()
        guard unsafe inbox.pointee.invalidFrames <= Limits.invalidFrames else {
            throw refusal(.enhanceYourCalm, "more than \(Limits.invalidFrames) invalid frames")
        }
        guard unsafe nghttp2_session_get_outbound_queue_size(raw) <= Limits.queuedFrames else {
            let limit = Limits.queuedFrames
            throw refusal(
                .enhanceYourCalm, "more than \(limit) frames that the peer does not read")
        }
    }

    /// Hands over what happened since the last call, from receiving and from draining.
    ///
    /// A server is not told of a stream that its client opened and reset meanwhile.
    package mutating func takeEvents() -> [HTTP2Event] {
        unsafe inbox.pointee.takeEvents(forgettingPassing: role == .server)
    }

    /// Gives a stream's window back after its consumer has read `count` bytes.
    package mutating func credit(_ count: Int, on stream: Int32) throws(HTTP2Failure) {
        try check(unsafe nghttp2_session_consume_stream(raw, stream, count), .peer)
    }

    // MARK: Sending

    /// Hands the sink frames until `limit` bytes are passed or none is left; returns the count.
    ///
    /// The sink must copy: the bytes are the library's.
    package mutating func drain(
        limit: Int, into sink: (RawSpan) -> Void
    ) throws(HTTP2Failure) -> Int {
        var written = 0
        while written < limit {
            var start: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(raw, &start)
            guard count >= 0 else { throw failure(.peer, Int32(count)) }
            guard count > 0 else {
                if try releaseFinishedStreams() { continue }
                break
            }
            let frame = unsafe UnsafeRawBufferPointer(start: start, count: count)
            unsafe sink(frame.bytes)
            written += count
        }
        return written
    }

    /// Opens a stream with a request; `bodyFollows: false` half-closes it at once.
    package mutating func submitRequest(
        _ headers: [HTTP2Header], bodyFollows: Bool
    ) throws(HTTP2Failure) -> Int32 {
        guard unsafe nghttp2_session_check_request_allowed(raw) != 0 else {
            throw HTTP2Failure(.noNewStreams, "the connection takes no new stream")
        }
        var provider = unsafe Self.bodyProvider()
        let session = unsafe raw
        let stream = unsafe HeaderBlock.withPairs(headers) { pairs, count in
            unsafe withUnsafePointer(to: &provider) { provider in
                unsafe nghttp2_submit_request(
                    session, nil, pairs, count, bodyFollows ? provider : nil, nil)
            }
        }
        guard stream > 0 else {
            let exhausted = stream == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue
            throw failure(exhausted ? .noNewStreams : .refused, stream)
        }
        if bodyFollows { unsafe inbox.pointee.outbound[stream] = OutboundBody(stream: stream) }
        return stream
    }

    /// Answers a stream; `bodyFollows: false` ends our side with these headers.
    package mutating func submitResponse(
        _ headers: [HTTP2Header], on stream: Int32, bodyFollows: Bool
    ) throws(HTTP2Failure) {
        var provider = unsafe Self.bodyProvider()
        let session = unsafe raw
        let code = unsafe HeaderBlock.withPairs(headers) { pairs, count in
            unsafe withUnsafePointer(to: &provider) { provider in
                unsafe nghttp2_submit_response(
                    session, stream, pairs, count, bodyFollows ? provider : nil)
            }
        }
        try check(code, .refused)
        if bodyFollows { unsafe inbox.pointee.outbound[stream] = OutboundBody(stream: stream) }
    }

    /// Queues bytes of a body; a stream that is gone swallows them.
    package mutating func send(_ bytes: [UInt8], on stream: Int32) {
        unsafe inbox.pointee.outbound[stream]?.append(bytes)
        resume(stream)
    }

    /// Ends our side of the stream after what is queued, with trailers if given.
    package mutating func finish(_ stream: Int32, trailers: [HTTP2Header]? = nil) {
        unsafe inbox.pointee.outbound[stream]?.finish(trailers: trailers)
        resume(stream)
    }

    /// Bytes queued for the stream and not yet in frames.
    package func queuedBytes(on stream: Int32) -> Int {
        unsafe inbox.pointee.outbound[stream]?.queued ?? 0
    }

    /// Bytes queued for all streams and not yet in frames.
    package var queuedBytes: Int { unsafe inbox.pointee.outbound.queued }

    /// True while a body of ours is under way on the stream, its end included.
    package func isSending(on stream: Int32) -> Bool {
        unsafe inbox.pointee.outbound[stream] != nil
    }

    /// Aborts the stream; what is queued for it is dropped.
    package mutating func reset(_ stream: Int32, _ code: HTTP2ErrorCode) throws(HTTP2Failure) {
        unsafe inbox.pointee.outbound[stream] = nil
        try check(
            unsafe nghttp2_submit_rst_stream(raw, frameFlags, stream, code.rawValue), .refused)
    }

    /// Asks the peer to echo `number`, which comes back as `.pong`.
    package mutating func ping(_ number: UInt64) throws(HTTP2Failure) {
        let code = unsafe withUnsafeBytes(of: number) { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return unsafe nghttp2_submit_ping(raw, frameFlags, start)
        }
        try check(code, .refused)
    }

    /// Takes no new stream from the peer and lets the open ones finish.
    package mutating func shutDown() throws(HTTP2Failure) {
        unsafe inbox.pointee.ended.forget()
        let last = unsafe nghttp2_session_get_last_proc_stream_id(raw)
        let code = HTTP2ErrorCode.noError.rawValue
        try check(unsafe nghttp2_submit_goaway(raw, frameFlags, last, code, nil, 0), .refused)
    }

    /// Says GOAWAY with `code` and ends the session as soon as that is sent.
    package mutating func terminate(_ code: HTTP2ErrorCode) throws(HTTP2Failure) {
        try check(unsafe nghttp2_session_terminate_session(raw, code.rawValue), .refused)
    }

    // MARK: Time and manners

    /// A tick of `Limits.tick` has passed; returns the streams whose output the peer has kept waiting for
    /// `Limits.stalledStream`, by a window of its own.
    package mutating func tick() -> [Int32] {
        let seconds = Int(Limits.tick / .seconds(1))
        unsafe inbox.pointee.budget.earn(seconds * Limits.idleFramesPerSecond)
        let session = unsafe raw
        let isConnectionShut =
            unsafe nghttp2_session_get_remote_window_size(session) < Limits.dribbleBytes
        return unsafe inbox.pointee.outbound.stalled { stream in
            // What waits for the socket is not the stream's fault: the connection has a deadline of its own for that.
            let window = unsafe nghttp2_session_get_stream_remote_window_size(session, stream)
            return isConnectionShut || window < Limits.dribbleBytes
        }
    }

    /// True when the peer may go on sending on the stream, by a window that is open.
    package func isOpenToReceive(_ stream: Int32) -> Bool {
        unsafe nghttp2_session_get_stream_local_window_size(raw, stream) >= Limits.dribbleBytes
    }

    /// The application had to cut a stream for what its client sent.
    package mutating func noteCut() { unsafe inbox.pointee.budget.spend(Limits.cutCost) }

    // MARK: Private

    private func parse(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Failure) {
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let code = Int32(clamping: unsafe nghttp2_session_mem_recv(raw, start, bytes.count))
        switch code {
        case 0...: return
        case NGHTTP2_ERR_CALLBACK_FAILURE.rawValue where unsafe inbox.pointee.isBomb:
            throw refusal(.enhanceYourCalm, "headers above \(Limits.headerBombBytes) bytes")
        case NGHTTP2_ERR_FLOODED.rawValue, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue:
            throw refusal(.enhanceYourCalm, failure(.peer, code).message)
        default: throw failure(.peer, code)
        }
    }

    /// Stops in front of each frame on a stream that the client may have ended, of a CONTINUATION too many, and of
    /// the frame that ends the bucket, when the library knows all that came before.
    private mutating func parseWatching(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Failure) {
        var parsed = 0
        var offset = 0
        while let head = unsafe scanner.next(in: bytes, from: &offset) {
            charge(for: head)
            guard unsafe inbox.pointee.budget.isSpent || mustLook(at: head) else { continue }
            // All but the head's last octet: with it the library would act.
            if parsed < offset - 1 {
                let before = unsafe UnsafeRawBufferPointer(rebasing: bytes[parsed..<offset - 1])
                try unsafe parse(before)
            }
            parsed = offset - 1
            try checkBudget()
            try look(at: head)
        }
        try unsafe parse(UnsafeRawBufferPointer(rebasing: bytes[parsed...]))
    }

    /// Counts a client's frame before the library does the work that it makes.
    private mutating func charge(for head: FrameScanner.Head) {
        guard role == .server else { return }
        let opens = unsafe head.stream > inbox.pointee.ended.highest
        unsafe inbox.pointee.budget.take(head, opensStream: opens)
    }

    private func checkBudget() throws(HTTP2Failure) {
        guard unsafe inbox.pointee.budget.isSpent else { return }
        throw refusal(.enhanceYourCalm, "a flood of frames that carry nothing")
    }

    /// Takes note of a frame; false if it needs no more than that.
    private mutating func mustLook(at head: FrameScanner.Head) -> Bool {
        if UInt32(head.type) == NGHTTP2_CONTINUATION.rawValue {
            continuations += 1
            return continuations > Limits.continuations
        }
        continuations = 0
        return role == .server && mustLookAtStream(of: head)
    }

    private mutating func mustLookAtStream(of head: FrameScanner.Head) -> Bool {
        let ends = UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        let highest = unsafe inbox.pointee.ended.highest
        switch nghttp2_frame_type(rawValue: UInt32(head.type)) {
        case NGHTTP2_HEADERS where head.stream & 1 == 0: return false
        case NGHTTP2_HEADERS where head.stream > highest:
            unsafe inbox.pointee.ended.opened(head.stream)
            latestOpen = ends ? 0 : head.stream
            return false
        case NGHTTP2_DATA where head.stream == latestOpen:
            if ends { latestOpen = 0 }
            return false
        case NGHTTP2_HEADERS, NGHTTP2_DATA:
            latestOpen = 0
            return true
        case NGHTTP2_RST_STREAM:
            if head.stream == latestOpen { latestOpen = 0 }
            return false
        default: return false
        }
    }

    /// Judges a frame on a stream that the library has forgotten, and a CONTINUATION too many.
    private mutating func look(at head: FrameScanner.Head) throws(HTTP2Failure) {
        guard continuations <= Limits.continuations else {
            let limit = Limits.continuations
            throw refusal(.enhanceYourCalm, "more than \(limit) CONTINUATION frames in a row")
        }
        let ends = UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        switch unsafe nghttp2_session_get_stream_remote_close(raw, head.stream) {
        case 0: latestOpen = ends ? 0 : head.stream
        case 1: break
        default:
            let isHeaders = UInt32(head.type) == NGHTTP2_HEADERS.rawValue
            if let code = unsafe inbox.pointee.ended.error(for: head, isHeaders: isHeaders) {
                throw refusal(code, "a frame on stream \(head.stream), which the peer has closed")
            }
        }
    }

    /// Queues a GOAWAY; the failure is to be thrown.
    private func refusal(_ code: HTTP2ErrorCode, _ message: String) -> HTTP2Failure {
        // Fails only without memory; the connection is closed in any case.
        _ = unsafe nghttp2_session_terminate_session(raw, code.rawValue)
        return HTTP2Failure(.peer, message)
    }

    private var frameFlags: UInt8 { UInt8(NGHTTP2_FLAG_NONE.rawValue) }

    private mutating func resume(_ stream: Int32) {
        guard unsafe inbox.pointee.outbound[stream]?.isDeferred == true else { return }
        unsafe inbox.pointee.outbound[stream]?.isDeferred = false
        // Fails only for a stream that is going away, whose close event follows.
        _ = unsafe nghttp2_session_resume_data(raw, stream)
    }

    /// A server that has answered in full does not wait for the rest of the request.
    /// - Source: RFC 9113, 8.1: RST_STREAM with NO_ERROR after a complete response.
    private mutating func releaseFinishedStreams() throws(HTTP2Failure) -> Bool {
        let finished = unsafe inbox.pointee.finishedStreams
        guard !finished.isEmpty else { return false }
        unsafe inbox.pointee.finishedStreams.removeAll(keepingCapacity: true)
        guard role == .server else { return false }
        var released = false
        for stream in finished
        where unsafe nghttp2_session_get_stream_remote_close(raw, stream) == 0 {
            try reset(stream, .noError)
            released = true
        }
        return released
    }

    private func check(_ code: Int32, _ kind: HTTP2Failure.Code) throws(HTTP2Failure) {
        guard code == 0 else { throw failure(kind, code) }
    }

    private func failure(_ kind: HTTP2Failure.Code, _ code: Int32) -> HTTP2Failure {
        // The library's strings are static and never nil.
        let reason = unsafe String(cString: nghttp2_strerror(code))
        let detail = unsafe inbox.pointee.lastError
        return HTTP2Failure(kind, detail.isEmpty ? reason : "\(reason) (\(detail))")
    }
}
