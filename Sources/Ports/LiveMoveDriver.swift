package import ClusterModel

/// A driver whose instances can change hosts while they run; one call for each phase of a move.
///
/// Every call may be repeated. The instance runs on exactly one side at any time: at the source until `switchOver`
/// has let go of it, then at the target.
package protocol LiveMoveDriver: WorkloadDriver {
    /// Target, `prepare`: makes what the instance will arrive in; nothing of it runs. Until `arrived` it is not one
    /// of `instances()`. Repeated: what an earlier try left is replaced.
    ///
    /// - Parameters:
    ///   - address: this host's numeric address, where the source can reach it.
    ///   - streams: over how many its memory is to come.
    ///   - takingPostcopy: whether the guest may run before all of its memory is there.
    func receive(
        _ order: StartOrder, at address: IPv4Address, credentials: MoveCredentials, streams: Int,
        takingPostcopy: Bool
    ) async throws(DriverFailure) -> MoveEndpoint

    /// Source, `copy`: sends memory and disks while the instance runs, and returns once so little is left that the
    /// switch-over stays within what `preference` accepts. It cannot change sides before `switchOver`, however little is left.
    ///
    /// Memory and disks together keep what `ceiling` says at each moment, which may change; `nil` is no limit.
    ///
    /// Cancelled or failed, the instance goes on as if nothing had been, and copies nothing more. Tells how fast it went.
    @discardableResult
    func copy(
        _ instance: InstanceID, to endpoint: MoveEndpoint, credentials: MoveCredentials,
        accepting preference: MovePreference,
        ceiling: @escaping @Sendable () -> BytesPerSecond?,
        progress: @Sendable (MoveProgress) async -> Void
    ) async throws(DriverFailure) -> MoveMeasure

    /// Source, `switchOver`: stops the instance, sends the rest and lets go: the target runs it when this returns. Tells
    /// what was sent in all, and how long the instance stood still.
    ///
    /// One that may run at the target before all of its memory is there does so where it would not converge, and then this
    /// returns before all was sent; how much that will be is told.
    ///
    /// - Parameter ladder: it stands still for its lowest rung that will do, and never for more than its highest.
    ///
    /// While it runs the ceiling holds; what is left once it stands still goes as fast as it can.
    @discardableResult
    func switchOver(
        _ instance: InstanceID, within ladder: DowntimeLadder,
        ceiling: @escaping @Sendable () -> BytesPerSecond?
    ) async throws(DriverFailure) -> MoveMeasure

    /// Target, `confirm`: the instance runs here and is from now on one of `instances()`; an error when it does not.
    ///
    /// Once this has said no, an instance that comes all the same waits: it does not come to life by itself.
    ///
    /// Of one whose memory is still on its way it returns once that is there. Where it will not come the instance is ended, and
    /// is here as one that has.
    ///
    /// - Parameter source: where it has let go of the instance for certain, that is here also if it has ended.
    func arrived(
        _ instance: InstanceID, from source: MoveSource
    ) async throws(DriverFailure) -> StreamArrival

    /// Target, undoing: ends what waits here and removes it; an error when the instance has come, for then it runs
    /// here and nowhere else.
    func dismiss(_ instance: InstanceID) async throws(DriverFailure)

    /// Source, undoing: ends whatever is under way and makes the instance run here again, from where it stopped.
    ///
    /// Only called while the target cannot run it.
    func resume(_ instance: InstanceID) async throws(DriverFailure)
}

/// A driver that can tell before any move what one would have to carry.
package protocol MeasuringDriver: WorkloadDriver {
    /// What is to be carried of a running instance, as of `now`; `nil` where it is not to be asked now, because a move is
    /// under way or something else is done with it.
    ///
    /// Takes a second or two and keeps nobody else waiting meanwhile.
    func load(of instance: InstanceID, at now: Instant) async throws(DriverFailure) -> MoveLoad?
}
