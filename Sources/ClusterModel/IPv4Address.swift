/// An address of Internet Protocol version 4.
package struct IPv4Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The four octets, the first one highest.
    package let bits: UInt32

    package init(bits: UInt32) { self.bits = bits }

    /// Reads dotted decimal, such as `10.99.0.7`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.allSatisfy(\.isASCIIDigit),
                part == "0" || !part.hasPrefix("0"), let octet = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
        self.bits = bits
    }

    package var description: String {
        [24, 16, 8, 0].map { String(bits >> UInt32($0) & 0xff) }.joined(separator: ".")
    }

    package static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }

    /// The hardware address that goes with this address on the cluster's network.
    ///
    /// It follows from the address, so that nothing else has to be handed out or kept: a locally
    /// administered unicast prefix and the four octets.
    package var hardware: HardwareAddress { HardwareAddress(bits: 0x0268_0000_0000 | UInt64(bits)) }
}

/// An Ethernet address.
package struct HardwareAddress: Hashable, Sendable, CustomStringConvertible {
    /// The six octets, the first one highest.
    package let bits: UInt64

    package init(bits: UInt64) { self.bits = bits & 0xffff_ffff_ffff }

    /// Six pairs of hexadecimal digits with colons between them, as every tool of Linux reads them.
    package var description: String {
        [40, 32, 24, 16, 8, 0].map { shift -> String in
            let octet = bits >> UInt64(shift) & 0xff
            return (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }.joined(separator: ":")
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
