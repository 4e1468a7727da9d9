package import ClusterModel

/// Everything a driver needs to start one instance.
package struct StartOrder: Hashable, Sendable {
    package let instance: InstanceID
    package let generation: Generation
    package let workload: Workload
    package let image: LocalImage
    package let network: NetworkAttachment

    package init(
        instance: InstanceID, generation: Generation, workload: Workload, image: LocalImage,
        network: NetworkAttachment
    ) {
        self.instance = instance
        self.generation = generation
        self.workload = workload
        self.image = image
        self.network = network
    }
}

/// An image as this host has it; files are absolute paths, read-only and shared by all instances.
package enum LocalImage: Hashable, Sendable {
    /// An OCI reference that the driver pulls when it lacks it.
    case reference(String)
    /// An OCI or Docker archive; `digest` names it once loaded.
    case archive(path: String, digest: String)
    case qcow2(path: String)
    case kernel(kernel: String, initrd: String, append: String)
}

/// How an instance is joined to the network, prepared by others.
package enum NetworkAttachment: Hashable, Sendable {
    /// Behind the host's address: egress through the host, and only the published ports come in.
    case published([Program.Port])
    /// On the cluster's network, for a VM: a tap that its user may open, already on the bridge.
    case tap(name: String, NetworkIdentity)
    /// On the cluster's network, for a container: a network namespace where address and routes are set up.
    case namespace(path: String, NetworkIdentity)
}

/// What an instance has to know of itself on the cluster's network.
package struct NetworkIdentity: Hashable, Sendable {
    package let address: IPv4Address
    package let network: ClusterNetwork
    /// Largest packet, in bytes: that of the path between hosts less what the overlay adds.
    package let largestPacket: Int

    package init(address: IPv4Address, network: ClusterNetwork, largestPacket: Int) {
        self.address = address
        self.network = network
        self.largestPacket = largestPacket
    }
}

/// What a driver says of one of its instances.
package struct DriverInstance: Hashable, Sendable {
    package let id: InstanceID
    package let generation: Generation
    package let state: State
    /// Where its use is accounted, relative to the root of each cgroup hierarchy; `nil` when it does not run.
    package let controlGroup: String?
    /// Bytes a second this instance moved over its network, where only the driver can know; cumulative counters.
    package let network: TrafficCounters?

    package enum State: Hashable, Sendable {
        case running
        case exited(code: Int)
    }

    package init(
        id: InstanceID, generation: Generation, state: State, controlGroup: String?,
        network: TrafficCounters? = nil
    ) {
        self.id = id
        self.generation = generation
        self.state = state
        self.controlGroup = controlGroup
        self.network = network
    }
}

/// Bytes since the instance started, both directions.
package struct TrafficCounters: Hashable, Sendable {
    package let received: Bytes
    package let sent: Bytes

    package init(received: Bytes, sent: Bytes) {
        self.received = received
        self.sent = sent
    }
}

/// Why a driver did not do as it was told.
package struct DriverFailure: Error, Hashable, Sendable {
    package let code: Code
    /// What failed, as a sentence for the operator.
    package let message: String
    /// What the system below said; `nil` when the driver itself refused.
    package let cause: String?
    /// What CRIU has to say of the program by itself, whenever it is asked; `nil` for all else.
    package let verdict: CheckpointVerdict?

    package enum Code: String, Hashable, Sendable {
        /// The host has nothing of this name.
        case notFound
        /// The image is missing or is not what it claims to be.
        case image
        /// The driver cannot do this with this spec or on this host.
        case unsupported
        /// The system below refused or failed.
        case refused
        /// The system below does not answer.
        case unavailable
        /// The host has no room left.
        case exhausted
    }

    package init(
        _ code: Code, _ message: String, cause: String? = nil, verdict: CheckpointVerdict? = nil
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.verdict = verdict
    }
}

/// A driver that can hand over what an instance wrote, so that a restart on another host goes on from it.
package protocol TransferringDriver: WorkloadDriver {
    /// Writes the instance's own files, as a stream only this driver reads; the instance does not run.
    func export(
        _ instance: InstanceID, into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure)

    /// Makes the files of `order`'s instance from what `export` wrote elsewhere; starts nothing.
    func adopt(
        _ order: StartOrder, from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure)

    /// Brings what came of the instance to this host's disk, so that a power cut takes nothing of it; the instance may run.
    ///
    /// Whatever way it came: by `adopt`, in passes, or from another host's driver itself.
    func flush(_ instance: InstanceID) async throws(DriverFailure)
}

/// A driver that can hand over most of what an instance has while that runs, so that less is left for when it does not.
///
/// A first pass has a name, which its source makes up: only who has just that gets what has changed since.
package protocol AheadTransferringDriver: TransferringDriver {
    /// Writes the files of an instance that may run; what changes meanwhile or later is for ``exportRest(_:after:into:)``.
    ///
    /// - Parameters:
    ///   - withLayer: whether what it changed of its image's files is wanted, too.
    ///   - withMemory: whether what it has in memory is.
    func exportAhead(
        _ instance: InstanceID, withLayer: Bool, withMemory: Bool,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure)

    /// Whether there is room here for what an instance has in memory, as far as its spec says how much that may be.
    func hasRoomForMemory(of order: StartOrder) -> Bool

    /// Keeps what `exportAhead` wrote elsewhere, for this move; nothing finds it before `adoptRest`.
    func adoptAhead(
        _ order: StartOrder, in move: MoveID,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure)

    /// The name of the pass that has come for the instance in this move, all of it; `nil` where none has.
    func ahead(of instance: InstanceID, in move: MoveID) -> String?

    /// Writes what changed since the pass of that name, and all where none such went from here.
    func exportRest(
        _ instance: InstanceID, after pass: String,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure)

    /// Makes the files of `order`'s instance from what came in that pass and what `exportRest` wrote after it; starts nothing.
    func adoptRest(
        _ order: StartOrder, after pass: String,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure)
}

/// A driver whose instances may have volumes that outlive them, as `Storage.lasting` names them.
package protocol VolumeDriver: WorkloadDriver {
    /// Removes the instance as `remove` does, and these of its volumes with it.
    ///
    /// Where it is not, those that an earlier one of its name left; beside one that has its own they stay. A volume
    /// in use is left alone.
    func remove(_ instance: InstanceID, with volumes: [String]) async throws(DriverFailure)
}
