import API
import ClusterModel
import ControlCore
import Drivers
import Fabric
import HostIO
import Identity
package import Logging
import Ports
import RPC
import Shelf
import Telemetry
import Transport
import Wire

/// The agent's process: joins once, adopts what runs, and works until it is ended.
///
/// It may be killed at any moment: instances outlive it, and what it holds is on disk.
package struct Agent: Sendable {
    private let configuration: AgentConfiguration
    private let log: Logger

    package init(_ configuration: AgentConfiguration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

    package func run() async throws {
        let clock = SystemClock()
        let directory = configuration.dataDirectory
        // VMs run as users of their own and have to pass through it to their disks.
        try HostFile.makeDirectory(directory, mode: 0o711)
        let membership = try await membership(directory, clock)
        let drivers = makeDrivers(directory)
        let network = makeNetwork()
        let survey = try await survey(drivers, network)
        let book = try HoldingBook(directory: directory)
        let link = CoordinatorLink()
        let shelf = try Shelf(directory: "\(directory)/images")
        let images = ImageKeeper(shelf: shelf, membership: membership, link: link)
        let uplink = Uplink()
        let runner = OperationRunner(
            drivers: drivers, images: images, membership: membership, network: network, link: link,
            address: configuration.address.flatMap { IPv4Address($0) }, uplink: uplink,
            log: log)
        let shell = AgentShell(
            engine: try engine(book, survey.capacity, clock), book: book, link: link,
            runner: runner,
            clock: clock, log: log)
        let server = try await serve(membership, shelf, drivers, shell, runner, clock)
        let conversation = Conversation(
            configuration: configuration, survey: survey, membership: membership, link: link,
            shell: shell, drivers: drivers, network: network, server: server,
            uplink: uplink, log: log)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await shell.run() }
            group.addTask { try await conversation.run() }
            group.addTask { [log] in
                while true {
                    try await Task.sleep(for: survey.patience)
                    guard let found = try await survey.repeatLook() else { continue }
                    Self.note(found, log)
                    await link.send(.capacity(found))
                }
            }
            group.addTask { [configuration] in
                let watch = Watch(
                    shell: shell, link: link, drivers: drivers, images: images,
                    workloadsGroup: configuration.workloadsGroup, clock: clock)
                try await watch.run()
            }
            if let network { group.addTask { try await network.run() } }
            if let server { group.addTask { try await server.run() } }
        }
    }

    // MARK: - Starting

    private func membership(
        _ directory: String, _ clock: SystemClock
    ) async throws(AgentFailure) -> Membership {
        if let kept = try Membership.kept(configuration, directory: directory, clock: clock) {
            return kept
        }
        guard let text = configuration.token else {
            throw AgentFailure(
                "host \(configuration.host) is not a member of a cluster",
                why: "there is no identity in \(directory) and no token was given",
                try: "'huddle token create' where the cluster is, then --token-file here")
        }
        let token: JoinToken
        do throws(TokenFault) {
            token = try JoinToken(parsing: text)
        } catch {
            throw AgentFailure(
                "the join token cannot be read", why: "\(error)",
                try: "copy the whole line that 'huddle token create' printed")
        }
        let membership = try await Membership.join(
            configuration, token, directory: directory, clock: clock)
        log.notice("joined", metadata: ["host": "\(configuration.host)"])
        return membership
    }

    private func makeDrivers(_ directory: String) -> DriverSet {
        DriverSet(
            containers: attempt("containers") {
                try PodmanDriver(
                    socket: configuration.podmanSocket, histories: "\(directory)/logs",
                    checkpoints: CheckpointArea(
                        overflow: directory + "/checkpoints",
                        bound: try capacityReader.read().hostReserve.memory))
            },
            machines: attempt("VMs") { try QEMUDriver(QEMUDriver.Settings(data: directory)) })
    }

    private var capacityReader: CapacityReader {
        CapacityReader(
            group: configuration.workloadsGroup, disk: configuration.dataDirectory,
            wakeTime: configuration.wakeTime)
    }

    private func attempt(
        _ what: String, _ make: () throws -> any WorkloadDriver
    ) -> (any WorkloadDriver)? {
        do {
            return try make()
        } catch {
            log.warning("no \(what) on this host", metadata: ["why": "\(error)"])
            return nil
        }
    }

    /// This host's end of the cluster's network; only a host that others reach by number has one.
    private func makeNetwork() -> NetworkKeeper? {
        guard let address = configuration.address, IPv4Address(address) != nil else { return nil }
        var settings = FabricSettings()
        settings.mounts = FabricSettings.commonMounts()
        return NetworkKeeper(
            LinuxFabric(host: configuration.host, settings: settings), log: log)
    }

    private func survey(_ drivers: DriverSet, _ network: NetworkKeeper?) async throws -> Survey {
        let survey = try await Survey(
            drivers: drivers, network: network, reader: capacityReader)
        Self.note(survey.capacity, log)
        return survey
    }

    private static func note(_ capacity: Capacity, _ log: Logger) {
        for capability in capacity.capabilities {
            log.info(
                "probed",
                metadata: [
                    "capability": "\(capability.name.rawValue)",
                    "available": "\(capability.available)", "detail": "\(capability.detail)",
                ])
        }
    }

    private func engine(
        _ book: HoldingBook, _ capacity: Capacity, _ clock: SystemClock
    ) throws -> AgentEngine {
        let (holdings, unreadable) = try book.load()
        for name in unreadable {
            log.error(
                "a record cannot be read; its instance will show as an orphan",
                metadata: ["record": "\(name)"])
        }
        let engine = AgentEngine(
            holdings: holdings, rebooted: try book.hasRebooted(capacity.bootID),
            lease: HostLiveness.lease, heardAt: book.heardAt() ?? clock.now)
        for holding in engine.heldByReboot { try book.keep(holding) }
        try book.noteBoot(capacity.bootID)
        return engine
    }

    private func serve(
        _ membership: Membership, _ shelf: Shelf, _ drivers: DriverSet, _ shell: AgentShell,
        _ runner: OperationRunner, _ clock: SystemClock
    ) async throws -> Server? {
        guard configuration.address != nil else { return nil }
        let handler = PeerHandler(
            shelf: shelf, drivers: drivers, shell: shell, membership: membership,
            uplink: runner.uplink, departed: runner.departed, clock: clock)
        let router = Router(peers: handler) { peer, path throws(RPCStatus) in
            try Self.authorize(peer, path, membership)
        }
        let log = log
        let server = Server(
            host: "0.0.0.0", port: configuration.listenPort, tls: membership.serverTLS,
            handler: router
        ) { event in
            if case .refused(let address, let reason) = event {
                log.warning("refused", metadata: ["from": "\(address)", "why": "\(reason)"])
            }
        }
        _ = try await server.bind()
        return server
    }

    /// Who may call what is Identity's table; the certificate is judged here, because TLS lets any through.
    private static func authorize(
        _ peer: Peer, _ path: String, _ membership: Membership
    ) throws(RPCStatus) {
        let caller: PeerIdentity?
        do throws(IdentityRefusal) {
            caller = try membership.identity(of: peer)
        } catch {
            throw RPCStatus(.unauthenticated, "\(error)")
        }
        do throws(AuthorizationRefusal) {
            try Authorization.check(caller, calls: path)
        } catch {
            throw RPCStatus(caller == nil ? .unauthenticated : .permissionDenied, "\(error)")
        }
    }
}
