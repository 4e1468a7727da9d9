/// Every bound of this target, so that a peer's bytes cannot make us work without end.
package enum IdentityLimits {
    /// Ours have under 1 KiB; eight times that leaves room for forty names of a coordinator.
    package static let certificateBytes = 8 * 1024
    /// Leaf and authority, twice over.
    package static let chainCertificates = 4
    /// A P-256 request has under 400 bytes.
    package static let requestBytes = 4 * 1024
    /// Names and addresses of one coordinator, in its certificate and in a token.
    package static let addresses = 16
    /// A DNS name of 253 bytes, brackets and port included.
    package static let addressBytes = 255
    /// Sixteen addresses of 255 bytes and 110 bytes of the rest, in base64, rounded up.
    package static let tokenBytes = 6 * 1024
    /// X.520's upper bound of a common name.
    /// - Source: RFC 5280, appendix A.1, `ub-common-name`.
    package static let nameBytes = 64
}
