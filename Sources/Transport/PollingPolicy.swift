/// Decides whether an event loop that has answered should look at its sockets again and again before it sleeps.
///
/// To sleep and to be woken costs a loop more than a short call does. It is worth not to sleep where a peer has shown
/// that it comes back at once: one that makes one call after another. Loops whose peers come rarely sleep as ever, and one
/// that has always something to read has no reason to wait. Times are in nanoseconds of one clock.
package struct PollingPolicy: Hashable, Sendable {
    /// Nobody comes back sooner than this; what does was there already.
    package static let shortest: UInt64 = 8_000

    /// How long to look at most. Measured on a virtual machine: 20 µs pass until a loop that sleeps is awake, and 45 µs
    /// from an answer to the next request of a client that is as quick as it can be.
    package static let longest: UInt64 = 80_000

    /// Requests in a row that have to come in that time before the loop believes in the next.
    package static let proof = 8

    private var answeredAt: UInt64?
    private var prompt = 0

    package init() {}

    /// Bytes came in.
    package mutating func heard(at now: UInt64) {
        guard let answered = answeredAt else { return }
        answeredAt = nil
        let isPrompt = (Self.shortest...Self.longest).contains(now &- answered)
        prompt = isPrompt ? min(prompt + 1, Self.proof) : 0
    }

    /// An answer has left; until when to look, if at all.
    package mutating func answered(at now: UInt64) -> UInt64? {
        answeredAt = now
        return prompt == Self.proof ? now + Self.longest : nil
    }
}
