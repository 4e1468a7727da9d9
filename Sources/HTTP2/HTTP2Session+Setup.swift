import CNghttp2

extension HTTP2Session {
    /// A body read from the inbox; the stream number is key enough.
    static func bodyProvider() -> nghttp2_data_provider {
        unsafe nghttp2_data_provider(
            source: nghttp2_data_source(ptr: nil), read_callback: SessionCallbacks.readBody)
    }

    /// Makes the library's session with every limit that it can enforce for us.
    static func makeRaw(
        role: Role, inbox: UnsafeMutablePointer<Inbox>
    ) throws(HTTP2Failure) -> OpaquePointer {
        var options: OpaquePointer?
        guard unsafe nghttp2_option_new(&options) == 0, let options = unsafe options else {
            throw HTTP2Failure(.setup, "no memory for HTTP/2 options")
        }
        defer { unsafe nghttp2_option_del(options) }
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_outbound_ack(options, Limits.queuedAcknowledgements)
        unsafe nghttp2_option_set_max_settings(options, Limits.settingsPerFrame)
        // The library counts how often it is given octets of such a head; the session counts heads.
        let pieces = (Limits.continuations + 1) * FrameScanner.headBytes
        unsafe nghttp2_option_set_max_continuations(options, pieces)
        unsafe nghttp2_option_set_stream_reset_rate_limit(
            options, UInt64(Limits.resetBurst), UInt64(Limits.resetsPerSecond))

        var raw: OpaquePointer?
        try unsafe SessionCallbacks.withTable { table throws(HTTP2Failure) in
            let code =
                switch role {
                case .client: unsafe nghttp2_session_client_new2(&raw, table, inbox, options)
                case .server: unsafe nghttp2_session_server_new2(&raw, table, inbox, options)
                }
            guard code == 0 else { throw HTTP2Failure(.setup, "no memory for an HTTP/2 session") }
        }
        guard let raw = unsafe raw else { throw HTTP2Failure(.setup, "no HTTP/2 session") }
        guard unsafe submitSettings(to: raw, role: role) == 0 else {
            unsafe nghttp2_session_del(raw)
            throw HTTP2Failure(.setup, "no memory for HTTP/2 settings")
        }
        return unsafe raw
    }

    private static func submitSettings(to raw: OpaquePointer, role: Role) -> Int32 {
        let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        let code = unsafe settings(role: role).withUnsafeBufferPointer { entries in
            unsafe nghttp2_submit_settings(raw, none, entries.baseAddress, entries.count)
        }
        guard code == 0 else { return code }
        let window = Int32(Limits.connectionWindow)
        return unsafe nghttp2_session_set_local_window_size(raw, none, 0, window)
    }

    /// Our SETTINGS: bounds for the peer; push is refused by both roles.
    private static func settings(role: Role) -> [nghttp2_settings_entry] {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(value))
        }
        let common = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Limits.streamWindow),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, Limits.headerListBytes),
        ]
        switch role {
        case .client:
            return common + [entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0)]
        case .server:
            let streams = Limits.concurrentStreams
            return common + [entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams)]
        }
    }
}
