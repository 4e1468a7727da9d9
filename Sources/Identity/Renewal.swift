package import ClusterModel

/// When a certificate is renewed: at two thirds of its life, a little earlier for each by chance.
///
/// A third is left for a coordinator that is away: ten days of thirty.
package enum Renewal {
    /// How long certificates that renew themselves live, unless the operator says otherwise.
    package static let usualLife = Duration.seconds(30 * 86_400)

    /// What an operator may choose: agents ask for a new certificate with a report, which comes every
    /// five seconds, and a third of a minute is room for four.
    package static let lives = Duration.seconds(60)...Duration.seconds(365 * 86_400)

    /// When it falls due.
    /// - Parameter jitter: how much earlier, so that hosts that joined together do not renew
    ///   together; what exceeds a tenth of the life is cut off, and a negative one counts as zero.
    package static func due(notBefore: Instant, notAfter: Instant, jitter: Duration) -> Instant {
        let life = max(.zero, notAfter.since(notBefore))
        let earlier = min(max(.zero, jitter), life / 10)
        return notBefore.advanced(by: life / 3 * 2 - earlier)
    }

    /// Whether it has fallen due; an expired certificate and one with no life are due.
    package static func isDue(
        notBefore: Instant, notAfter: Instant, now: Instant, jitter: Duration
    ) -> Bool {
        now >= due(notBefore: notBefore, notAfter: notAfter, jitter: jitter)
    }
}
