package import ClusterModel
import X509

/// How a client judges the server it dialled; a pure function for the TLS stack's verify closure.
///
/// The server is known by its role and not by its address, so an address may change without a new
/// certificate. Its chain must hold the authority when only a fingerprint is known.
package struct ServerTrust: Hashable, Sendable {
    /// What the client knows of the cluster.
    package enum Anchor: Hashable, Sendable {
        /// The hash of the authority's certificate, from a join token.
        case pinned(Fingerprint)
        /// The authority's certificate (DER), from a file.
        case known(authority: [UInt8])
    }

    /// What the chain must lead to.
    package let anchor: Anchor
    /// What the server must be: the coordinator, or an agent for the calls between agents.
    package let role: Role
    /// The one name the server may have; `nil` accepts every name of the role.
    package let name: String?

    /// Trust in the coordinator, unless another role and name are given.
    package init(_ anchor: Anchor, role: Role = .coordinator, name: String? = nil) {
        self.anchor = anchor
        self.role = role
        self.name = name
    }

    /// Who the server is, if it may be trusted.
    /// - Parameter chain: the certificates presented (DER), leaf first.
    package func judge(
        chain: [[UInt8]], at now: Instant
    ) throws(IdentityRefusal) -> PeerIdentity {
        let leaf = try readCertificate(try firstOfBounded(chain))
        let authority = try readCertificate(try authority(in: chain))
        try checkLeaf(leaf, authority: authority, usage: .server, at: now)
        let identity = try PeerIdentity(leaf)
        guard identity.role == role else { throw .wrongRole(found: identity.role, expected: role) }
        if let name, identity.name != name {
            throw .wrongName(found: identity.name, expected: name)
        }
        return identity
    }

    /// The authority's certificate (DER): the known one, or the one in `chain` with the
    /// fingerprint.
    ///
    /// A joining agent keeps it; from then on it knows the authority.
    package func authority(in chain: [[UInt8]]) throws(IdentityRefusal) -> [UInt8] {
        switch anchor {
        case .known(let authority): return authority
        case .pinned(let fingerprint):
            guard let match = chain.first(where: { Fingerprint(of: $0) == fingerprint }) else {
                throw .fingerprintMismatch(
                    expected: fingerprint, found: chain.dropFirst().map { Fingerprint(of: $0) })
            }
            return match
        }
    }
}

/// How a server judges a client's certificate, where the TLS stack leaves that to a closure.
package enum ClientTrust {
    /// Who the client is, if the cluster's authority says so.
    /// - Parameters:
    ///   - chain: the certificates presented (DER), leaf first; empty when there are none.
    ///   - authority: the cluster's authority (DER).
    package static func judge(
        chain: [[UInt8]], authority: [UInt8], at now: Instant
    ) throws(IdentityRefusal) -> PeerIdentity {
        let leaf = try readCertificate(try firstOfBounded(chain))
        try checkLeaf(leaf, authority: readCertificate(authority), usage: .client, at: now)
        return try PeerIdentity(leaf)
    }
}

/// The leaf of a chain that is neither empty nor absurd.
private func firstOfBounded(_ chain: [[UInt8]]) throws(IdentityRefusal) -> [UInt8] {
    guard let leaf = chain.first else { throw .missing }
    guard chain.count <= IdentityLimits.chainCertificates else {
        throw .tooLarge(
            what: "certificates in a chain", count: chain.count,
            limit: IdentityLimits.chainCertificates)
    }
    return leaf
}
