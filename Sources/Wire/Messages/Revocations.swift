package import ClusterModel

/// Every certificate that agents are to refuse though it has not expired.
///
/// Always the whole list, so that one that was missed does no harm.
package struct Revocations: Hashable, Sendable {
    package let certificates: [RevokedCertificate]

    package init(certificates: [RevokedCertificate]) { self.certificates = certificates }
}

/// One certificate that is refused.
package struct RevokedCertificate: Hashable, Sendable {
    /// Big-endian, without leading zeros.
    package let serial: [UInt8]
    /// End of the certificate; from then on it is refused anyway.
    package let notAfter: Instant

    package init(serial: [UInt8], notAfter: Instant) {
        self.serial = serial
        self.notAfter = notAfter
    }
}
