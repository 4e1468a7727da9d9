package import ClusterModel

/// Why a certificate, a request for one, or the files of an authority are not accepted.
package enum IdentityRefusal: Error, Hashable, Sendable {
    /// The peer presented no certificate at all.
    case missing
    /// The bytes are no certificate, request or key; with what the decoder said.
    case unreadable(String)
    /// More bytes, certificates or addresses than `IdentityLimits` allows.
    case tooLarge(what: String, count: Int, limit: Int)
    case notYetValid(from: Instant)
    case expired(at: Instant)
    /// Signed by somebody else than the cluster's authority.
    case foreign(issuer: String)
    /// The chain holds no certificate with the fingerprint that the token names.
    case fingerprintMismatch(expected: Fingerprint, found: [Fingerprint])
    /// What should be an authority's certificate may not sign others.
    case notAuthority
    /// An authority's certificate where a host's or user's belongs.
    case notLeaf
    /// The certificate may not be used for this end of a TLS connection.
    case wrongUsage(needed: Usage)
    case wrongRole(found: Role, expected: Role)
    case wrongName(found: String, expected: String)
    /// The subject has not exactly one known role and one well-formed name.
    case malformedSubject(String)
    /// The request is not signed with the key it names, so its sender need not have that key.
    case unprovenKey
    /// Keys are P-256 and nothing else.
    case unsupportedKey(String)
    /// Certificate and key of an authority do not belong together.
    case keyMismatch
    /// A name or address that cannot stand in a certificate.
    case invalidName(String)
    case revoked(SerialNumber)

    /// One end of a TLS connection.
    package enum Usage: String, Hashable, Sendable {
        case client
        case server
    }
}

extension IdentityRefusal: CustomStringConvertible {
    /// The refusal as an operator reads it, without a final full stop.
    package var description: String {
        switch self {
        case .missing: "no certificate was presented"
        case .unreadable(let why): "the certificate or key cannot be read: \(why)"
        case .tooLarge(let what, let count, let limit):
            "\(count) \(what), at most \(limit) are accepted"
        case .notYetValid(let from):
            "the certificate is valid only from \(timestamp(from)): compare both clocks"
        case .expired(let at): "the certificate expired at \(timestamp(at))"
        case .foreign(let issuer): "the certificate was issued by “\(issuer)”, not by this cluster"
        case .fingerprintMismatch(let expected, let found):
            "the coordinator's authority is "
                + (found.isEmpty ? "absent" : found.map(\.description).joined(separator: ", "))
                + ", the token names \(expected): wrong address, or somebody in between"
        case .notAuthority: "the certificate is not one of an authority"
        case .notLeaf: "the certificate is an authority's, not a peer's"
        case .wrongUsage(let needed): "the certificate is not for a TLS \(needed.rawValue)"
        case .wrongRole(let found, let expected):
            "the certificate has role \(found.rawValue), not \(expected.rawValue)"
        case .wrongName(let found, let expected): "the certificate names \(found), not \(expected)"
        case .malformedSubject(let why): "the certificate's subject is malformed: \(why)"
        case .unprovenKey: "the request is not signed with the key it names"
        case .unsupportedKey(let key): "the key is \(key), only P-256 is accepted"
        case .keyMismatch: "certificate and key of the authority do not belong together"
        case .invalidName(let name): "“\(name)” cannot stand in a certificate"
        case .revoked(let serial): "certificate \(serial) was revoked"
        }
    }
}
