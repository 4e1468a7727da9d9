import HTTP2

/// The encoding of `grpc-message`: printable ASCII but `%` as it is, all else as `%XX` of UTF-8.
///
/// So are spaces at either end, which a peer has to refuse in a field.
/// - Source: grpc/doc/PROTOCOL-HTTP2.md, "Responses"; RFC 9113, 8.2.1.
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        let bytes = Array(shortened(text).utf8)
        for (index, byte) in bytes.enumerated() {
            let isOuterSpace =
                byte == UInt8(ascii: " ") && (index == 0 || index == bytes.count - 1)
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%"), !isOuterSpace {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(digit(byte >> 4))
                encoded.append(digit(byte & 0xF))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// What fits of the text, in whole characters.
    private static func shortened(_ text: String) -> Substring {
        guard text.utf8.count > Limits.statusMessageBytes else { return text[...] }
        var bytes = 0
        return text.prefix { character in
            bytes += character.utf8.count
            return bytes <= Limits.statusMessageBytes
        }
    }

    /// Never fails: what is not a valid escape stays as it came.
    static func decode(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = value(bytes[index + 1]), let low = value(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
