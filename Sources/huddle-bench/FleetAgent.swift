import API
import ClusterModel
import HostIO
import Identity
import RPC
import Transport
import Wire

/// One agent of a fleet: joins as every agent does, keeps one control stream, and reports made-up figures.
struct FleetAgent: Sendable {
    let host: HostID
    let port: Int
    private let tls: ClientTLS

    /// Joins the cluster over `joining`, a connection without a certificate, with a token of its own.
    init(
        number: Int, port: Int, joining: Client, token: String, clock: SystemClock
    ) async throws {
        host = HostID("agent-\(number)")
        self.port = port
        let token = try JoinToken(parsing: token)
        let request = try CertificateRequest.make(name: host.rawValue)
        let reply = try await JoinClient(client: joining).join(
            JoinRequest(
                protocol: ProtocolVersion.current, tokenID: token.id, secret: token.secret,
                host: host, certificateRequest: request.der))
        let trust = ServerTrust(.known(authority: reply.authority))
        tls = ClientTLS(certificateChain: [reply.certificate], privateKey: request.key) { chain in
            (try? trust.judge(chain: chain, at: clock.now)) != nil
        }
    }

    /// Connects and says hello.
    func connect() async throws(RPCStatus) -> FleetSession {
        let client = try await Client.connect(
            host: "127.0.0.1", port: port, tls: tls, timeout: .seconds(60))
        let call = try await AgentsClient(client: client).control()
        let capacity = Capacity(
            total: Resources(cpu: CPU(millicores: 16_000), memory: Bytes(64 << 30)))
        try await call.requests.send(
            .hello(
                Hello(
                    protocol: ProtocolVersion.current, version: ProtocolVersion.build, host: host,
                    capacity: capacity)))
        return FleetSession(client: client, call: call)
    }
}

/// A connected agent.
struct FleetSession: Sendable {
    let client: Client
    let call: MessageCall<AgentMessage, CoordinatorMessage>

    /// Reports figures made of `number`, and returns when the coordinator has taken them.
    func report(_ number: UInt64, at now: Instant) async throws(RPCStatus) {
        let cpu = 1_000 + number % 12_000
        let memory = (8 + number % 40) << 30
        let figures = Use(
            at: now, cpu: Use.Figure(mean: cpu, maximum: cpu + 500, last: cpu + 100),
            memory: Use.Figure(mean: memory, maximum: memory, last: memory),
            network: Use.Figure(mean: number % 1_000_000, maximum: 1_000_000, last: 0))
        try await call.requests.send(.report(Report(host: figures)))
        while let message = try await call.replies.next() {
            if case .acknowledged = message { return }
        }
        throw RPCStatus(.unavailable, "the coordinator ended the session")
    }
}
