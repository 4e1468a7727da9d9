import Crypto
import SwiftASN1
import X509

/// A key made on this machine, and the request for a certificate of it.
///
/// Only `der` is sent. The key is for the TLS stack and for a 0600 file of its owner: it never
/// leaves the machine. Keep both until the answer came: a token honours the same request twice,
/// another not.
/// - Source: RFC 2986.
package struct CertificateRequest: Hashable, Sendable {
    /// The signed request (PKCS #10).
    package let der: [UInt8]
    /// The private key (PKCS #8).
    package let key: [UInt8]

    /// A request with a fresh P-256 key; the key's randomness is always the system's.
    package static func make(name: String) throws(IdentityRefusal) -> CertificateRequest {
        let key = P256.Signing.PrivateKey()
        do {
            let request = try CertificateSigningRequest(
                version: .v1, subject: DistinguishedName { CommonName(name) },
                privateKey: Certificate.PrivateKey(key), attributes: .init(),
                signatureAlgorithm: .ecdsaWithSHA256)
            var serializer = DER.Serializer()
            try serializer.serialize(request)
            return CertificateRequest(
                der: serializer.serializedBytes, key: Array(key.derRepresentation))
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// A request that was kept, from its two parts.
    package init(der: [UInt8], key: [UInt8]) {
        self.der = der
        self.key = key
    }
}

extension CertificateRequest: CustomStringConvertible {
    /// The request without its key, for logs.
    package var description: String { "a certificate request of \(der.count) bytes" }
}

/// What is left of a request after everything a stranger could have got wrong was checked.
struct ProvenRequest {
    let publicKey: Certificate.PublicKey
    /// The one common name of its subject.
    let name: String

    /// Checks size, key type, the proof of possession, and the name.
    init(der: [UInt8]) throws(IdentityRefusal) {
        guard der.count <= IdentityLimits.requestBytes else {
            throw .tooLarge(
                what: "bytes of certificate request", count: der.count,
                limit: IdentityLimits.requestBytes)
        }
        let request: CertificateSigningRequest
        do {
            request = try CertificateSigningRequest(derEncoded: der)
        } catch {
            throw .unreadable("\(error)")
        }
        guard P256.Signing.PublicKey(request.publicKey) != nil else {
            throw .unsupportedKey("\(request.publicKey)")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw .unprovenKey
        }
        publicKey = request.publicKey
        name = try onlyValue(
            of: .RDNAttributeType.commonName, in: request.subject, called: "name (CN)")
    }
}
