/// Who is at the other end of a connection.
package struct Peer: Hashable, Sendable {
    /// `192.0.2.1:49152` or `[2001:db8::1]:49152`.
    package let address: String

    /// The certificate that the peer presented and that our trust roots vouch for: DER, leaf
    /// first; empty when none was presented.
    package let certificates: [[UInt8]]

    package init(address: String, certificates: [[UInt8]]) {
        self.address = address
        self.certificates = certificates
    }
}
