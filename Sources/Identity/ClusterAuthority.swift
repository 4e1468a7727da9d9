package import ClusterModel
import Crypto
import SwiftASN1
import X509

/// The cluster's certificate authority: a P-256 key and its self-signed certificate of ten years.
///
/// It takes and gives bytes only; whoever stores `key` writes a 0600 file. Revocation and renewal
/// are the coordinator's, which tells agents what to refuse, so there is no CRL and no OCSP.
package struct ClusterAuthority: Sendable {
    /// The certificate (DER); every peer has it.
    package let certificate: [UInt8]
    /// The private key (PKCS #8 DER); only the coordinator has it.
    package let key: [UInt8]

    let signer: P256.Signing.PrivateKey
    let parsed: Certificate

    /// How long the authority lives.
    package static let life = Duration.seconds(3_650 * 86_400)

    /// How far certificates are dated back, for peers whose clock is behind; at most a tenth of their life.
    package static let backdating = Duration.seconds(300)

    /// A new authority; the key's randomness is the system's, the serial number's is `generator`'s.
    package static func make(
        at now: Instant, using generator: inout some RandomNumberGenerator
    ) throws(IdentityRefusal) -> ClusterAuthority {
        let serial = SerialNumber.random(using: &generator)
        let key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        do {
            // The name differs between clusters so that a foreign certificate's issuer tells whose
            // it is.
            let name = try DistinguishedName {
                OrganizationName("Huddle")
                CommonName("Huddle cluster \(serial.description.prefix(8))")
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: .init(bytes: serial.bytes), publicKey: publicKey,
                notValidBefore: date(now.advanced(by: .zero - backdating)),
                notValidAfter: date(now.advanced(by: life)), issuer: name, subject: name,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    SubjectKeyIdentifier(hash: publicKey)
                },
                issuerPrivateKey: .init(key))
            return try ClusterAuthority(
                certificate: encoded(certificate), key: Array(key.derRepresentation))
        } catch let refusal as IdentityRefusal {
            throw refusal
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// An authority from its two files, each DER or PEM.
    package init(certificate: [UInt8], key: [UInt8]) throws(IdentityRefusal) {
        self.certificate = try PEM.der(certificate, of: .certificate)
        self.key = try PEM.der(key, of: .privateKey)
        parsed = try readCertificate(self.certificate)
        try checkAuthority(parsed)
        do {
            signer = try P256.Signing.PrivateKey(derRepresentation: self.key)
        } catch {
            throw .unreadable("the authority's key: \(error)")
        }
        guard parsed.publicKey == Certificate.PublicKey(signer.publicKey) else {
            throw .keyMismatch
        }
    }

    /// What join tokens name it by.
    package var fingerprint: Fingerprint { Fingerprint(of: certificate) }

    /// Signs the request of `subject`, whose name the request must have too.
    ///
    /// Role, name, life and uses are decided here; of the request only the proven key is taken.
    /// - Parameters:
    ///   - request: PKCS #10 in DER.
    ///   - life: how long the certificate lives; `nil` for what is usual for its subject.
    package func issue(
        to subject: Subject, for request: [UInt8], living life: Duration? = nil, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) throws(IdentityRefusal) -> IssuedCertificate {
        try subject.check()
        let proven = try ProvenRequest(der: request)
        guard proven.name == subject.name else {
            throw .wrongName(found: proven.name, expected: subject.name)
        }
        try checkValidity(parsed, at: now)
        let serial = SerialNumber.random(using: &generator)
        let life = life ?? subject.life
        // Dated back by more than its life, a certificate would fall due before it is used.
        let earlier = min(Self.backdating, life / 10)
        let start = max(now.advanced(by: .zero - earlier), instant(parsed.notValidBefore))
        let end = min(now.advanced(by: life), instant(parsed.notValidAfter))
        let names = try subject.alternativeNames()
        do {
            let leaf = try Certificate(
                version: .v3, serialNumber: .init(bytes: serial.bytes), publicKey: proven.publicKey,
                notValidBefore: date(start), notValidAfter: date(end), issuer: parsed.subject,
                subject: try DistinguishedName {
                    OrganizationName("Huddle")
                    OrganizationalUnitName(subject.role.rawValue)
                    CommonName(subject.name)
                },
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try extensions(for: subject, key: proven.publicKey, names: names),
                issuerPrivateKey: .init(signer))
            return IssuedCertificate(
                der: try Self.encoded(leaf), serial: serial,
                notBefore: instant(leaf.notValidBefore),
                notAfter: instant(leaf.notValidAfter))
        } catch {
            throw .unreadable("\(error)")
        }
    }

    private func extensions(
        for subject: Subject, key: Certificate.PublicKey, names: [GeneralName]
    ) throws -> Certificate.Extensions {
        // Users only ever call; agents and the coordinator are also called.
        let usages: [ExtendedKeyUsage.Usage] =
            subject.role.userRank == nil ? [.serverAuth, .clientAuth] : [.clientAuth]
        let issuer = try parsed.extensions.subjectKeyIdentifier
        return try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage(usages)
            SubjectKeyIdentifier(hash: key)
            AuthorityKeyIdentifier(keyIdentifier: issuer?.keyIdentifier)
            if !names.isEmpty { SubjectAlternativeNames(names) }
        }
    }

    static func encoded(_ certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}

extension ClusterAuthority: CustomStringConvertible {
    /// The authority without its key, for logs.
    package var description: String { "authority \(fingerprint)" }
}

/// A certificate that was just signed, with what the coordinator keeps of it.
///
/// Keep serial and end until then: removing a host revokes every certificate of it that still
/// lives.
package struct IssuedCertificate: Hashable, Sendable {
    /// The certificate (DER).
    package let der: [UInt8]
    /// What a revocation names it by.
    package let serial: SerialNumber
    /// The first instant at which it is valid, a little before it was signed.
    package let notBefore: Instant
    /// The last second in which it is valid.
    package let notAfter: Instant
}
