import API
import ClusterModel
import ControlCore
import HostIO
import Logging
import RPC
import Transport
import Wire

/// Keeps a control stream to the coordinator, for as long as the agent runs.
struct Conversation: Sendable {
    let configuration: AgentConfiguration
    let survey: Survey
    let membership: Membership
    let link: CoordinatorLink
    let shell: AgentShell
    let drivers: DriverSet
    let network: NetworkKeeper?
    let server: Server?
    let uplink: Uplink
    let log: Logger

    /// Works until the task is cancelled; instances run on whether anybody is there or not.
    func run() async throws {
        var turn = 0
        var reconnection = Reconnection()
        var random = KernelRandom()
        while true {
            let address = membership.coordinators[turn % max(1, membership.coordinators.count)]
            turn += 1
            let end = await attempt(address)
            await link.close()
            try await Task.sleep(for: reconnection.wait(after: end, using: &random))
        }
    }

    /// Connects and talks for as long as it lasts.
    private func attempt(_ address: String) async -> Reconnection.End {
        var connectedAt: ContinuousClock.Instant?
        do throws(RPCStatus) {
            let client = try await Dialling.connect(address, membership.coordinatorTLS)
            connectedAt = .now
            try await converse(over: client)
        } catch {
            log.warning(
                "no coordinator", metadata: ["at": "\(address)", "why": "\(error.message)"])
            // Refused, not unreachable: an operator has to act first.
            if [.failedPrecondition, .unauthenticated, .permissionDenied].contains(error.code) {
                return .refused
            }
        }
        return connectedAt.map { .disconnected(after: ContinuousClock.now - $0) } ?? .unreachable
    }

    private func converse(over client: Client) async throws(RPCStatus) {
        let call = try await AgentsClient(client: client).control()
        // Before anything else can be sent: answers come in the order of what was said.
        await shell.speaking { .greeting(at: $0) }
        let outgoing = await link.open(client)
        do throws(RPCStatus) {
            try await call.requests.send(.hello(hello))
            try await exchange(call, outgoing, client)
        } catch {
            call.cancel()
            await client.close()
            throw error
        }
        await client.close()
    }

    private var hello: Hello {
        Hello(
            protocol: ProtocolVersion.current, version: ProtocolVersion.build,
            host: configuration.host,
            capacity: survey.capacity, labels: configuration.labels,
            address: configuration.address.map { "\($0):\(configuration.listenPort)" } ?? "")
    }

    private func exchange(
        _ call: MessageCall<AgentMessage, CoordinatorMessage>,
        _ outgoing: AsyncStream<AgentMessage>,
        _ client: Client
    ) async throws(RPCStatus) {
        try await Pump.both(
            { () async throws(RPCStatus) in
                for await message in outgoing {
                    try await call.requests.send(message)
                    if membership.isDue { try await renew(client) }
                }
                throw RPCStatus(.cancelled, "this connection is replaced")
            },
            until: { () async throws(RPCStatus) in
                do {
                    try await withThrowingDiscardingTaskGroup { sessions in
                        while let message = try await call.replies.next() {
                            await take(message) { order in
                                let session = AttachedSession(
                                    order: order, drivers: drivers, shell: shell)
                                sessions.addTask { await session.run(over: client) }
                            }
                        }
                        sessions.cancelAll()
                    }
                } catch let status as RPCStatus {
                    throw status
                } catch {
                    throw RPCStatus(.unknown, "\(error)")
                }
            })
    }

    private func take(_ message: CoordinatorMessage, attach: (AttachOrder) -> Void) async {
        switch message {
        case .welcome(let welcome):
            log.notice("connected", metadata: ["coordinator": "\(welcome.version)"])
            await shell.post(.welcomed)
        case .assignments(let assignments):
            await shell.post(
                .assigned(
                    assignments.assignments.map(Assigned.init), complete: assignments.complete,
                    moving: assignments.moving))
        case .move(let order):
            uplink.heard(order)
            await shell.post(.ordered(MoveOrderNote(order, for: configuration.host)))
        case .attach(let order): attach(order)
        case .network(let news): await network?.heard(news)
        case .acknowledged: await shell.post(.acknowledged)
        case .revocations(let revocations): refuse(revocations)
        }
    }

    private func refuse(_ revocations: Revocations) {
        do throws(FileFailure) {
            try membership.refuse(revocations)
        } catch {
            // Known from now on all the same, and told again with the next connection.
            log.error("revocations not kept", metadata: ["why": "\(error)"])
        }
    }

    /// Renews, then lets the connection go: the next is made with the new certificate.
    private func renew(_ client: Client) async throws(RPCStatus) {
        do {
            try await membership.renew(over: client)
            try server?.replaceTLS(membership.serverTLS)
        } catch {
            // There are days left; the next report tries again.
            log.error("certificate not renewed", metadata: ["why": "\(error)"])
            return
        }
        log.notice("certificate renewed")
        throw RPCStatus(.cancelled, "this connection is replaced by one with the new certificate")
    }
}
