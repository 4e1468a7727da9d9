/// What one message may cost; a peer can send anything.
package enum Limits {
    /// A stored plan for 1 000 instances that 500 hosts refuse, at 30 bytes a refusal.
    ///
    /// What comes over the network is bounded by the transport too.
    package static let messageBytes = 16 << 20
    /// Eight times the bytes: C structures of small messages are larger than their encoding.
    static let unpackedBytes = 8 * messageBytes
    /// Elements of all repeated fields of a message together; that plan's refusals.
    static let elements = 500_000
    /// Reply, plan, rationale, refusal, misfit, resources, scalar; no message contains itself.
    static let nesting = 7
    /// Longest name of anything.
    static let nameBytes = 255
    /// Numbers of revisions and generations end here, so that the next one always exists.
    static let largestNumber: UInt64 = 1 << 62
    /// Times and durations end here, so that no difference of two overflows.
    static let milliseconds: Int64 = 1 << 61
}
