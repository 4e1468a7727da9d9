import API
import ClusterModel
import HostIO
import Identity
import RPC
import Synchronization
import Transport
import Wire

/// An agent over real sockets that has no instances and says it has what it is told to; what its instances print, and
/// how its moves end, a test says.
final class ScriptedAgent: Sendable {
    let host: HostID
    /// What the coordinator asked it to open, in order.
    let sessions: AsyncStream<Session>

    private let entrance: AsyncStream<Session>.Continuation
    private let client: Client
    private let call: MessageCall<AgentMessage, CoordinatorMessage>
    private let generations = Mutex<[InstanceID: Generation]>([:])
    /// What other agents may ask of this one, and where.
    private let server: Server?
    private let address: String
    /// Why an order is to fail; may wait until it is to be answered.
    private let answer: @Sendable (MoveOrder) async -> String?
    private let features: [String]
    /// What CRIU says where an order fails.
    private let verdict: CheckpointVerdict?
    /// How this agent shows itself to other agents.
    let peerCredentials: ClientTLS

    /// A log or a console, from the agent's side.
    struct Session: Sendable {
        let order: AttachOrder
        private let call: MessageCall<AttachOutput, AttachInput>

        init(_ order: AttachOrder, over client: Client) async throws(RPCStatus) {
            self.order = order
            call = try await AgentsClient(client: client).attach()
            try await call.requests.send(.session(order.session))
        }

        func print(_ text: String) async throws(RPCStatus) {
            try await call.requests.send(.output(OutputChunk(bytes: Array(text.utf8))))
        }

        func end() async throws(RPCStatus) {
            try await call.requests.send(.end(AttachEnd()))
            call.requests.finish()
        }

        /// What the user typed next; `nil` once nothing more comes.
        func typed() async throws(RPCStatus) -> AttachInput? { try await call.replies.next() }
    }

    init(
        _ host: HostID, port: Int, token: String, peers: (any PeersService)? = nil,
        features: [String] = [], verdict: CheckpointVerdict? = nil,
        answer: @escaping @Sendable (MoveOrder) async -> String? = { _ in nil }
    ) async throws {
        self.host = host
        self.answer = answer
        self.features = features
        self.verdict = verdict
        (sessions, entrance) = AsyncStream.makeStream(
            of: Session.self, bufferingPolicy: .bufferingOldest(16))
        let token = try JoinToken(parsing: token)
        let clock = SystemClock()
        let joining = try await Self.connect(
            port,
            ClientTLS(certificateChain: [], privateKey: []) { chain in
                (try? ServerTrust(.pinned(token.authority)).judge(chain: chain, at: clock.now))
                    != nil
            })
        let request = try CertificateRequest.make(name: host.rawValue)
        let reply = try await JoinClient(client: joining).join(
            JoinRequest(
                protocol: ProtocolVersion.current, tokenID: token.id, secret: token.secret,
                host: host, certificateRequest: request.der))
        await joining.close()
        func credentials(_ role: Role) -> ClientTLS {
            let trust = ServerTrust(.known(authority: reply.authority), role: role)
            return ClientTLS(
                certificateChain: [reply.certificate, reply.authority], privateKey: request.key
            ) { chain in (try? trust.judge(chain: chain, at: clock.now)) != nil }
        }
        peerCredentials = credentials(.agent)
        if let peers {
            let server = Server(
                host: "127.0.0.1", port: 0,
                tls: ServerTLS(
                    certificateChain: [reply.certificate, reply.authority],
                    privateKey: request.key),
                handler: Router(peers: peers, authorize: { _, _ in }))
            address = "127.0.0.1:\(try await server.bind())"
            self.server = server
        } else {
            address = "127.0.0.1:1"
            server = nil
        }
        client = try await Self.connect(port, credentials(.coordinator))
        call = try await AgentsClient(client: client).control()
    }

    /// Says hello and does as it is told until the coordinator lets it go.
    func run() async throws {
        let capabilities = [Capability.Name.qemu, .podman, .checkpoint, .network].map {
            Capability($0, available: true, detail: "pretended 1.0")
        }
        let capacity = Capacity(
            total: Resources(cpu: CPU(millicores: 16_000), memory: .mebibytes(16 << 10)),
            features: features,
            capabilities: capabilities)
        try await call.requests.send(
            .hello(
                Hello(
                    protocol: ProtocolVersion.current, version: ProtocolVersion.build, host: host,
                    capacity: capacity, address: address)))
        try await withThrowingDiscardingTaskGroup { group in
            if let server { group.addTask { try await server.run() } }
            while let message = try await call.replies.next() {
                switch message {
                case .welcome: try await report()
                case .assignments(let assignments):
                    for assigned in assignments.assignments {
                        note(assigned, isHere: assigned.desired == .running)
                    }
                    try await report()
                case .move(let order): group.addTask { try await self.obey(order) }
                case .attach(let order):
                    entrance.yield(try await Session(order, over: client))
                case .acknowledged, .network, .revocations: continue
                }
            }
            group.cancelAll()
        }
    }

    private func obey(_ order: MoveOrder) async throws {
        let failure = await answer(order)
        if failure == nil {
            switch (order.phase, order.undo) {
            case (.confirm, false): note(order.assignment, isHere: true)
            case (.release, false): note(order.assignment, isHere: false)
            default: break
            }
        }
        let endpoint = MoveEndpoint(address: IPv4Address(bits: 0x7F00_0001), memoryPort: 1)
        try await call.requests.send(
            .moveResult(
                MoveResult(
                    move: order.move.id, phase: order.phase, undo: order.undo, failure: failure,
                    endpoint: order.phase == .prepare ? endpoint : nil,
                    verdict: failure == nil ? nil : verdict)))
        try await report()
    }

    private func note(_ assigned: Assignment, isHere: Bool) {
        generations.withLock {
            $0[assigned.instance] = isHere ? assigned.generation : nil
        }
    }

    private func report() async throws(RPCStatus) {
        let statuses = generations.withLock { $0 }.map { id, generation in
            InstanceStatus(id: id, generation: generation, observed: .running)
        }
        try await call.requests.send(.statuses(Statuses(instances: statuses)))
    }

    private static func connect(_ port: Int, _ tls: ClientTLS) async throws(RPCStatus) -> Client {
        try await Client.connect(host: "127.0.0.1", port: port, tls: tls, timeout: .seconds(30))
    }
}
