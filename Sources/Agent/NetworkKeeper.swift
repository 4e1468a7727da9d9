import ClusterModel
import Logging
import Ports

/// Keeps this host's end of the cluster's network as the coordinator last described it.
///
/// What was heard is applied one after the other, always the newest; what cannot be applied is tried again.
actor NetworkKeeper {
    private let fabric: any HostNetwork
    private let log: Logger
    private var wanted: NetworkMap?
    private var applied: NetworkMap?
    /// Starts that came before what was heard was true.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(_ fabric: any HostNetwork, log: Logger) {
        self.fabric = fabric
        self.log = log
        (changes, changed) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    nonisolated func probe() async -> Capability { await fabric.probe() }

    /// Works until the task is cancelled.
    func run() async throws {
        for await _ in changes {
            while wanted != applied {
                if await settle() { continue }
                try await Task.sleep(for: AgentLimits.networkRetry)
            }
        }
    }

    /// Takes what the coordinator said.
    func heard(_ news: NetworkNews) {
        wanted = news.applied(to: wanted ?? NetworkMap(network: news.map.network))
        changed.yield()
    }

    /// Where the instance can be joined to the network, once what was first heard of it is true.
    ///
    /// - Parameter held: nothing passes to or from it before `connect`.
    func attach(
        _ instance: InstanceID, address: IPv4Address, owner: UInt32?, held: Bool
    ) async throws(DriverFailure) -> NetworkAttachment {
        // The first that was heard is about to be true. Where nothing was, the host has what an earlier agent made of it:
        // a coordinator that is away keeps nothing from starting again.
        if wanted != nil, applied == nil {
            await withCheckedContinuation { waiting.append($0) }
        }
        do throws(NetworkFailure) {
            return try await fabric.attach(instance, address: address, owner: owner, held: held)
        } catch {
            throw DriverFailure(network: error)
        }
    }

    /// Where the network namespace of `instance` is; `nil` where it has none here.
    nonisolated func namespace(of instance: InstanceID) -> String? {
        fabric.namespace(of: instance)
    }

    /// Lets the instance be heard, and hear nothing yet.
    func unmute(_ instance: InstanceID, address: IPv4Address) async throws(DriverFailure) {
        do throws(NetworkFailure) { try await fabric.unmute(instance, address: address) } catch {
            throw DriverFailure(network: error)
        }
    }

    /// Lets the instance be heard, and tells the network that it is here.
    func connect(_ instance: InstanceID, address: IPv4Address) async throws(DriverFailure) {
        do throws(NetworkFailure) { try await fabric.connect(instance, address: address) } catch {
            throw DriverFailure(network: error)
        }
    }

    /// Keeps the instance from being heard, for as long as what answers for it is only an address.
    func hold(_ instance: InstanceID, address: IPv4Address) async throws(DriverFailure) {
        do throws(NetworkFailure) { try await fabric.hold(instance, address: address) } catch {
            throw DriverFailure(network: error)
        }
    }

    /// Keeps what is sent to the instance while it is on its way here. Without, its peers have to say it again.
    func gather(_ instance: InstanceID, address: IPv4Address, isNowhere: Bool) async {
        do throws(NetworkFailure) {
            try await fabric.gather(instance, address: address, isNowhere: isNowhere)
        } catch {
            log.warning(
                "\(error.message)",
                metadata: ["instance": "\(instance)", "why": "\(error.cause ?? "-")"])
        }
    }

    func detach(_ instance: InstanceID) async throws(DriverFailure) {
        do throws(NetworkFailure) { try await fabric.detach(instance) } catch {
            throw DriverFailure(network: error)
        }
    }

    private func settle() async -> Bool {
        guard let map = wanted else { return true }
        defer {
            for start in waiting { start.resume() }
            waiting = []
        }
        do throws(NetworkFailure) {
            try await fabric.apply(map)
            applied = map
            return true
        } catch {
            log.error(
                "the network is not as it should be",
                metadata: ["what": "\(error.message)", "why": "\(error.cause ?? "-")"])
            return false
        }
    }
}

extension DriverFailure {
    init(network failure: NetworkFailure) {
        self.init(.refused, failure.message, cause: failure.cause)
    }
}
