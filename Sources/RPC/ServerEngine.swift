import HTTP2

/// The server's end of a gRPC connection, without its socket.
package struct ServerEngine: ~Copyable, ConnectionEngine {
    /// One call from its request to our last frame; then the entry goes.
    private struct Call {
        let id: CallID
        var deframer: MessageDeframer
        /// For the rest of a message that has begun.
        var patience = Patience()
        /// Its part of the engine's `held`.
        var held = 0
        var response = Response.none
        var isHalfClosed = false
        /// What accompanies our status.
        var trailers = Metadata()
    }

    /// How far our answer is.
    private enum Response {
        case none  // → streaming, or the call ends with trailers only
        case streaming  // → the call ends with trailers
    }

    private var session: HTTP2Session
    private var calls = CallMap<Call>()
    private var events: [CallEvent] = []
    private let messageLimit: Int
    private var lastRequest: (headers: [HTTP2Header], head: RequestHead)?

    /// Bytes of unfinished messages over all calls, for `Limits.heldBytes`.
    private var held = 0

    /// Makes an engine whose SETTINGS wait in `drain`.
    package init(messageLimit: Int = Limits.messageBytes) throws(RPCStatus) {
        do throws(HTTP2Failure) {
            session = try HTTP2Session(role: .server)
        } catch {
            throw RPCStatus(error)
        }
        self.messageLimit = messageLimit
    }

    package var openCalls: Int { calls.count }
    package var isFinished: Bool { session.isFinished }
    package var hasOutput: Bool { session.hasOutput }
    package var queuedBytes: Int { session.queuedBytes }
    package var resets: Int { session.resets }
    package var openHeaderBlock: Int? { session.openHeaderBlock }
    package var complaint: String? { session.complaint }

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
        send(MessageFraming.frame(message), framedOn: id)
    }

    package mutating func sendCompressed(_ message: [UInt8], on id: CallID) {
        send(MessageFraming.frame(message, isCompressed: true), framedOn: id)
    }

    /// Begins the answer before its first message; nothing once it has begun.
    package mutating func begin(_ id: CallID, metadata: Metadata, encoding: MessageEncoding) {
        guard case .none? = calls[id]?.response else { return }
        calls[id]?.response = .streaming
        var headers = Self.responseHeaders
        if encoding != .identity {
            headers.append(HTTP2Header("grpc-encoding", encoding.rawValue))
        }
        respond(headers + metadata.headers, on: id, bodyFollows: true)
    }

    /// Adds to what accompanies the status.
    package mutating func addTrailers(_ metadata: Metadata, on id: CallID) {
        for entry in metadata.entries { calls[id]?.trailers.append(entry) }
    }

    package mutating func end(_ id: CallID, with status: RPCStatus) {
        end(id, with: status, trailers: Metadata())
    }

    /// Ends the call with a status and further metadata in its trailers.
    package mutating func end(_ id: CallID, with status: RPCStatus, trailers: Metadata) {
        guard let call = forget(id) else { return }
        let further = call.trailers.headers + trailers.headers
        let fields = further.isEmpty ? status.headers : status.headers + further
        switch call.response {
        case .none: respond(Self.responseHeaders + fields, on: id, bodyFollows: false)
        case .streaming: session.finish(id.stream, trailers: fields)
        }
    }

    package mutating func expire(_ id: CallID, with status: RPCStatus) {
        // The client has given up by itself: our farewell must not wait for its window.
        guard calls.contains(id), session.queuedBytes(on: id.stream) > 0 else {
            end(id, with: status)
            return
        }
        _ = forget(id)
        reset(id.stream, .cancel)
    }

    package mutating func credit(_ bytes: Int, on id: CallID) {
        guard calls[id]?.isHalfClosed == false else { return }
        attempt { session throws(HTTP2Failure) in try session.credit(bytes, on: id.stream) }
    }

    package mutating func ping() {
        attempt { session throws(HTTP2Failure) in try session.ping(0) }
    }

    package mutating func tick(readersMayPause: Bool) {
        let stalled = session.tick()
        for stream in stalled where !readersMayPause {
            stall(CallID(stream: stream), "the client does not read what it asked for")
        }
        for call in calls.all {
            // Only what the client could send by now: a handler that does not read may keep it waiting.
            let waits =
                call.deframer.held > 0 && !call.isHalfClosed
                && session.isOpenToReceive(call.id.stream)
            if calls[call.id]?.patience.isOver(waits: waits) == true {
                stall(call.id, "the client does not finish its message")
            }
        }
    }

    package mutating func shutDown() {
        attempt { session throws(HTTP2Failure) in try session.shutDown() }
    }

    // MARK: Private

    private mutating func send(_ framed: [UInt8], framedOn id: CallID) {
        guard let response = calls[id]?.response else { return }
        if case .none = response { begin(id, metadata: Metadata(), encoding: .identity) }
        session.send(framed, on: id.stream)
    }

    private static let responseHeaders = [
        HTTP2Header(":status", "200"),
        HTTP2Header("content-type", "application/grpc+proto"),
        HTTP2Header("grpc-accept-encoding", MessageEncoding.accepted),
    ]

    /// Turns the session's events into the calls'.
    private mutating func absorb() {
        for event in session.takeEvents() {
            switch event {
            case .headers(let stream, let headers, _):
                // A second block is the client's trailers, which gRPC does not have: only its end
                // matters, and that has its own event.
                if Self.isRequest(headers) { open(stream, headers) }
            case .headersTooLarge(let stream):
                let limit = Limits.headerListBytes
                let status = RPCStatus(.resourceExhausted, "headers above \(limit) bytes")
                cut(CallID(stream: stream), status)
            case .data(let stream, let bytes): receive(bytes, on: CallID(stream: stream))
            case .endStream(let stream): halfClose(CallID(stream: stream))
            case .closed(let stream, let code):
                let id = CallID(stream: stream)
                if forget(id) != nil { events.append(.ended(id, RPCStatus(reset: code))) }
            case .drained(let stream, let count):
                events.append(.drained(CallID(stream: stream), count))
            case .settings: events.append(.ready)
            case .pong: events.append(.pong)
            case .goAway: break  // a client's GOAWAY limits pushes, and we make none
            }
        }
    }

    private static func isRequest(_ headers: [HTTP2Header]) -> Bool {
        headers.contains { $0.name == ":method" }
    }

    private mutating func open(_ stream: Int32, _ headers: [HTTP2Header]) {
        let id = CallID(stream: stream)
        do throws(RequestRefusal) {
            let head = try parse(headers)
            var call = Call(id: id, deframer: MessageDeframer(limit: messageLimit))
            call.deframer.encoding = head.encoding
            calls[id] = call
            events.append(.opened(id, head))
        } catch {
            events.append(.refused(error.reason))
            switch error {
            case .http(let status, _):
                // - Source: RFC 9110, 15.5.6: who refuses a method names those that it takes.
                let allowed = status == 405 ? [HTTP2Header("allow", "POST")] : []
                respond(
                    [HTTP2Header(":status", String(status))] + allowed, on: id, bodyFollows: false)
            case .status(let status):
                respond(Self.responseHeaders + status.headers, on: id, bodyFollows: false)
            }
        }
    }

    /// Most requests of a connection are alike, and the session hands over the very same fields then.
    private mutating func parse(
        _ headers: [HTTP2Header]
    ) throws(RequestRefusal) -> RequestHead {
        if let lastRequest, lastRequest.headers == headers { return lastRequest.head }
        let head = try RequestHead.parse(headers)
        lastRequest = (headers, head)
        return head
    }

    private mutating func receive(_ bytes: [UInt8], on id: CallID) {
        guard calls.contains(id) else { return }
        events.append(.received(id, bytes.count))
        calls[id]?.patience.move(bytes.count)
        calls[id]?.deframer.append(bytes)
        do throws(RPCStatus) {
            while let message = try calls[id]?.deframer.next() {
                events.append(.message(id, message))
            }
            recountHeld(id)
            guard held <= Limits.heldBytes else {
                throw RPCStatus(.resourceExhausted, "too many unfinished messages")
            }
        } catch {
            cut(id, error)
        }
    }

    private mutating func halfClose(_ id: CallID) {
        guard let call = calls[id] else { return }
        guard call.deframer.held == 0 else {
            cut(id, RPCStatus(.internal, "the request ended inside a message"))
            return
        }
        calls[id]?.isHalfClosed = true
        events.append(.halfClosed(id))
    }

    /// Ends a call for what its client sent.
    private mutating func cut(_ id: CallID, _ status: RPCStatus) {
        session.noteCut()
        events.append(.refused(status.message))
        guard calls.contains(id) else {
            // Answered already: trailers, then, of which gRPC wants nothing but the end.
            guard !session.isSending(on: id.stream) else { return }
            respond(Self.responseHeaders + status.headers, on: id, bodyFollows: false)
            return
        }
        end(id, with: status)
        events.append(.ended(id, status))
    }

    /// Resets the stream of a client that has kept us waiting, whether or not its handler is done.
    private mutating func stall(_ id: CallID, _ reason: String) {
        events.append(.refused(reason))
        if forget(id) != nil { events.append(.ended(id, RPCStatus(.resourceExhausted, reason))) }
        reset(id.stream, .enhanceYourCalm)
    }

    private mutating func forget(_ id: CallID) -> Call? {
        guard let call = calls.removeValue(forKey: id) else { return nil }
        held -= call.held
        return call
    }

    private mutating func recountHeld(_ id: CallID) {
        guard let call = calls[id] else { return }
        held += call.deframer.held - call.held
        calls[id]?.held = call.deframer.held
    }

    private mutating func respond(_ headers: [HTTP2Header], on id: CallID, bodyFollows: Bool) {
        let stream = id.stream
        do throws(HTTP2Failure) {
            try session.submitResponse(headers, on: stream, bodyFollows: bodyFollows)
        } catch {
            reset(stream, .internalError)
        }
    }

    private mutating func reset(_ stream: Int32, _ code: HTTP2ErrorCode) {
        attempt { session throws(HTTP2Failure) in try session.reset(stream, code) }
    }

    /// Runs a command whose failure means only that the stream or session is already going away,
    /// which the session reports by itself.
    private mutating func attempt(_ command: (inout HTTP2Session) throws(HTTP2Failure) -> Void) {
        do throws(HTTP2Failure) { try command(&session) } catch {}
    }
}
