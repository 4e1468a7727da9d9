package import ClusterModel

/// What the moves that leave one host may send together; each of those under way has an even part.
///
/// Divided by the host itself: only it knows which of its moves send at this moment.
package struct OutgoingBudget: Hashable, Sendable {
    /// Bytes a second for all of them; `nil` is no limit.
    package var ceiling: BytesPerSecond?
    private var senders = 0

    package init(ceiling: BytesPerSecond? = nil) { self.ceiling = ceiling }

    package mutating func begin() { senders += 1 }

    package mutating func end() {
        precondition(senders > 0, "a sender ends that did not begin")
        senders -= 1
    }

    /// Bytes a second that one of the senders may send now.
    package var share: BytesPerSecond? {
        ceiling.map { BytesPerSecond(max(1, $0.count / UInt64(max(1, senders)))) }
    }
}
