/// A Linux machine with an agent, as its last report describes it.
package struct Host: Hashable, Sendable {
    package let id: HostID
    package let labels: Labels
    package let taints: Labels
    package let capacity: Capacity
    package let state: State
    /// Its own address on the cluster's network; `nil` before it got one.
    package let address: IPv4Address?
    /// Whether it was admitted and its processor not yet held against the cluster's baseline.
    package let isNew: Bool
    /// While it is asleep.
    package let sleep: Sleep?

    /// What the coordinator thinks of a host.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Joined, but no report of this coordinator's run yet.
        case joining
        /// Reports arrive and instances may be placed.
        case ready
        /// Reports arrive; instances leave and none is placed.
        case draining
        /// Silent for longer than the policy of liveness allows.
        case lost
        /// Declared dead by an operator; its instances may start elsewhere.
        case fenced
        /// Admitted, but it would lower the cluster's CPU baseline: nothing comes to it before an operator confirms it.
        case unconfirmed
        /// Empty and switched off to save its power; it is woken when it is needed.
        case asleep
    }

    /// Since when a host is asleep, and how far its waking is.
    package struct Sleep: Hashable, Sendable {
        package let since: Instant
        /// When it was asked to wake; `nil` while it sleeps on.
        package var wakeAskedAt: Instant?
        /// When that was begun, which is once it is quiet.
        package var wakeBeganAt: Instant?

        package init(since: Instant, wakeAskedAt: Instant? = nil, wakeBeganAt: Instant? = nil) {
            self.since = since
            self.wakeAskedAt = wakeAskedAt
            self.wakeBeganAt = wakeBeganAt
        }
    }

    package init(
        id: HostID, labels: Labels, taints: Labels = .none, capacity: Capacity, state: State,
        address: IPv4Address? = nil, isNew: Bool = false, sleep: Sleep? = nil
    ) {
        self.id = id
        self.labels = labels
        self.taints = taints
        self.capacity = capacity
        self.state = state
        self.address = address
        self.isNew = isNew
        self.sleep = sleep
    }
}

/// What a host has, and what it was probed to be able to do.
package struct Capacity: Hashable, Sendable {
    /// Everything the cgroup under which workloads run can give.
    package let total: Resources
    /// What the host keeps for itself.
    package let hostReserve: Resources
    /// Machine hardware name, such as `x86_64`.
    package let architecture: String
    /// Processor feature names in ascending order.
    package let features: [String]
    package let kernel: String
    /// Identifies one boot of the host; changes when it reboots.
    package let bootID: String
    /// One entry for each thing probed, in ascending order of names.
    package let capabilities: [Capability]
    /// How long it takes from being woken until its agent reports, as its operator says; `nil` where nobody said so,
    /// and then it is never counted on to wake.
    package let wakeTime: Duration?

    package init(
        total: Resources, hostReserve: Resources = .zero, architecture: String = "x86_64",
        features: [String] = [], kernel: String = "", bootID: String = "",
        capabilities: [Capability] = [], wakeTime: Duration? = nil
    ) {
        self.total = total
        self.hostReserve = hostReserve
        self.architecture = architecture
        self.features = features.sorted()
        self.kernel = kernel
        self.bootID = bootID
        self.capabilities = capabilities.sorted { $0.name < $1.name }
        self.wakeTime = wakeTime
    }

    /// What instances may have: the total less the host's own reserve.
    package var allocatable: Resources { total.reduced(by: hostReserve) }

    /// The same host, but for how long it takes to wake.
    package func waking(in time: Duration?) -> Capacity {
        Capacity(
            total: total, hostReserve: hostReserve, architecture: architecture, features: features,
            kernel: kernel, bootID: bootID, capabilities: capabilities, wakeTime: time)
    }

    package func capability(_ name: Capability.Name) -> Capability? {
        capabilities.first { $0.name == name }
    }

    /// The room kept for the host itself: 5 % of its memory, at least 256 MiB.
    package static func standardReserve(of total: Resources) -> Resources {
        Resources(memory: max(total.memory.scaled(by: .percent(5)), .mebibytes(256)))
    }
}

/// One thing a host was probed for.
package struct Capability: Hashable, Sendable {
    package let name: Name
    package let available: Bool
    /// What the probe saw: a version when available, else the reason why not.
    package let detail: String

    package enum Name: String, Hashable, Comparable, Sendable, CaseIterable {
        /// Containers through Podman.
        case podman
        /// Virtual machines through QEMU, with or without acceleration.
        case qemu
        /// Hardware virtualisation that a guest really booted with.
        case kvm
        /// A moving guest's memory over several streams at once, QEMU's `multifd`.
        case multifd
        /// A guest that runs on before all of its memory has come, QEMU's `postcopy-ram`.
        case postcopy
        /// Checkpoint and restore of containers.
        case checkpoint
        /// Marks of what memory has changed, without which a container's goes in one pass.
        case memoryTracking
        /// Pressure stall information for each instance.
        case instancePressure
        /// Energy counters of the processor package.
        case energy
        /// The cluster's network: bridge, VXLAN, nftables.
        case network

        package static func < (a: Name, b: Name) -> Bool { a.rawValue < b.rawValue }
    }

    package init(_ name: Name, available: Bool, detail: String) {
        self.name = name
        self.available = available
        self.detail = detail
    }

    /// The first two numbers of a version that the probe saw, such as `QEMU emulator version 10.0.13 (Debian …)` or
    /// `CRIU 4.2.1`.
    package var release: [Int]? {
        for word in detail.split(separator: " ") {
            let numbers = word.split(separator: ".").prefix(2).compactMap { Int($0) }
            if numbers.count == 2 { return numbers }
        }
        return nil
    }
}
