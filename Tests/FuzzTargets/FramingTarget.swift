import HTTP2
import RPC

/// gRPC inside well-formed HTTP/2: fields, length prefixes, gzip and status, from a foreign peer or from our own.
///
/// The first byte picks the scene. A foreign peer's fields and bodies are the fuzzer's; between our own ends every value
/// has to arrive as it was sent.
enum FramingTarget {
    /// Small, so that what exceeds it costs little.
    static let messageLimit = 4_096

    static func run(_ bytes: [UInt8]) {
        var input = FuzzInput(bytes)
        do {
            switch input.byte() % 3 {
            case 0: try serve(&input)
            case 1: try call(&input)
            default: try Conversation(&input).hold()
            }
        } catch {
            broken("what has to work has not: \(error)")
        }
    }

    // MARK: A foreign client

    private static func serve(_ input: inout FuzzInput) throws {
        var client = try HTTP2Session(role: .client)
        var server = try ServerEngine(messageLimit: messageLimit)
        var journal = CallJournal()
        let stream = try client.submitRequest(
            ForeignPeer.request(&input), bodyFollows: true)
        for part in try ForeignPeer.body(&input) {
            client.send(part, on: stream)
            exchange(&client, &server, &journal)
        }
        switch input.byte() % 4 {
        case 0: client.finish(stream)
        case 1: client.finish(stream, trailers: ForeignPeer.trailers(&input))
        case 2: try? client.reset(stream, HTTP2ErrorCode(rawValue: UInt32(input.byte())))
        default: break
        }
        exchange(&client, &server, &journal)
    }

    /// Moves bytes both ways until nothing is left to say; the server echoes what it gets.
    private static func exchange(
        _ client: inout HTTP2Session, _ server: inout ServerEngine, _ journal: inout CallJournal
    ) {
        for _ in 0..<8 {
            let request = ForeignPeer.take(&client)
            try? server.receive(request.span.bytes)
            for event in server.takeEvents() {
                journal.note(event)
                switch event {
                case .opened(let id, let head):
                    server.begin(id, metadata: head.metadata, encoding: head.encoding)
                case .message(let id, let message):
                    if let payload = try? message.decoded(limit: messageLimit) {
                        promise(payload.count <= messageLimit, "\(payload.count) bytes")
                        server.send(payload, on: id)
                    }
                    server.credit(message.cost, on: id)
                case .halfClosed(let id):
                    server.end(id, with: RPCStatus(.aborted, "ü", details: [1]))
                    journal.left(id)
                default: break
                }
            }
            var answer: [UInt8] = []
            _ = try? server.drain(limit: .max) { frame in
                frame.withUnsafeBytes { answer.append(contentsOf: $0) }
            }
            FrameStream.check(answer)
            try? client.receive(answer.span.bytes)
            for case .data(let stream, let bytes) in client.takeEvents() {
                try? client.credit(bytes.count, on: stream)
            }
            if request.isEmpty && answer.isEmpty { return }
        }
    }

    // MARK: A foreign server

    private static func call(_ input: inout FuzzInput) throws {
        var client = try ClientEngine(
            authority: "h", isSecure: true, messageLimit: messageLimit)
        var server = try HTTP2Session(role: .server)
        var journal = CallJournal()
        let id = try client.open(RequestHead(path: "/a.B/C"))
        journal.began(id)
        client.send([1], on: id)
        if input.byte() & 1 == 0 { client.halfClose(id) }
        exchange(&client, &server, &journal)
        guard let stream = requested(&server) else {
            broken("our own request did not arrive")
        }
        try server.submitResponse(ForeignPeer.answer(&input), on: stream, bodyFollows: true)
        for part in try ForeignPeer.body(&input) {
            server.send(part, on: stream)
            exchange(&client, &server, &journal)
        }
        server.finish(stream, trailers: ForeignPeer.trailers(&input))
        exchange(&client, &server, &journal)
        if client.openCalls > 0 {
            // Trailers that break HTTP's rules can leave it open; then we can still leave.
            client.end(id, with: .ok)
        }
        promise(client.openCalls == 0, "a call without an end")
    }

    private static func requested(_ server: inout HTTP2Session) -> Int32? {
        for case .headers(let stream, _, _) in server.takeEvents() { return stream }
        return nil
    }

    private static func exchange(
        _ client: inout ClientEngine, _ server: inout HTTP2Session, _ journal: inout CallJournal
    ) {
        for _ in 0..<8 {
            var request: [UInt8] = []
            _ = try? client.drain(limit: .max) { frame in
                frame.withUnsafeBytes { request.append(contentsOf: $0) }
            }
            FrameStream.check(request)
            try? server.receive(request.span.bytes)
            let answer = ForeignPeer.take(&server)
            try? client.receive(answer.span.bytes)
            for event in client.takeEvents() {
                journal.note(event)
                if case .message(let id, let message) = event {
                    let payload = try? message.decoded(limit: messageLimit)
                    promise((payload?.count ?? 0) <= messageLimit, "more than was asked for")
                    client.credit(message.cost, on: id)
                }
            }
            if request.isEmpty && answer.isEmpty { return }
        }
    }
}
