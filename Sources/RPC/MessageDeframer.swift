/// Puts the messages of one direction of a call together from DATA frames.
struct MessageDeframer {
    private let limit: Int
    private var buffer: [UInt8] = []
    private var offset = 0

    /// How messages with the flag set are encoded, as the headers say.
    var encoding = MessageEncoding.identity

    init(limit: Int) {
        self.limit = limit
    }

    /// Bytes of a message that is not complete.
    var held: Int { buffer.count - offset }

    mutating func append(_ bytes: [UInt8]) {
        if offset == buffer.count {
            buffer = bytes
        } else {
            buffer.removeFirst(offset)
            buffer.append(contentsOf: bytes)
        }
        offset = 0
    }

    /// The next complete message, `nil` when more bytes are needed.
    mutating func next() throws(RPCStatus) -> ReceivedMessage? {
        guard held >= MessageFraming.prefixBytes else { return nil }
        let length = buffer[offset + 1..<offset + 5].reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else {
            throw RPCStatus(
                .resourceExhausted, "a message of \(length) bytes; \(limit) is the most")
        }
        let start = offset + MessageFraming.prefixBytes
        guard held >= MessageFraming.prefixBytes + length else { return nil }
        let flag = buffer[offset]
        let body = Array(buffer[start..<start + length])
        offset = start + length
        if offset == buffer.count {
            buffer = []
            offset = 0
        }
        switch (flag, encoding) {
        case (0, _):
            return ReceivedMessage(body)
        case (1, .gzip):
            return ReceivedMessage(body, isCompressed: true)
        case (1, .identity):
            throw RPCStatus(.internal, "a compressed message without a grpc-encoding")
        default:
            throw RPCStatus(.internal, "a message with unknown flags \(flag)")
        }
    }
}
