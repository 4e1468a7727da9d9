import Crypto

/// The SHA-256 of a certificate's DER bytes: how a token names the one authority to trust.
package struct Fingerprint: Hashable, Sendable {
    /// Length of a SHA-256 in bytes.
    package static let length = 32

    /// The 32 bytes of the hash.
    package let bytes: [UInt8]

    /// A fingerprint of 32 bytes; `nil` for any other number of them.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// The fingerprint of a certificate's DER bytes.
    package init(of certificate: [UInt8]) { bytes = Array(SHA256.hash(data: certificate)) }
}

extension Fingerprint: CustomStringConvertible {
    /// Lower-case hexadecimal, as `openssl x509 -fingerprint -sha256` without its colons.
    package var description: String { Hexadecimal.text(of: bytes) }
}
