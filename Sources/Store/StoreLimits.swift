package import ClusterModel

/// Every bound of the store; what exceeds one is refused and changes nothing.
package struct StoreLimits: Hashable, Sendable {
    /// Longest key in UTF-8 bytes.
    package var keyBytes = 512
    /// Largest value: what one message of the wire may carry.
    package var valueBytes = 4 << 20
    /// Parts of one transaction: a plan over 3 000 hosts with its events fits.
    package var changes = 10_000
    /// Bytes of one transaction's keys and values together, so that the log stays near its 16 MiB.
    package var transactionBytes = 16 << 20
    /// Calls that wait for the file at one time: two from each of 3 000 agents.
    package var waiting = 6_000
    /// Largest file: 3 000 hosts × 100 instances × 1 KiB, three times over; SQLite holds to it.
    package var file = Bytes.gibibytes(1)
    /// Recent changes kept in memory for watchers: five minutes of 100 changes a second.
    package var history = 30_000
    /// Bytes of keys and values among them.
    package var historyBytes = 32 << 20

    /// The limits of a real cluster.
    package static let standard = StoreLimits()

    /// The standard limits, to change some of.
    package init() {}
}
