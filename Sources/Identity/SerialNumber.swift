/// The number that an authority gave one certificate; what a revocation names.
package struct SerialNumber: Hashable, Comparable, Sendable {
    /// Length of the numbers we give: 127 random bits, so that none repeats and none can be
    /// guessed.
    package static let length = 16

    /// Big-endian, without leading zeros: the same number has the same bytes however it was
    /// encoded.
    package let bytes: [UInt8]

    /// A number from its big-endian bytes.
    package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.drop { $0 == 0 }) }

    /// A number from hexadecimal text as `description` writes it; `nil` for anything else.
    package init?(hexadecimal text: String) {
        guard let bytes = Hexadecimal.bytes(of: text), !bytes.isEmpty else { return nil }
        self.init(bytes: bytes)
    }

    /// A fresh number; positive and never zero, as the standard asks.
    /// - Source: RFC 5280, section 4.1.2.2.
    static func random(using generator: inout some RandomNumberGenerator) -> SerialNumber {
        var bytes = randomBytes(length, using: &generator)
        bytes[0] = bytes[0] & 0x7F | 0x40
        return SerialNumber(bytes: bytes)
    }

    /// The order of the numbers.
    package static func < (a: Self, b: Self) -> Bool {
        a.bytes.count == b.bytes.count
            ? a.bytes.lexicographicallyPrecedes(b.bytes) : a.bytes.count < b.bytes.count
    }
}

extension SerialNumber: CustomStringConvertible {
    /// Lower-case hexadecimal, as the store and the log have it.
    package var description: String { bytes.isEmpty ? "00" : Hexadecimal.text(of: bytes) }
}

/// `count` bytes drawn from `generator`.
func randomBytes(_ count: Int, using generator: inout some RandomNumberGenerator) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
