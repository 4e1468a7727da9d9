import HTTP2
import RPC

/// A plain HTTP/2 session against a server engine, to send what our client never would.
final class HandMadeRequest {
    private var session: HTTP2Session
    let server: ServerEnd

    static let gRPC = [
        HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "http"),
        HTTP2Header(":path", "/a.B/C"), HTTP2Header(":authority", "h"),
        HTTP2Header("te", "trailers"), HTTP2Header("content-type", "application/grpc"),
    ]

    init(messageLimit: Int = Limits.messageBytes) throws {
        session = try HTTP2Session(role: .client)
        server = try ServerEnd(messageLimit: messageLimit)
    }

    /// Begins a call with these bytes, and leaves it open.
    func call(_ headers: [HTTP2Header], body: [UInt8]) throws -> CallID {
        let stream = try session.submitRequest(headers, bodyFollows: true)
        session.send(body, on: stream)
        try server.receive(try takeBytes())
        for case .opened(let id, _) in server.takeEvents() { return id }
        throw RPCStatus(.internal, "the server knows of no call")
    }

    /// Sends a request and its body, ended or not; returns the fields of the answer's headers.
    func answer(
        to headers: [HTTP2Header], body: [UInt8] = [], ends: Bool = true
    ) throws -> [String: String] {
        let stream = try session.submitRequest(headers, bodyFollows: true)
        session.send(body, on: stream)
        if ends { session.finish(stream) }
        for _ in 0..<4 {
            try server.receive(try takeBytes())
            let answer = try server.takeBytes()
            try session.receive(answer.span.bytes)
        }
        var fields: [String: String] = [:]
        for case .headers(stream, let headers, _) in session.takeEvents() {
            for header in headers { fields[header.name] = header.value }
        }
        return fields
    }

    private func takeBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try session.drain(limit: .max) { frame in
            frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

extension [HTTP2Header] {
    func replacing(_ name: String, _ value: String?) -> [HTTP2Header] {
        var changed = filter { $0.name != name }
        if let value { changed.append(HTTP2Header(name, value)) }
        return changed
    }
}
