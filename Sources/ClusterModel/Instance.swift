/// One running copy of a workload as the coordinator decided it; the unit of placement.
package struct Instance: Hashable, Sendable {
    package let id: InstanceID
    package let workload: WorkloadID
    /// Number of this copy in its workload, from zero.
    package let index: Int
    /// The host it was decided to be on; `nil` while it waits for room.
    package var host: HostID?
    package var generation: Generation
    package var desired: Desired
    package var observed: Observed
    /// When it last changed hosts; `nil` if it never did.
    package var movedAt: Instant?
    /// Where it is reached on the cluster's network, for as long as it exists; `nil` before it got one.
    package var address: IPv4Address?

    /// What the coordinator wants of it.
    package enum Desired: String, Hashable, Sendable, CaseIterable {
        case running
        case stopped
        /// Gone for good, files included.
        case removed
    }

    /// What its host last said of it.
    package enum Observed: Hashable, Sendable {
        /// No host has been chosen, or none has answered yet.
        case pending
        /// Its host fetches the image or creates it.
        case starting
        case running
        /// Runs, and its check fails.
        case unhealthy(reason: String)
        case stopped
        /// Ended and is not started again, or could not be started.
        case failed(reason: String)
        /// Its host is silent.
        case unknown
        /// Its host lost power and waits for confirmation.
        case held
    }

    package init(
        id: InstanceID, workload: WorkloadID, index: Int, host: HostID? = nil,
        generation: Generation = .zero, desired: Desired = .running, observed: Observed = .pending,
        movedAt: Instant? = nil, address: IPv4Address? = nil
    ) {
        self.id = id
        self.workload = workload
        self.index = index
        self.host = host
        self.generation = generation
        self.desired = desired
        self.observed = observed
        self.movedAt = movedAt
        self.address = address
    }
}

extension Instance.Observed {
    /// The state's one word, without its reason.
    package var word: String {
        switch self {
        case .pending: "pending"
        case .starting: "starting"
        case .running: "running"
        case .unhealthy: "unhealthy"
        case .stopped: "stopped"
        case .failed: "failed"
        case .unknown: "unknown"
        case .held: "held"
        }
    }

    /// Why it is in this state, where there is a reason.
    package var reason: String? {
        switch self {
        case .unhealthy(let reason), .failed(let reason): reason
        case .pending, .starting, .running, .stopped, .unknown, .held: nil
        }
    }

    /// Whether a copy of the instance exists or may exist on its host.
    package var mayRun: Bool {
        switch self {
        case .starting, .running, .unhealthy, .unknown: true
        case .pending, .stopped, .failed, .held: false
        }
    }
}
