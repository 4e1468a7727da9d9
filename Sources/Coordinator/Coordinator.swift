import API
import ClusterModel
import ControlCore
import HostIO
package import Logging
import Ports
import RPC
import Shelf
import Store
import Transport
import Wire

/// The coordinator's process: opens what it keeps, listens, and works until it is ended.
///
/// It may be killed at any moment; there is nothing to do at its end, and so no orderly one.
package struct Coordinator: Sendable {
    private let configuration: CoordinatorConfiguration
    private let log: Logger

    package init(_ configuration: CoordinatorConfiguration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

    package func run() async throws {
        let clock = SystemClock()
        let founding = try Founding(configuration, clock: clock)
        let store = try openStore()
        let entries = try await load(store)
        let admission = Admission(
            authority: founding.authority, advertised: configuration.advertised,
            certificateLife: configuration.certificateLife, clock: clock, entries: entries)
        let shell = ControlShell(
            engine: try await engine(entries, store, clock), store: store,
            admission: admission, clock: clock, events: Self.eventNumbers(entries),
            power: configuration.powerProgram.map { PowerSwitch(program: $0) }, log: log)
        let shelf = try openShelf()
        let (tls, renewAt) = try founding.serverTLS()
        let server = Server(
            host: configuration.listenHost, port: configuration.listenPort, tls: tls,
            handler: router(shell, admission, shelf, store), onEvent: note)
        let port = try await bind(server)
        try founding.writeAdminContext()
        log.notice(
            "coordinator listens",
            metadata: ["port": "\(port)", "data": "\(configuration.dataDirectory)"])
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await server.run() }
            group.addTask { try await shell.run() }
            group.addTask { try await Self.renew(server, founding, renewAt, clock) }
        }
    }

    private func router(
        _ shell: ControlShell, _ admission: Admission, _ shelf: Shelf, _ store: any Store
    ) -> Router {
        let broker = SessionBroker()
        let agents = AgentsHandler(shell: shell, admission: admission, broker: broker, shelf: shelf)
        let users = ClusterHandler(
            shell: shell, admission: admission, broker: broker, shelf: shelf,
            history: EventHistory(store: store))
        return Router(join: agents, agents: agents, cluster: users) {
            peer, path throws(RPCStatus) in
            try admission.authorize(peer, path)
        }
    }

    private func note(_ event: ServerEvent) {
        switch event {
        case .connected(let peer): log.debug("connected", metadata: ["from": "\(peer.address)"])
        case .disconnected(let peer, let reason):
            log.debug("disconnected", metadata: ["from": "\(peer.address)", "why": "\(reason)"])
        case .refused(let address, let reason):
            log.warning("refused", metadata: ["from": "\(address)", "why": "\(reason)"])
        }
    }

    // MARK: - Starting

    private func openStore() throws(CoordinatorFailure) -> SQLiteStore {
        let path = "\(configuration.dataDirectory)/state.db"
        do throws(StoreFailure) {
            return try SQLiteStore(path: path)
        } catch {
            throw CoordinatorFailure(
                "cannot open \(path)", why: "\(error)",
                try: "end the other coordinator that uses it, or make room on its disk")
        }
    }

    private func openShelf() throws(CoordinatorFailure) -> Shelf {
        do throws(ShelfFailure) {
            return try Shelf(directory: "\(configuration.dataDirectory)/images")
        } catch {
            throw CoordinatorFailure(
                "cannot keep images", why: error.message, try: "make room on the disk of --data")
        }
    }

    private func load(_ store: SQLiteStore) async throws(CoordinatorFailure) -> [StoreEntry] {
        do throws(StoreFailure) {
            return try await store.entries(withPrefix: "")
        } catch {
            throw CoordinatorFailure(
                "cannot read the state", why: "\(error)", try: "bring back state.db from a backup")
        }
    }

    private func engine(
        _ entries: [StoreEntry], _ store: SQLiteStore, _ clock: SystemClock
    ) async throws -> ClusterEngine {
        let revision = try await store.revision()
        do throws(WireFault) {
            let state = try RecordKeys.state(entries, at: revision)
            return ClusterEngine(
                state: state, network: configuration.network,
                hasPower: configuration.powerProgram != nil, now: clock.now, seed: 1)
        } catch {
            throw CoordinatorFailure(
                "cannot read the state", why: "\(error)", try: "bring back state.db from a backup")
        }
    }

    private static func eventNumbers(_ entries: [StoreEntry]) -> ClosedRange<UInt64>? {
        let numbers = entries.compactMap { entry -> UInt64? in
            guard entry.key.hasPrefix(RecordKeys.eventPrefix) else { return nil }
            return UInt64(entry.key.dropFirst(RecordKeys.eventPrefix.count))
        }
        guard let first = numbers.min(), let last = numbers.max() else { return nil }
        return first...last
    }

    private func bind(_ server: Server) async throws(CoordinatorFailure) -> Int {
        do throws(TransportFailure) {
            return try await server.bind()
        } catch {
            throw CoordinatorFailure(
                "cannot listen on \(configuration.listenHost):\(configuration.listenPort)",
                why: error.message, try: "--listen ADDRESS:PORT with a free port")
        }
    }

    /// Gives the server a fresh certificate whenever its present one falls due.
    private static func renew(
        _ server: Server, _ founding: Founding, _ first: Instant, _ clock: SystemClock
    ) async throws {
        var due = first
        while true {
            try await Task.sleep(for: max(.seconds(1), due.since(clock.now)))
            guard clock.now >= due else { continue }
            let (tls, next) = try founding.serverTLS()
            try server.replaceTLS(tls)
            due = next
        }
    }
}
