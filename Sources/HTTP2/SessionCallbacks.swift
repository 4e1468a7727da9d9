import CNghttp2

/// The functions that libnghttp2 calls while it parses or sends; they record and decide nothing.
enum SessionCallbacks {
    /// Calls `body` with a callback table, freed afterwards: the library copies it.
    static func withTable(
        _ body: (OpaquePointer) throws(HTTP2Failure) -> Void
    ) throws(HTTP2Failure) {
        var table: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&table) == 0, let table = unsafe table else {
            throw HTTP2Failure(.setup, "no memory for HTTP/2 callbacks")
        }
        defer { unsafe nghttp2_session_callbacks_del(table) }
        unsafe register(in: table)
        try unsafe body(table)
    }

    /// The session's cell; the library hands back what `HTTP2Session.init` gave it.
    private static func inbox(_ userData: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Inbox> {
        guard let userData = unsafe userData else {
            preconditionFailure("an HTTP/2 session without its inbox")
        }
        return unsafe userData.assumingMemoryBound(to: Inbox.self)
    }

    private static func register(in table: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(table) { _, frame, user in
            guard let frame = unsafe frame else { return 0 }
            let inbox = unsafe SessionCallbacks.inbox(user)
            unsafe inbox.pointee.beginHeaders(stream: frame.pointee.hd.stream_id)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(table) {
            _, _, name, nameLength, value, valueLength, _, user in
            let inbox = unsafe SessionCallbacks.inbox(user)
            unsafe inbox.pointee.addHeader(
                name: UnsafeBufferPointer(start: name, count: nameLength),
                value: UnsafeBufferPointer(start: value, count: valueLength))
            return unsafe inbox.pointee.isBomb ? NGHTTP2_ERR_CALLBACK_FAILURE.rawValue : 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) {
            _, _, stream, bytes, count, user in
            let inbox = unsafe SessionCallbacks.inbox(user)
            let chunk = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
            unsafe inbox.pointee.connectionCredit += count
            unsafe inbox.pointee.events.append(.data(stream: stream, chunk))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, user in
            guard let frame = unsafe frame else { return 0 }
            unsafe SessionCallbacks.received(frame.pointee, SessionCallbacks.inbox(user))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(table) {
            session, stream, code, user in
            let inbox = unsafe SessionCallbacks.inbox(user)
            unsafe inbox.pointee.outbound[stream] = nil
            if unsafe nghttp2_session_get_stream_remote_close(session, stream) == 0 {
                unsafe inbox.pointee.ended.wasCut(stream)
            }
            unsafe inbox.pointee.closed(stream, HTTP2ErrorCode(rawValue: code))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(table) { _, frame, user in
            guard let frame = unsafe frame else { return 0 }
            let head = unsafe frame.pointee.hd
            let endStream = UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
            let type = UInt32(head.type)
            let carriesEnd = type == NGHTTP2_HEADERS.rawValue || type == NGHTTP2_DATA.rawValue
            if endStream, carriesEnd {
                unsafe SessionCallbacks.inbox(user).pointee.finishedStreams.append(head.stream_id)
            } else if type == NGHTTP2_GOAWAY.rawValue {
                unsafe SessionCallbacks.tookLeave(
                    frame.pointee.goaway, SessionCallbacks.inbox(user))
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(table) {
            _, frame, _, user in
            let inbox = unsafe SessionCallbacks.inbox(user)
            unsafe inbox.pointee.invalidFrames += 1
            if let head = unsafe frame?.pointee.hd, UInt32(head.type) == NGHTTP2_HEADERS.rawValue {
                unsafe inbox.pointee.dropHeaders()
                // A stream that the library refused was never open to it.
                unsafe inbox.pointee.ended.wasCut(head.stream_id)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_error_callback2(table) { _, _, text, count, user in
            guard let text = unsafe text else { return 0 }
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: min(count, 256))
            let inbox = unsafe SessionCallbacks.inbox(user)
            unsafe inbox.pointee.lastError = unsafe String(decoding: bytes, as: UTF8.self)
            return 0
        }
    }

    /// Keeps what a GOAWAY of ours said; the library puts its reason there.
    private static func tookLeave(_ frame: nghttp2_goaway, _ inbox: UnsafeMutablePointer<Inbox>) {
        let code = unsafe frame.error_code
        guard code != HTTP2ErrorCode.noError.rawValue else { return }
        let text = unsafe UnsafeBufferPointer(
            start: frame.opaque_data, count: frame.opaque_data_len)
        let reason = unsafe String(decoding: text, as: UTF8.self)
        let error = "HTTP/2 error \(code)"
        unsafe inbox.pointee.farewell = reason.isEmpty ? error : "\(error): \(reason)"
    }

    private static func received(_ frame: nghttp2_frame, _ inbox: UnsafeMutablePointer<Inbox>) {
        let head = unsafe frame.hd
        let stream = head.stream_id
        let endStream = UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        let isAcknowledgement = UInt32(head.flags) & NGHTTP2_FLAG_ACK.rawValue != 0
        switch nghttp2_frame_type(rawValue: UInt32(head.type)) {
        case NGHTTP2_HEADERS:
            unsafe inbox.pointee.endHeaders(stream: stream, endStream: endStream)
            if endStream { unsafe inbox.pointee.events.append(.endStream(stream: stream)) }
        case NGHTTP2_DATA where endStream:
            unsafe inbox.pointee.events.append(.endStream(stream: stream))
        case NGHTTP2_RST_STREAM: unsafe inbox.pointee.resets += 1
        case NGHTTP2_SETTINGS where !isAcknowledgement:
            unsafe inbox.pointee.events.append(.settings)
        case NGHTTP2_PING where isAcknowledgement:
            // The payload is eight octets by the protocol; the byte order is our own, see `ping`.
            let payload = unsafe frame.ping.opaque_data
            let number = unsafe withUnsafeBytes(of: payload) { bytes in
                unsafe bytes.loadUnaligned(as: UInt64.self)
            }
            unsafe inbox.pointee.events.append(.pong(number))
        case NGHTTP2_GOAWAY:
            let last = unsafe frame.goaway.last_stream_id
            let code = unsafe HTTP2ErrorCode(rawValue: frame.goaway.error_code)
            unsafe inbox.pointee.events.append(.goAway(lastStream: last, code))
        default:
            break  // PRIORITY, WINDOW_UPDATE and the like concern only the library
        }
    }

    /// Fills a DATA frame from the stream's queue; defers when it is empty, ends when it is done.
    static let readBody: nghttp2_data_source_read_callback = {
        session, stream, buffer, capacity, flags, _, user in
        let inbox = unsafe SessionCallbacks.inbox(user)
        let target = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
        guard let taken = unsafe inbox.pointee.outbound[stream]?.takeFrame(into: target) else {
            return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
        let count = taken.count
        if count > 0, !taken.isDribble {
            unsafe inbox.pointee.budget.expect(Limits.idleFramesPerDataFrame)
        }
        if count > 0 { unsafe inbox.pointee.events.append(.drained(stream: stream, count)) }
        guard taken.isLast else {
            return count > 0 ? count : Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if let trailers = taken.trailers {
            // The documented place to submit trailers is this very callback.
            unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            let code = unsafe HeaderBlock.withPairs(trailers) { pairs, pairCount in
                unsafe nghttp2_submit_trailer(session, stream, pairs, pairCount)
            }
            if code != 0 { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        }
        return count
    }
}
