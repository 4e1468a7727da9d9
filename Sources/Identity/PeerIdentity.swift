package import ClusterModel
import X509

/// Who a peer is, as its certificate says.
package struct PeerIdentity: Hashable, Sendable {
    /// What the peer is.
    package let role: Role
    /// A host's name for an agent, else a user's or the coordinator's.
    package let name: String
    /// What a revocation of this certificate names.
    package let serial: SerialNumber
    /// The first instant at which the certificate is valid.
    package let notBefore: Instant
    /// The last second in which it is valid; the connection should not outlive it.
    package let notAfter: Instant

    /// An identity from its parts, for tests of what is decided from it.
    package init(
        role: Role, name: String, serial: SerialNumber, notBefore: Instant, notAfter: Instant
    ) {
        self.role = role
        self.name = name
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// The host that an agent speaks for; `nil` for everybody else.
    package var host: HostID? { role == .agent ? HostID(name) : nil }

    /// Reads a DER leaf that the TLS stack has already verified against the cluster's authority.
    ///
    /// Looks at time and subject only. Where nothing was verified yet, ask `ClientTrust`.
    package static func of(
        leaf: [UInt8], at now: Instant
    ) throws(IdentityRefusal) -> PeerIdentity {
        let certificate = try readCertificate(leaf)
        try checkValidity(certificate, at: now)
        return try PeerIdentity(certificate)
    }

    /// Reads role, name, serial and times; checks no signature and no clock.
    init(_ certificate: Certificate) throws(IdentityRefusal) {
        let role = try onlyValue(
            of: .RDNAttributeType.organizationalUnitName, in: certificate.subject,
            called: "role (OU)")
        guard let known = Role(rawValue: role) else {
            throw .malformedSubject("unknown role “\(role)”")
        }
        let name = try onlyValue(
            of: .RDNAttributeType.commonName, in: certificate.subject, called: "name (CN)")
        try checkName(name, of: known)
        self.init(
            role: known, name: name, serial: SerialNumber(bytes: certificate.serialNumber.bytes),
            notBefore: instant(certificate.notValidBefore),
            notAfter: instant(certificate.notValidAfter))
    }
}
