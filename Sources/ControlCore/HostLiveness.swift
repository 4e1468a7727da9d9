package import ClusterModel

/// When a silent host counts as lost, and when what it ran has provably ended.
package enum HostLiveness {
    /// Three reports of five seconds.
    package static let silence = Duration.seconds(15)
    /// How long an agent goes on running an instance with `onHostLoss: restart` after it last heard.
    package static let lease = Duration.seconds(30)
    /// What the clocks of two machines may drift apart while a lease runs, and a stop may take.
    package static let leaseMargin = HostLoss.certainty - lease

    /// Whether a host has spoken so lately that it is there for all that anybody knows: within two reports.
    static func isHeard(heardAt: Instant, now: Instant) -> Bool {
        now.since(heardAt) < .seconds(10)
    }

    package static func isLost(heardAt: Instant, now: Instant) -> Bool {
        now.since(heardAt) >= silence
    }

    /// Whether every lease that was renewed no later than `heardAt` has ended.
    package static func leasesHaveEnded(heardAt: Instant, now: Instant) -> Bool {
        now.since(heardAt) >= HostLoss.certainty
    }
}
