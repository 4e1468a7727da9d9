/// An instance and a host that did not do well together: a move there was undone, and is not tried again for a while.
///
/// Only plans that nobody waits for heed it; users may move what they like where they like.
package struct Pairing: Hashable, Sendable {
    package let instance: InstanceID
    package let host: HostID
    /// From then on it may be tried again.
    package let until: Instant
    /// What was seen, such as `db-0 on b: held back 22 % of the time, before 0 %`.
    package let reason: String

    package init(instance: InstanceID, host: HostID, until: Instant, reason: String) {
        self.instance = instance
        self.host = host
        self.until = until
        self.reason = reason
    }
}
