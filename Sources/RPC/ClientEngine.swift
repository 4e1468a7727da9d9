import HTTP2

/// The client's end of a gRPC connection, without its socket.
package struct ClientEngine: ~Copyable, ConnectionEngine {
    /// One call from our request to the server's status; then the entry goes.
    private struct Call {
        var deframer: MessageDeframer
        var hasResponse = false
        var isHalfClosed = false
    }

    private var session: HTTP2Session
    private var calls = CallMap<Call>()
    private var events: [CallEvent] = []
    private let authority: String
    private let scheme: String
    private let messageLimit: Int
    private var isGoingAway = false

    /// The error that the server's GOAWAY has named.
    private var serversComplaint: String?

    /// Makes an engine whose preface waits in `drain`.
    package init(
        authority: String, isSecure: Bool, messageLimit: Int = Limits.messageBytes
    ) throws(RPCStatus) {
        do throws(HTTP2Failure) {
            session = try HTTP2Session(role: .client)
        } catch {
            throw RPCStatus(error)
        }
        self.authority = authority
        scheme = isSecure ? "https" : "http"
        self.messageLimit = messageLimit
    }

    package var openCalls: Int { calls.count }
    package var isFinished: Bool { session.isFinished }
    package var hasOutput: Bool { session.hasOutput }
    package var queuedBytes: Int { session.queuedBytes }
    package var resets: Int { session.resets }
    package var openHeaderBlock: Int? { session.openHeaderBlock }
    package var complaint: String? { session.complaint ?? serversComplaint }

    /// Begins a call; beyond the server's limit it waits in the session for a free place.
    package mutating func open(_ head: RequestHead) throws(RPCStatus) -> CallID {
        guard !isGoingAway else {
            throw RPCStatus(.unavailable, "the server takes no new calls on this connection")
        }
        guard calls.count < Limits.openCalls else {
            throw RPCStatus(.resourceExhausted, "\(Limits.openCalls) calls are under way")
        }
        guard head.metadata.wireBytes <= Limits.metadataBytes else {
            throw RPCStatus(
                .resourceExhausted, "metadata above \(Limits.metadataBytes) bytes")
        }
        let headers = head.headers(authority: authority, scheme: scheme)
        do throws(HTTP2Failure) {
            let id = CallID(stream: try session.submitRequest(headers, bodyFollows: true))
            calls[id] = Call(deframer: MessageDeframer(limit: messageLimit))
            return id
        } catch {
            throw RPCStatus(error)
        }
    }

    /// Says that no message follows.
    package mutating func halfClose(_ id: CallID) {
        guard calls.contains(id) else { return }
        calls[id]?.isHalfClosed = true
        session.finish(id.stream)
    }

    package mutating func receive(_ bytes: RawSpan) throws(RPCStatus) {
        do throws(HTTP2Failure) {
            try session.receive(bytes)
        } catch {
            absorb()
            throw RPCStatus(error)
        }
        absorb()
    }

    package mutating func drain(
        limit: Int, into sink: (RawSpan) -> Void
    ) throws(RPCStatus) -> Int {
        defer { absorb() }
        do throws(HTTP2Failure) {
            return try session.drain(limit: limit, into: sink)
        } catch {
            throw RPCStatus(error)
        }
    }

    package mutating func takeEvents() -> [CallEvent] {
        var taken: [CallEvent] = []
        swap(&taken, &events)
        return taken
    }

    package mutating func send(_ message: [UInt8], on id: CallID) {
        guard calls[id]?.isHalfClosed == false else { return }
        session.send(MessageFraming.frame(message), on: id.stream)
    }

    package mutating func sendCompressed(_ message: [UInt8], on id: CallID) {
        guard calls[id]?.isHalfClosed == false else { return }
        session.send(MessageFraming.frame(message, isCompressed: true), on: id.stream)
    }

    package mutating func end(_ id: CallID, with status: RPCStatus) {
        guard calls.removeValue(forKey: id) != nil else { return }
        reset(id, .cancel)
    }

    package mutating func expire(_ id: CallID, with status: RPCStatus) { end(id, with: status) }

    package mutating func credit(_ bytes: Int, on id: CallID) {
        guard calls.contains(id) else { return }
        attempt { session throws(HTTP2Failure) in try session.credit(bytes, on: id.stream) }
    }

    package mutating func tick(readersMayPause: Bool) {
        // A server may be as slow as it likes: the caller has a deadline, or does not mind.
        _ = session.tick()
    }

    package mutating func ping() {
        attempt { session throws(HTTP2Failure) in try session.ping(0) }
    }

    package mutating func shutDown() {
        isGoingAway = true
        attempt { session throws(HTTP2Failure) in try session.shutDown() }
    }

    // MARK: Private

    /// Turns the session's events into the calls'.
    private mutating func absorb() {
        for event in session.takeEvents() {
            switch event {
            case .headers(let stream, let headers, let endStream):
                receive(headers, endStream: endStream, on: CallID(stream: stream))
            case .headersTooLarge(let stream):
                let limit = Limits.headerListBytes
                let status = RPCStatus(.resourceExhausted, "headers above \(limit) bytes")
                cut(CallID(stream: stream), status)
            case .data(let stream, let bytes): receive(bytes, on: CallID(stream: stream))
            case .endStream(let stream):
                // Trailers have ended the call before this; without them the answer is cut short.
                cut(CallID(stream: stream), RPCStatus(.unknown, "the answer has no grpc-status"))
            case .closed(let stream, let code):
                let id = CallID(stream: stream)
                guard calls.removeValue(forKey: id) != nil else { continue }
                events.append(.ended(id, RPCStatus(reset: code)))
            case .drained(let stream, let count):
                events.append(.drained(CallID(stream: stream), count))
            case .settings: events.append(.ready)
            case .pong: events.append(.pong)
            case .goAway(_, let code):
                if code != .noError {
                    serversComplaint = "the server ended it with HTTP/2 error \(code.rawValue)"
                }
                // The session closes the streams that the server will not answer.
                isGoingAway = true
                events.append(.goingAway)
            }
        }
    }

    private mutating func receive(_ headers: [HTTP2Header], endStream: Bool, on id: CallID) {
        guard let call = calls[id] else { return }
        if call.hasResponse {
            note(CallEvent.trailers, id, headers)
            finish(id, RPCStatus(headers: headers), isComplete: endStream)
            return
        }
        switch ResponseHead(headers, endStream: endStream) {
        case .informational: break
        case .ended(let status):
            note(CallEvent.trailers, id, headers)
            finish(id, status, isComplete: endStream)
        case .streaming(let encoding):
            note(CallEvent.metadata, id, headers)
            calls[id]?.hasResponse = true
            calls[id]?.deframer.encoding = encoding
        }
    }

    /// Tells of metadata, if there is any.
    private mutating func note(
        _ event: (CallID, Metadata) -> CallEvent, _ id: CallID, _ headers: [HTTP2Header]
    ) {
        let metadata = Metadata(answer: headers)
        if !metadata.entries.isEmpty { events.append(event(id, metadata)) }
    }

    private mutating func receive(_ bytes: [UInt8], on id: CallID) {
        guard let call = calls[id] else { return }
        guard call.hasResponse else {
            cut(id, RPCStatus(.internal, "data before the answer's headers"))
            return
        }
        events.append(.received(id, bytes.count))
        calls[id]?.deframer.append(bytes)
        do throws(RPCStatus) {
            while let message = try calls[id]?.deframer.next() {
                events.append(.message(id, message))
            }
        } catch {
            cut(id, error)
        }
    }

    /// Ends a call with the server's status, and frees the stream if either side is still open.
    private mutating func finish(_ id: CallID, _ status: RPCStatus?, isComplete: Bool) {
        guard let call = calls.removeValue(forKey: id) else { return }
        let final = status ?? RPCStatus(.unknown, "the answer has no grpc-status")
        let isCut = final.code == .ok && call.deframer.held > 0
        let reported = isCut ? RPCStatus(.internal, "the answer ended inside a message") : final
        events.append(.ended(id, reported))
        // The server has answered in full: what we have not sent is not cancelled but not wanted.
        // - Source: grpc/doc/PROTOCOL-HTTP2.md, "Early Server Closure".
        if !isComplete || !call.isHalfClosed { reset(id, isComplete ? .noError : .cancel) }
    }

    /// Ends a call for what its server sent.
    private mutating func cut(_ id: CallID, _ status: RPCStatus) {
        guard calls.removeValue(forKey: id) != nil else { return }
        events.append(.ended(id, status))
        reset(id, .cancel)
    }

    private mutating func reset(_ id: CallID, _ code: HTTP2ErrorCode) {
        attempt { session throws(HTTP2Failure) in try session.reset(id.stream, code) }
    }

    /// Runs a command whose failure means only that the stream or session is already going away,
    /// which the session reports by itself.
    private mutating func attempt(_ command: (inout HTTP2Session) throws(HTTP2Failure) -> Void) {
        do throws(HTTP2Failure) { try command(&session) } catch {}
    }
}
