package import ClusterModel
import Crypto
import SwiftASN1
import X509

extension ClusterAuthority {
    /// How long the credentials of one move live.
    package static let moveLife = Duration.seconds(3_600)

    /// Key and certificate for the two ends of one move.
    ///
    /// The certificate has a name and no role: it opens nothing but the door that asks for this name, and no
    /// method of any service. Both ends get the same, because each has to prove only that it was told of the move.
    package func moveCredentials(
        for move: Move, at now: Instant, using generator: inout some RandomNumberGenerator
    ) throws(IdentityRefusal) -> MoveCredentials {
        let name = "\(move.id.rawValue)-\(move.generation.number).move.huddle"
        let key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let serial = SerialNumber.random(using: &generator)
        do {
            let leaf = try Certificate(
                version: .v3, serialNumber: .init(bytes: serial.bytes), publicKey: publicKey,
                notValidBefore: date(now.advanced(by: .zero - Self.backdating)),
                notValidAfter: date(now.advanced(by: Self.moveLife)), issuer: parsed.subject,
                subject: try DistinguishedName { CommonName(name) },
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                    try ExtendedKeyUsage([.serverAuth, .clientAuth])
                    SubjectAlternativeNames([.dnsName(name)])
                },
                issuerPrivateKey: .init(signer))
            return MoveCredentials(
                authority: Self.text(certificate, .certificate),
                certificate: Self.text(try Self.encoded(leaf), .certificate),
                key: Self.text(Array(key.derRepresentation), .privateKey), name: name)
        } catch {
            throw .unreadable("\(error)")
        }
    }

    private static func text(_ der: [UInt8], _ label: PEM.Label) -> String {
        String(decoding: PEM.encoded(der, as: label), as: UTF8.self)
    }
}
