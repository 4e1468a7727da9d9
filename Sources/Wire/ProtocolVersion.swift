/// Which versions of huddle.v1 are spoken: this one, and one older is served.
package enum ProtocolVersion {
    /// What this build speaks.
    package static let current = 1
    /// The oldest that it still serves.
    package static let oldest = 1
    /// Of this build, for people.
    package static let build = "0.1.0"

    /// Whether a peer of `version` is served.
    package static func isServed(_ version: Int) -> Bool { (oldest...current).contains(version) }

    /// Why a peer of `version` is refused, with both versions named.
    package static func refusal(of version: Int) -> String {
        "the peer speaks protocol \(version); this one speaks \(current) and serves \(oldest) and later"
    }
}
