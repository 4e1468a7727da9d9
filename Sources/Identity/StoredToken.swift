package import ClusterModel
import Crypto

/// What the coordinator keeps of a token: enough to recognise the secret, not enough to join with.
///
/// A plain hash will do and no slow one: the secret has 256 random bits, nothing to guess from.
package struct StoredToken: Hashable, Sendable {
    /// The id in the token's text.
    package let id: String
    /// SHA-256 of the secret.
    package let secretHash: [UInt8]
    /// From this instant on it lets nobody in.
    package let expiresAt: Instant
    /// SHA-256 of the certificate request it was redeemed for; `nil` while it is unused.
    package private(set) var redeemedFor: [UInt8]?

    /// How long a token lives unless something else is asked for.
    package static let life = Duration.seconds(3_600)

    /// What to store for a token that was just made.
    package init(of token: JoinToken, expiresAt: Instant) {
        self.init(
            id: token.id, secretHash: Array(SHA256.hash(data: token.secret)), expiresAt: expiresAt,
            redeemedFor: nil)
    }

    /// A token as the store has it.
    package init(id: String, secretHash: [UInt8], expiresAt: Instant, redeemedFor: [UInt8]?) {
        self.id = id
        self.secretHash = secretHash
        self.expiresAt = expiresAt
        self.redeemedFor = redeemedFor
    }

    /// Uses the token up; store the changed value before the answer is sent.
    ///
    /// The secret is judged first, so that without it nobody learns whether a token was used. The
    /// very same request is honoured again while the token lives: its answer may have been lost,
    /// and only the holder of that request's key gains by it.
    /// - Parameters:
    ///   - secret: what the caller showed; any bytes.
    ///   - request: the caller's certificate request (DER).
    package mutating func redeem(
        secret: [UInt8], for request: [UInt8], at now: Instant
    ) throws(TokenRefusal) {
        // A digest compares in constant time with other bytes.
        guard SHA256.hash(data: secret) == secretHash else { throw .wrong }
        let hash = Array(SHA256.hash(data: request))
        if let redeemedFor, redeemedFor != hash { throw .used }
        guard now < expiresAt else { throw .expired(at: expiresAt) }
        redeemedFor = hash
    }
}

/// Why a token does not let its bearer in.
package enum TokenRefusal: Error, Hashable, Sendable {
    /// No such token, or not its secret; which of the two is nobody's business.
    case wrong
    case used
    case expired(at: Instant)
}

extension TokenRefusal: CustomStringConvertible {
    /// The refusal as an operator reads it, without a final full stop.
    package var description: String {
        switch self {
        case .wrong: "the token is not one of this cluster"
        case .used: "the token was used already; each lets one host join"
        case .expired(let at): "the token expired at \(timestamp(at))"
        }
    }
}
