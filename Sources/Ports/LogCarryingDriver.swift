package import ClusterModel

/// Where the reading of a log begins.
package enum LogStart: Hashable, Sendable {
    /// With the oldest line that is kept, of those that came along from other hosts too.
    case oldest
    /// With so many of the last lines.
    case tail(Int)
    /// With the line that says whence the instance came; where none does, with the first that it wrote here.
    case arrival
}

/// A driver that keeps what an instance wrote on other hosts, before what it writes here.
package protocol LogCarryingDriver: WorkloadDriver {
    /// Puts `lines`, the oldest first, and then `marker` before all that the instance writes here, over what was put
    /// there before. They go when the instance does.
    func precede(
        _ instance: InstanceID, with lines: [LogChunk], marker: String
    ) async throws(DriverFailure)
}
