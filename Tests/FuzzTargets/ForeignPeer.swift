import HTTP2
import RPC

/// The other end as a fuzzer makes it: fields and bodies that our own engines would never send.
enum ForeignPeer {
    private static let names = [
        ":method", ":path", ":scheme", "te", "content-type", "grpc-timeout", "grpc-encoding",
        "grpc-accept-encoding", "x-text", "x-key-bin", "grpc-status", "grpc-message",
        "grpc-status-details-bin", ":status", "content-length", "X-Upper",
    ]

    static func request(_ input: inout FuzzInput) -> [HTTP2Header] {
        edited(
            [
                HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "http"),
                HTTP2Header(":path", "/a.B/C"), HTTP2Header(":authority", "h"),
                HTTP2Header("te", "trailers"), HTTP2Header("content-type", "application/grpc"),
            ], &input)
    }

    static func answer(_ input: inout FuzzInput) -> [HTTP2Header] {
        edited(
            [HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc")],
            &input)
    }

    static func trailers(_ input: inout FuzzInput) -> [HTTP2Header] {
        edited([HTTP2Header("grpc-status", "0")], &input)
    }

    /// The fields with some replaced, and others added.
    private static func edited(
        _ fields: [HTTP2Header], _ input: inout FuzzInput
    ) -> [HTTP2Header] {
        var fields = fields
        for _ in 0..<input.byte() % 8 {
            let name = names[Int(input.byte()) % names.count]
            let field = HTTP2Header(name, String(decoding: input.piece(), as: UTF8.self))
            if let place = fields.firstIndex(where: { $0.name == name }) {
                fields[place] = field
            } else {
                fields.append(field)
            }
        }
        return fields
    }

    /// Pieces of a body: raw bytes, messages, messages in gzip that may be large, and what only says that it is gzip.
    static func body(_ input: inout FuzzInput) throws -> [[UInt8]] {
        var parts: [[UInt8]] = []
        for _ in 0..<input.byte() % 8 {
            let kind = input.byte()
            let piece = input.piece()
            switch kind % 4 {
            case 0: parts.append(piece)
            case 1: parts.append(framed(piece, flag: kind >> 7))
            case 2:
                let many = Array(repeatElement(piece, count: Int(kind >> 2) + 1).joined())
                parts.append(framed(try Gzip.compress(many), flag: 1))
            default:
                var damaged = try Gzip.compress(piece)
                damaged[Int(kind >> 2) % damaged.count] ^= input.byte()
                parts.append(framed(damaged, flag: 1))
            }
        }
        return parts
    }

    private static func framed(_ message: [UInt8], flag: UInt8) -> [UInt8] {
        let length = UInt32(message.count)
        return [flag] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + message
    }

    /// What a session has to send; nothing once it has given up.
    static func take(_ session: inout HTTP2Session) -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try? session.drain(limit: .max) { frame in
            frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
