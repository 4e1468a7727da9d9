/// Bounds of what the control loop keeps.
package enum ControlLimits {
    /// A working day of plans, one every ten minutes, still to be looked at the day after.
    package static let keptPlans = 100
    /// A hundred plans of ten moves.
    package static let keptMoves = 1_000
    /// A week of a busy cluster: one a minute.
    package static let keptOccurrences = 10_000
    /// Removed instances that an agent still refuses orders about; the newest are those that may be ordered late.
    package static let tombstones = 256
    /// Each further one means that somebody else's placing came first.
    package static let placingAttempts = 10
    /// Two may be going away at the same moment; after the third the coordinator has it.
    package static let imageSources = 3
}
