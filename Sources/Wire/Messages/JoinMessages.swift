package import ClusterModel

/// Asks to become a host of the cluster, with a token in place of a certificate.
package struct JoinRequest: Hashable, Sendable {
    /// Version of this protocol that the agent speaks.
    package let `protocol`: Int
    package let tokenID: String
    /// The token's secret half; the coordinator stores only its hash.
    package let secret: [UInt8]
    /// Name that the host wants.
    package let host: HostID
    /// PKCS #10 request in DER, for a key that never leaves the host.
    package let certificateRequest: [UInt8]
    package let labels: Labels

    package init(
        protocol: Int, tokenID: String, secret: [UInt8], host: HostID, certificateRequest: [UInt8],
        labels: Labels = .none
    ) {
        self.protocol = `protocol`
        self.tokenID = tokenID
        self.secret = secret
        self.host = host
        self.certificateRequest = certificateRequest
        self.labels = labels
    }
}

/// A certificate for the key of the request, and the authority that signed it.
package struct JoinReply: Hashable, Sendable {
    /// X.509 in DER.
    package let certificate: [UInt8]
    /// X.509 in DER.
    package let authority: [UInt8]

    package init(certificate: [UInt8], authority: [UInt8]) {
        self.certificate = certificate
        self.authority = authority
    }
}

/// Asks for a new certificate for the host that the caller's present one names.
package struct RenewRequest: Hashable, Sendable {
    /// PKCS #10 request in DER.
    package let certificateRequest: [UInt8]

    package init(certificateRequest: [UInt8]) {
        self.certificateRequest = certificateRequest
    }
}
