import HTTP2

/// One end of a connection, as a class: `#expect` cannot look into a value that does not copy.
final class End {
    private var session: HTTP2Session

    init(_ role: HTTP2Session.Role) throws {
        session = try HTTP2Session(role: role)
    }

    var isFinished: Bool { session.isFinished }
    var openHeaderBlock: Int? { session.openHeaderBlock }
    var resets: Int { session.resets }

    func receive(_ bytes: [UInt8]) throws { try session.receive(bytes.span.bytes) }
    func takeEvents() -> [HTTP2Event] { session.takeEvents() }
    func queuedBytes(on stream: Int32) -> Int { session.queuedBytes(on: stream) }

    func takeDataBytes() -> Int {
        takeEvents().reduce(0) { sum, event in
            if case .data(_, let bytes) = event { sum + bytes.count } else { sum }
        }
    }

    func takeBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try session.drain(limit: .max) { frame in
            frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    func open(_ headers: [HTTP2Header] = request, bodyFollows: Bool = true) throws -> Int32 {
        try session.submitRequest(headers, bodyFollows: bodyFollows)
    }

    func respond(_ headers: [HTTP2Header] = ok, on stream: Int32, bodyFollows: Bool) throws {
        try session.submitResponse(headers, on: stream, bodyFollows: bodyFollows)
    }

    func send(_ bytes: [UInt8], on stream: Int32) { session.send(bytes, on: stream) }

    func finish(_ stream: Int32, trailers: [HTTP2Header]? = nil) {
        session.finish(stream, trailers: trailers)
    }

    func credit(_ count: Int, on stream: Int32) throws { try session.credit(count, on: stream) }
    func reset(_ stream: Int32, _ code: HTTP2ErrorCode) throws { try session.reset(stream, code) }
    func ping(_ number: UInt64) throws { try session.ping(number) }
    func shutDown() throws { try session.shutDown() }
    func tick() -> [Int32] { session.tick() }
}

/// A client and a server joined by a cable that the test moves bytes over.
struct Wire {
    let client: End
    let server: End

    /// Both ends, past their exchange of settings.
    init() throws {
        client = try End(.client)
        server = try End(.server)
        try settle()
        _ = client.takeEvents()
        _ = server.takeEvents()
    }

    /// Moves bytes both ways until neither side has any.
    func settle() throws {
        while true {
            let toServer = try client.takeBytes()
            if !toServer.isEmpty { try server.receive(toServer) }
            let toClient = try server.takeBytes()
            if !toClient.isEmpty { try client.receive(toClient) }
            if toServer.isEmpty && toClient.isEmpty { return }
        }
    }
}

/// A frame made by hand.
func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    let length = UInt32(payload.count)
    let head: [UInt8] = [
        UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8),
        UInt8(truncatingIfNeeded: length), type, flags,
        UInt8(truncatingIfNeeded: stream >> 24), UInt8(truncatingIfNeeded: stream >> 16),
        UInt8(truncatingIfNeeded: stream >> 8), UInt8(truncatingIfNeeded: stream),
    ]
    return head + payload
}

let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

let request = [
    HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "http"), HTTP2Header(":path", "/a"),
    HTTP2Header(":authority", "h"),
]

let ok = [HTTP2Header(":status", "200")]
