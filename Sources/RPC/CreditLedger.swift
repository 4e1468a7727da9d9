import HTTP2

/// Decides when a call's window opens again.
///
/// Bytes of messages that wait to be read keep the window shut: that is how a slow consumer pushes
/// back. Bytes of an unfinished message are credited only while the consumer waits, so that a
/// message larger than the window can complete, and only for someone who wants it.
package struct CreditLedger: Hashable, Sendable {
    /// Wire bytes of complete messages that the consumer has not taken.
    package private(set) var queued = 0

    /// Wire bytes received and not credited.
    private var uncredited = 0

    /// Wire bytes of the unfinished message.
    private var held: Int { arrived - completed }
    private var arrived = 0
    private var completed = 0

    package init() {}

    package mutating func received(_ bytes: Int) {
        uncredited += bytes
        arrived += bytes
    }

    package mutating func queued(cost: Int) {
        queued += cost
        completed += cost
    }

    package mutating func taken(cost: Int) { queued -= cost }

    /// The credit to give now; small sums are kept back, see `Limits.creditStep`.
    package mutating func takeCredit(consumerWaits: Bool) -> Int {
        let due = uncredited - queued - (consumerWaits ? 0 : held)
        guard due >= Limits.creditStep else { return 0 }
        uncredited -= due
        return due
    }
}
