import RPC

/// A call between our own ends with values of the fuzzer's choice, each of which has to arrive.
struct Conversation {
    private struct Message {
        let bytes: [UInt8]
        let isCompressed: Bool
    }

    private let head: RequestHead
    private let requests: [Message]
    private let metadata: Metadata
    private let trailers: Metadata
    private let status: RPCStatus

    init(_ input: inout FuzzInput) {
        let timeout = input.bytes(8).reduce(Int64(0)) { $0 << 8 | Int64($1) } & .max
        head = RequestHead(
            path: "/a.B/C", metadata: Self.metadata(&input),
            timeout: timeout == 0 ? nil : .nanoseconds(timeout), encoding: .gzip)
        requests = (0..<input.byte() % 4).map { _ in
            Message(bytes: input.piece(), isCompressed: input.byte() & 1 == 1)
        }
        metadata = Self.metadata(&input)
        trailers = Self.metadata(&input)
        let code = RPCStatus.Code(rawValue: Int(input.byte() % 17)) ?? .unknown
        let text = String(decoding: input.piece(), as: UTF8.self)
        status = RPCStatus(code, text, details: input.piece())
    }

    private static func metadata(_ input: inout FuzzInput) -> Metadata {
        var metadata = Metadata()
        for _ in 0..<input.byte() % 4 {
            let isBinary = input.byte() & 1 == 1
            let value = input.piece()
            if isBinary {
                metadata.add("x-key-bin", value)
            } else {
                let printable = value.filter { (0x20...0x7E).contains($0) }
                metadata.add("x-text", String(decoding: printable, as: UTF8.self))
            }
        }
        return metadata
    }

    /// Plays the call: the server sends every message back as it came, then its status.
    func hold() throws {
        var client = try ClientEngine(
            authority: "h", isSecure: false, messageLimit: FramingTarget.messageLimit)
        var server = try ServerEngine(messageLimit: FramingTarget.messageLimit)
        let id = try client.open(head)
        for message in requests {
            if message.isCompressed {
                client.sendCompressed(try Gzip.compress(message.bytes), on: id)
            } else {
                client.send(message.bytes, on: id)
            }
        }
        client.halfClose(id)
        var told: [CallEvent] = []
        for _ in 0..<6 {
            let request = try Self.take(&client)
            try server.receive(request.span.bytes)
            for event in server.takeEvents() { answer(event, by: &server) }
            let reply = try Self.take(&server)
            try client.receive(reply.span.bytes)
            told += client.takeEvents()
        }
        check(told, id)
    }

    private func answer(_ event: CallEvent, by server: inout ServerEngine) {
        switch event {
        case .opened(let id, let arrived):
            promise(arrived.metadata == head.metadata, "\(head) arrived as \(arrived)")
            promise(arrived.encoding == head.encoding, "\(head) arrived as \(arrived)")
            checkTimeout(arrived)
            server.begin(id, metadata: metadata, encoding: .identity)
        case .message(let id, let message):
            guard let payload = try? message.decoded() else {
                broken("\(message) of our own: \(self)")
            }
            server.send(payload, on: id)
        case .halfClosed(let id): server.end(id, with: status, trailers: trailers)
        case .ended, .refused: broken("\(event) of a call in order: \(self)")
        default: break
        }
    }

    /// Rounded up to a unit; of one that has just become too small for eight digits the next is a part in a hundred thousand.
    private func checkTimeout(_ arrived: RequestHead) {
        guard let sent = head.timeout else {
            promise(arrived.timeout == nil, "a timeout from nowhere")
            return
        }
        guard let timeout = arrived.timeout else { broken("\(sent) got lost") }
        promise(
            timeout >= sent && timeout <= sent + sent / 90_000 + .nanoseconds(1),
            "\(sent) arrived as \(timeout)")
    }

    private func check(_ told: [CallEvent], _ id: CallID) {
        var expected: [CallEvent] = []
        if !metadata.isEmpty { expected.append(.metadata(id, metadata)) }
        expected += requests.map { .message(id, ReceivedMessage($0.bytes)) }
        if !trailers.isEmpty { expected.append(.trailers(id, trailers)) }
        expected.append(.ended(id, status))
        let essential = told.filter { event in
            switch event {
            case .metadata, .message, .trailers, .ended: true
            default: false
            }
        }
        promise(essential == expected, "\(expected) arrived as \(essential)")
    }

    private static func take<Engine: ConnectionEngine & ~Copyable>(
        _ engine: inout Engine
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try engine.drain(limit: .max) { frame in
            frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        FrameStream.check(bytes)
        return bytes
    }
}
