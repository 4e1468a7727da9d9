import ClusterModel
import FoundationEssentials
import SwiftASN1
import X509

/// Decodes one DER certificate of bounded size.
func readCertificate(_ der: [UInt8]) throws(IdentityRefusal) -> Certificate {
    guard der.count <= IdentityLimits.certificateBytes else {
        throw .tooLarge(
            what: "bytes of certificate", count: der.count, limit: IdentityLimits.certificateBytes)
    }
    do {
        return try Certificate(derEncoded: der)
    } catch {
        throw .unreadable("\(error)")
    }
}

/// Refuses a certificate outside its time; the last second belongs to it.
/// - Source: RFC 5280, section 4.1.2.5.
func checkValidity(_ certificate: Certificate, at now: Instant) throws(IdentityRefusal) {
    let start = instant(certificate.notValidBefore)
    let end = instant(certificate.notValidAfter)
    guard now >= start else { throw .notYetValid(from: start) }
    guard now < end.advanced(by: .seconds(1)) else { throw .expired(at: end) }
}

/// Refuses a certificate that may not sign others, or says of itself something we do not
/// understand.
func checkAuthority(_ certificate: Certificate) throws(IdentityRefusal) {
    let constraints = try reading { try certificate.extensions.basicConstraints }
    guard case .isCertificateAuthority = constraints else { throw .notAuthority }
    guard try reading({ try certificate.extensions.keyUsage })?.keyCertSign == true else {
        throw .notAuthority
    }
    try checkCriticalExtensions(certificate)
}

/// Refuses a leaf that `authority` did not sign, that is out of its time, or that is for another
/// use.
///
/// Chains here have one link by construction, so this is the whole of path validation.
/// - Source: RFC 5280, section 6.1.
func checkLeaf(
    _ leaf: Certificate, authority: Certificate, usage: IdentityRefusal.Usage, at now: Instant
) throws(IdentityRefusal) {
    try checkAuthority(authority)
    guard leaf.issuer == authority.subject,
        authority.publicKey.isValidSignature(leaf.signature, for: leaf)
    else { throw .foreign(issuer: "\(leaf.issuer)") }
    try checkValidity(authority, at: now)
    try checkValidity(leaf, at: now)
    try checkCriticalExtensions(leaf)
    if case .isCertificateAuthority = try reading({ try leaf.extensions.basicConstraints }) {
        throw .notLeaf
    }
    let usages = try reading { try leaf.extensions.extendedKeyUsage }
    let needed: ExtendedKeyUsage.Usage = usage == .server ? .serverAuth : .clientAuth
    guard usages?.contains(needed) == true else { throw .wrongUsage(needed: usage) }
}

/// Refuses a critical extension that nobody here looks at.
/// - Source: RFC 5280, section 4.2.
private func checkCriticalExtensions(_ certificate: Certificate) throws(IdentityRefusal) {
    let known: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage,
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
        .X509ExtensionID.subjectKeyIdentifier, .X509ExtensionID.authorityKeyIdentifier,
    ]
    if let unknown = certificate.extensions.first(where: { $0.critical && !known.contains($0.oid) })
    {
        throw .unreadable("unknown critical extension \(unknown.oid)")
    }
}

/// Runs foreign code that throws anything, and says `unreadable` for it.
private func reading<Value>(_ body: () throws -> Value) throws(IdentityRefusal) -> Value {
    do {
        return try body()
    } catch {
        throw .unreadable("\(error)")
    }
}
