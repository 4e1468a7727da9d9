/// A header field of a case.
struct Field: Hashable, Sendable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// A field of 4,000 octets, four of which fill a frame.
    static let large = Field("x-large", String(repeating: "x", count: 4_000))
}

extension [Field] {
    /// A gRPC request to one of the responder's methods.
    static func request(_ path: String = Responder.hello, method: String = "POST") -> [Field] {
        [
            Field(":method", method), Field(":scheme", "http"), Field(":path", path),
            Field(":authority", "localhost"), Field("te", "trailers"),
            Field("content-type", "application/grpc"),
        ]
    }

    func without(_ name: String) -> [Field] { filter { $0.name != name } }

    func replacing(_ name: String, with value: String) -> [Field] {
        map { $0.name == name ? Field(name, value) : $0 }
    }

    /// The list as literals without indexing and without Huffman coding.
    /// - Source: RFC 7541, 6.2.2.
    var block: [UInt8] {
        flatMap { field in [0x00] + Self.string(field.name) + Self.string(field.value) }
    }

    private static func string(_ text: String) -> [UInt8] {
        integer(text.utf8.count, prefixBits: 7) + Array<UInt8>(text.utf8)
    }

    /// An integer of HPACK; the bits before the prefix are zero.
    /// - Source: RFC 7541, 5.1.
    static func integer(_ value: Int, prefixBits: Int) -> [UInt8] {
        let most = 1 << prefixBits - 1
        guard value >= most else { return [UInt8(value)] }
        var octets = [UInt8(most)]
        var rest = value - most
        while rest >= 128 {
            octets.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return octets + [UInt8(rest)]
    }
}
