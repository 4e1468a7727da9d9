package import ClusterModel

/// What an operator tells an agent at its start.
package struct AgentConfiguration: Hashable, Sendable {
    /// Where everything is kept that outlives the process.
    package let dataDirectory: String
    package let host: HostID
    package let labels: Labels
    /// The token to join with, when the host is not a member yet.
    package let token: String?
    /// Where this agent serves others; the port it listens on is the address's.
    package let listenPort: Int
    /// How other agents reach this host; `nil` when they cannot.
    package let address: String?
    package let podmanSocket: String
    /// The control group under which workloads run, relative to the root of each hierarchy.
    package let workloadsGroup: String
    /// How long the host takes from being woken until its agent reports; `nil` when nobody said so.
    package let wakeTime: Duration?

    package init(
        dataDirectory: String, host: HostID, labels: Labels, token: String?, listenPort: Int,
        address: String?, podmanSocket: String, workloadsGroup: String = "/",
        wakeTime: Duration? = nil
    ) {
        self.dataDirectory = dataDirectory
        self.host = host
        self.labels = labels
        self.token = token
        self.listenPort = listenPort
        self.address = address
        self.podmanSocket = podmanSocket
        self.workloadsGroup = workloadsGroup
        self.wakeTime = wakeTime
    }
}

/// Why an agent cannot run, as an operator reads it.
package struct AgentFailure: Error, Hashable, Sendable {
    package let what: String
    package let why: String
    package let attempt: String

    package init(_ what: String, why: String, try attempt: String) {
        self.what = what
        self.why = why
        self.attempt = attempt
    }
}
