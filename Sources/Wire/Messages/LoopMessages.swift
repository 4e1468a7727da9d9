/// Keeps automatic moves from starting, or ends that.
package struct PauseRequest: Hashable, Sendable {
    package let paused: Bool

    package init(paused: Bool) {
        self.paused = paused
    }
}

/// Whether anything starts by itself.
package struct LoopReply: Hashable, Sendable {
    package let paused: Bool
    /// Why nothing starts by itself now; empty when it may.
    package let hindrance: String

    package init(paused: Bool, hindrance: String) {
        self.paused = paused
        self.hindrance = hindrance
    }
}
