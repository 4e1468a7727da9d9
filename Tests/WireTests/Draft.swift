/// A message written by hand, so that a test can say what no encoder of ours would.
struct Draft {
    private(set) var bytes: [UInt8] = []

    static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    func number(_ field: UInt64, _ value: UInt64) -> Draft {
        adding(Self.varint(field << 3) + Self.varint(value))
    }

    func content(_ field: UInt64, _ content: [UInt8]) -> Draft {
        adding(Self.varint(field << 3 | 2) + Self.varint(UInt64(content.count)) + content)
    }

    func text(_ field: UInt64, _ text: String) -> Draft { content(field, Array(text.utf8)) }

    func message(_ field: UInt64, _ message: Draft) -> Draft { content(field, message.bytes) }

    func adding(_ more: [UInt8]) -> Draft {
        var draft = self
        draft.bytes += more
        return draft
    }
}
