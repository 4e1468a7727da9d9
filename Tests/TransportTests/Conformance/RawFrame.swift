/// A frame as it is on the wire, right or wrong.
struct RawFrame: Hashable, Sendable {
    /// The types of RFC 9113, section 6.
    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let push: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    /// Flags; the same bit means something else on another type.
    enum Flag {
        static let endStream: UInt8 = 0x1
        static let acknowledgement: UInt8 = 0x1
        static let endHeaders: UInt8 = 0x4
        static let padded: UInt8 = 0x8
        static let priority: UInt8 = 0x20
    }

    static let headBytes = 9

    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    var bytes: [UInt8] {
        // 24 bits of length, then the rest of the head.
        Array(octets(UInt32(payload.count)).dropFirst()) + [type, flags] + octets(stream) + payload
    }

    /// Takes the frame at the front of `buffer`, or nothing when it is not complete.
    init?(takingFrom buffer: inout [UInt8]) {
        guard buffer.count >= Self.headBytes else { return nil }
        let length = Int(number(buffer[0..<3]))
        guard buffer.count >= Self.headBytes + length else { return nil }
        type = buffer[3]
        flags = buffer[4]
        stream = number(buffer[5..<9]) & 0x7FFF_FFFF
        payload = Array(buffer[Self.headBytes..<Self.headBytes + length])
        buffer.removeFirst(Self.headBytes + length)
    }

    init(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) {
        self.type = type
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// The error code of RST_STREAM and GOAWAY.
    var errorCode: ErrorCode? {
        switch type {
        case Kind.reset where payload.count == 4: ErrorCode(rawValue: number(payload[0..<4]))
        case Kind.goAway where payload.count >= 8: ErrorCode(rawValue: number(payload[4..<8]))
        default: nil
        }
    }
}

/// The error codes of RFC 9113, section 7, that the cases name.
enum ErrorCode: UInt32, Hashable, Sendable {
    case none = 0x0
    case `protocol` = 0x1
    case `internal` = 0x2
    case flowControl = 0x3
    case settingsTimeout = 0x4
    case streamClosed = 0x5
    case frameSize = 0x6
    case refusedStream = 0x7
    case cancel = 0x8
    case compression = 0x9
    case enhanceYourCalm = 0xb
}

/// The settings that the cases send.
enum Setting: UInt16, Hashable, Sendable {
    case headerTableSize = 0x1
    case enablePush = 0x2
    case maxConcurrentStreams = 0x3
    case initialWindowSize = 0x4
    case maxFrameSize = 0x5
    case maxHeaderListSize = 0x6
    case unknown = 0xff
}

func octets(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}

private func number(_ octets: ArraySlice<UInt8>) -> UInt32 {
    octets.reduce(0) { $0 << 8 | UInt32($1) }
}

/// Frames by their purpose; what a case gets wrong it says.
extension RawFrame {
    static func data(_ stream: UInt32, _ payload: [UInt8] = message, end: Bool = true) -> Self {
        Self(type: Kind.data, flags: end ? Flag.endStream : 0, stream: stream, payload: payload)
    }

    /// DATA with padding of `padding` octets; `claimed` is what the length field says of it.
    static func padded(_ stream: UInt32, padding: UInt8, claimed: UInt8? = nil) -> Self {
        Self(
            type: Kind.data, flags: Flag.endStream | Flag.padded, stream: stream,
            payload: [claimed ?? padding] + message + [UInt8](repeating: 0, count: Int(padding)))
    }

    static func headers(
        _ stream: UInt32, _ block: [UInt8], end: Bool = true, complete: Bool = true
    ) -> Self {
        Self(
            type: Kind.headers,
            flags: (end ? Flag.endStream : 0) | (complete ? Flag.endHeaders : 0),
            stream: stream, payload: block)
    }

    static func continuation(_ stream: UInt32, _ block: [UInt8], complete: Bool = true) -> Self {
        Self(
            type: Kind.continuation, flags: complete ? Flag.endHeaders : 0, stream: stream,
            payload: block)
    }

    /// `weight` is one less than the weight meant, as on the wire.
    static func priority(
        _ stream: UInt32, on parent: UInt32 = 0, exclusive: Bool = false, weight: UInt8 = 255
    ) -> Self {
        Self(
            type: Kind.priority, stream: stream,
            payload: dependency(on: parent, exclusive: exclusive, weight: weight))
    }

    static func dependency(on parent: UInt32, exclusive: Bool, weight: UInt8) -> [UInt8] {
        octets(parent | (exclusive ? 0x8000_0000 : 0)) + [weight]
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = ErrorCode.cancel.rawValue) -> Self {
        Self(type: Kind.reset, stream: stream, payload: octets(code))
    }

    static func settings(_ entries: (Setting, UInt32)...) -> Self {
        Self(
            type: Kind.settings,
            payload: entries.flatMap { octets(UInt32($0.rawValue)).suffix(2) + octets($1) })
    }

    static let settingsAcknowledgement = Self(type: Kind.settings, flags: Flag.acknowledgement)

    static func ping(_ payload: [UInt8] = zeros, acknowledgement: Bool = false) -> Self {
        Self(
            type: Kind.ping, flags: acknowledgement ? Flag.acknowledgement : 0, payload: payload)
    }

    static func goAway(_ code: UInt32 = 0, text: String = "") -> Self {
        Self(type: Kind.goAway, payload: octets(0) + octets(code) + Array(text.utf8))
    }

    static func windowUpdate(_ stream: UInt32, by increment: UInt32) -> Self {
        Self(type: Kind.windowUpdate, stream: stream, payload: octets(increment))
    }

    /// A frame of a type that nobody has defined.
    static let unknown = Self(type: 0x16, payload: zeros)

    static let zeros = [UInt8](repeating: 0, count: 8)

    /// A gRPC message of four bytes, with its prefix.
    static let message: [UInt8] = [0, 0, 0, 0, 4] + Array("test".utf8)
}
