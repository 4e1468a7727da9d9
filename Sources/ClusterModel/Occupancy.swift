extension Snapshot.InstanceView {
    /// Whether the instance takes room on its host: it is wanted there, or a copy of it may still
    /// run there.
    ///
    /// A stopped or removed instance that no longer runs takes none. A failed one that is wanted
    /// keeps its room, because it is started again in the same place.
    package var isPresent: Bool {
        instance.host != nil && (instance.desired == .running || instance.observed.mayRun)
    }

    /// Whether the instance was stopped to make room and nothing of it runs: it waits for room on
    /// its host, where its files are.
    package var isDisplaced: Bool {
        instance.host != nil && instance.desired == .stopped && !instance.observed.mayRun
    }
}
