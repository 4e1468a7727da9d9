package import ClusterModel

/// Opens a conversation: says which protocol the user's program speaks.
package struct VersionRequest: Hashable, Sendable {
    package let `protocol`: Int

    package init(protocol: Int) {
        self.protocol = `protocol`
    }
}

/// The protocol that both speak, and the coordinator's version.
package struct VersionReply: Hashable, Sendable {
    package let `protocol`: Int
    package let version: String

    package init(protocol: Int, version: String) {
        self.protocol = `protocol`
        self.version = version
    }
}

/// Asks for all of something.
package struct ListRequest: Hashable, Sendable {
    package init() {}
}

/// Names a host.
package struct HostRequest: Hashable, Sendable {
    package let host: HostID

    package init(host: HostID) {
        self.host = host
    }
}

/// Asks to empty a host.
package struct DrainHostRequest: Hashable, Sendable {
    package let host: HostID
    /// Whether modes that a spec does not allow may be used.
    package let force: Bool
    /// Whether to plan without running.
    package let dryRun: Bool

    package init(host: HostID, force: Bool = false, dryRun: Bool = false) {
        self.host = host
        self.force = force
        self.dryRun = dryRun
    }
}

/// Every host.
package struct ListHostsReply: Hashable, Sendable {
    package let hosts: [HostSummary]

    package init(hosts: [HostSummary]) {
        self.hosts = hosts
    }
}

/// A host with what is promised and used of it.
package struct HostSummary: Hashable, Sendable {
    package let host: Host
    package let reserved: Resources
    /// Its last report; `nil` before the first.
    package let use: Use?
    package let instances: Int
    /// Where other agents reach its agent; empty when they do not.
    package let address: String
    /// Version of its agent.
    package let version: String
    /// When its agent was last heard; `nil` if never by this coordinator.
    package let heardAt: Instant?

    package init(
        host: Host, reserved: Resources, use: Use? = nil, instances: Int, address: String = "",
        version: String = "", heardAt: Instant? = nil
    ) {
        self.host = host
        self.reserved = reserved
        self.use = use
        self.instances = instances
        self.address = address
        self.version = version
        self.heardAt = heardAt
    }
}

/// Asks for what happened.
package struct EventsRequest: Hashable, Sendable {
    /// Whether to go on with what happens from now on.
    package let follow: Bool
    /// How many of the past to begin with.
    package let last: Int

    package init(follow: Bool = false, last: Int = 0) {
        self.follow = follow
        self.last = last
    }
}

/// Asks for a token that one host may join with.
package struct CreateTokenRequest: Hashable, Sendable {
    package let lifetime: Duration

    package init(lifetime: Duration) {
        self.lifetime = lifetime
    }
}

/// A token, told this once.
package struct CreateTokenReply: Hashable, Sendable {
    package let token: String
    package let expiresAt: Instant

    package init(token: String, expiresAt: Instant) {
        self.token = token
        self.expiresAt = expiresAt
    }
}

/// Asks why an instance is where it is.
package struct ExplainRequest: Hashable, Sendable {
    package let instance: InstanceID

    package init(instance: InstanceID) {
        self.instance = instance
    }
}

/// Why an instance is where it is, and what each host says to it.
package struct ExplainReply: Hashable, Sendable {
    package let instance: InstanceSummary
    package let verdicts: [HostVerdict]
    /// From the last plan that considered it.
    package let lastDecision: Rationale?

    package init(
        instance: InstanceSummary, verdicts: [HostVerdict], lastDecision: Rationale? = nil
    ) {
        self.instance = instance
        self.verdicts = verdicts
        self.lastDecision = lastDecision
    }
}

/// Whether one host can have an instance; the planner's own value.
package typealias HostVerdict = ClusterModel.HostVerdict
