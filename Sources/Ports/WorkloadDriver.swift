package import ClusterModel

/// Runs instances of one kind on this host; everything it knows survives a restart of the agent.
///
/// Every call may be repeated: a driver that is told twice does it once. No call outlives its task, except that
/// the instance itself always does.
package protocol WorkloadDriver: Sendable {
    var kind: Workload.Kind { get }

    /// What this host can do with this driver, each "no" with its reason.
    func probe() async -> [Capability]

    /// Every instance of this driver on the host, running or not: the truth after a restart of the agent.
    func instances() async throws(DriverFailure) -> [DriverInstance]

    /// Creates the instance where it does not exist and starts it where it does not run.
    ///
    /// An instance that already runs with the same generation is left alone and described.
    func start(_ order: StartOrder) async throws(DriverFailure) -> DriverInstance

    /// Asks it to end, and ends it after `grace`; its files stay.
    func stop(_ instance: InstanceID, grace: Duration) async throws(DriverFailure)

    /// Ends it at once and removes everything of it but its volumes (`VolumeDriver`).
    func remove(_ instance: InstanceID) async throws(DriverFailure)

    /// Writes what the instance printed, oldest first; with `follow` until it ends or the task is cancelled.
    func logs(
        of instance: InstanceID, from start: LogStart, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure)
}

/// A driver whose instances can run a further command.
package protocol ExecutingDriver: WorkloadDriver {
    /// Runs `command` beside the instance's own program; returns its exit code.
    func execute(
        _ command: [String], in instance: InstanceID, terminal: Bool, session: TerminalSession
    ) async throws(DriverFailure) -> Int
}

/// A driver whose instances have a serial console.
package protocol ConsoleDriver: WorkloadDriver {
    /// Joins the console until the task is cancelled or the instance ends.
    func console(of instance: InstanceID, session: TerminalSession) async throws(DriverFailure)
}

/// Two directions of a terminal, each bounded by whoever serves it.
package struct TerminalSession: Sendable {
    /// The next bytes typed; `nil` once there are no more.
    package let input: @Sendable () async throws(DriverFailure) -> [UInt8]?
    /// Takes what was printed and returns when there is room for more.
    package let output: @Sendable (LogChunk) async throws(DriverFailure) -> Void

    package init(
        input: @escaping @Sendable () async throws(DriverFailure) -> [UInt8]?,
        output: @escaping @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) {
        self.input = input
        self.output = output
    }
}

/// Some bytes that an instance printed.
package struct LogChunk: Hashable, Sendable {
    package let stream: Stream
    package let bytes: [UInt8]

    package enum Stream: Hashable, Sendable { case output, error }

    package init(_ stream: Stream, _ bytes: [UInt8]) {
        self.stream = stream
        self.bytes = bytes
    }
}

/// A driver whose instances run as users of their own, which what they open has to belong to.
package protocol UserDriver: WorkloadDriver {
    /// The user of `instance`, chosen now if it has none yet.
    func user(for instance: InstanceID) async throws(DriverFailure) -> UInt32
}

/// A driver that can take in an image before an instance of it starts, so that the start does not wait for it.
package protocol PreloadingDriver: WorkloadDriver {
    /// Makes `image` ready for a start; one that is ready is left alone.
    func preload(_ image: LocalImage) async throws(DriverFailure)
}

/// A driver whose instances may have volumes or disks that hosts share (`Storage.sharedPlaces`).
package protocol SharingDriver: WorkloadDriver {
    /// Fails with the reason where this host lacks a directory that `workload` shares; changes nothing.
    ///
    /// A start asks it too. A move asks before its source is told anything.
    func requireShared(by workload: Workload) async throws(DriverFailure)
}
