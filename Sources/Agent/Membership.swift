import API
import ClusterModel
import HostIO
import Identity
import RPC
import Synchronization
import Transport
import Wire

/// This host's place in the cluster: its key, its certificate, and whom it trusts.
///
/// The key never leaves the host. What is here is written before it is used, so that a crash while joining or
/// renewing leaves a certificate that works.
final class Membership: Sendable {
    /// One certificate with its key.
    struct Credentials: Hashable, Sendable {
        let certificate: [UInt8]
        let key: [UInt8]
        let authority: [UInt8]
        let notBefore: Instant
        let notAfter: Instant
    }

    /// Where the coordinator is, each `host:port`.
    let coordinators: [String]
    private let host: HostID
    private let directory: String
    private let clock: SystemClock
    private let state: Mutex<Credentials>
    private let revoked: Mutex<RevocationList>

    private init(
        host: HostID, directory: String, clock: SystemClock, coordinators: [String],
        credentials: Credentials, revoked: RevocationList = .empty
    ) {
        self.host = host
        self.directory = directory
        self.clock = clock
        self.coordinators = coordinators
        state = Mutex(credentials)
        self.revoked = Mutex(revoked)
    }

    var credentials: Credentials { state.withLock { $0 } }

    // MARK: - Beginning

    /// The membership that was kept; `nil` for a host that never joined, or that has to join anew and can.
    static func kept(
        _ configuration: AgentConfiguration, directory: String, clock: SystemClock
    ) throws(AgentFailure) -> Membership? {
        guard HostFile.exists("\(directory)/identity.pem") else { return nil }
        do {
            let coordinators = try HostFile.text("\(directory)/coordinators")
            return Membership(
                host: configuration.host, directory: directory, clock: clock,
                coordinators: coordinators.split(separator: "\n").map(String.init),
                credentials: try credentials(
                    try HostFile.read("\(directory)/identity.pem"), clock),
                revoked: try RevocationList.kept(in: directory))
        } catch IdentityRefusal.expired where configuration.token != nil {
            return nil
        } catch let refusal as IdentityRefusal {
            throw AgentFailure(
                "this host's certificate cannot be used", why: "\(refusal)",
                try:
                    "look at the clock; if the certificate has expired, remove \(directory)/identity.pem "
                    + "and nothing else, remove the host from the cluster, and start with a new token"
            )
        } catch {
            throw unusable("\(error)", directory)
        }
    }

    /// Joins with a token: checks the authority before it shows the secret, and keeps what it gets.
    static func join(
        _ configuration: AgentConfiguration, _ token: JoinToken, directory: String,
        clock: SystemClock
    ) async throws(AgentFailure) -> Membership {
        var failures: [String] = []
        do {
            let request = try request(for: configuration.host, directory)
            for address in token.addresses {
                do throws(RPCStatus) {
                    let reply = try await ask(address, token, request, configuration, clock)
                    return try keep(reply, request, token, configuration.host, directory, clock)
                } catch {
                    failures.append("\(address): \(error.message)")
                    // Only an address that cannot be reached is a reason to try the next.
                    guard error.code == .unavailable else { break }
                }
            }
        } catch {
            throw unusable("\(error)", directory)
        }
        throw AgentFailure(
            "host \(configuration.host) cannot join the cluster",
            why: failures.joined(separator: "; "),
            try: "make a new token with 'huddle token create' and start the agent with it")
    }

    private static func keep(
        _ reply: JoinReply, _ request: CertificateRequest, _ token: JoinToken, _ host: HostID,
        _ directory: String, _ clock: SystemClock
    ) throws(RPCStatus) -> Membership {
        do {
            let pem = text(reply.certificate, reply.authority, request.key)
            let credentials = try credentials(pem, clock)
            let addresses = Array(token.addresses.joined(separator: "\n").utf8)
            try HostFile.replace("\(directory)/coordinators", with: addresses)
            try HostFile.replace("\(directory)/identity.pem", with: pem)
            try HostFile.remove("\(directory)/request.pem")
            return Membership(
                host: host, directory: directory, clock: clock, coordinators: token.addresses,
                credentials: credentials)
        } catch {
            throw RPCStatus(.internal, "the new certificate cannot be kept: \(error)")
        }
    }

    private static func ask(
        _ address: String, _ token: JoinToken, _ request: CertificateRequest,
        _ configuration: AgentConfiguration, _ clock: SystemClock
    ) async throws(RPCStatus) -> JoinReply {
        let trust = ServerTrust(.pinned(token.authority))
        let tls = ClientTLS(certificateChain: [], privateKey: []) { chain in
            (try? trust.judge(chain: chain, at: clock.now)) != nil
        }
        let client = try await Dialling.connect(address, tls)
        let reply = try await JoinClient(client: client).join(
            JoinRequest(
                protocol: ProtocolVersion.current, tokenID: token.id, secret: token.secret,
                host: configuration.host, certificateRequest: request.der,
                labels: configuration.labels), timeout: AgentLimits.callPatience)
        await client.close()
        guard Fingerprint(of: reply.authority) == token.authority else {
            throw RPCStatus(.unauthenticated, "the reply names another authority than the token")
        }
        return reply
    }

    /// The request of an earlier, interrupted try, or a new one: a token honours the same request twice.
    private static func request(for host: HostID, _ directory: String) throws -> CertificateRequest
    {
        let path = "\(directory)/request.pem"
        if HostFile.exists(path) {
            let bytes = try HostFile.read(path)
            if let der = try PEM.blocks(bytes, of: .certificateRequest).first,
                let key = try PEM.blocks(bytes, of: .privateKey).first
            {
                return CertificateRequest(der: der, key: key)
            }
        }
        let request = try CertificateRequest.make(name: host.rawValue)
        let pem =
            PEM.encoded(request.der, as: .certificateRequest)
            + PEM.encoded(request.key, as: .privateKey)
        try HostFile.replace(path, with: pem)
        return request
    }

    // MARK: - Lasting

    /// Whether the certificate is to be renewed; hosts that joined together do it apart.
    var isDue: Bool {
        let current = credentials
        let spread = host.rawValue.utf8.reduce(0) { ($0 * 31 + Int64($1)) % 86_400 }
        return Renewal.isDue(
            notBefore: current.notBefore, notAfter: current.notAfter, now: clock.now,
            jitter: .seconds(spread))
    }

    /// Gets a new certificate for a new key over a connection made with the present one.
    func renew(over client: Client) async throws {
        let request = try CertificateRequest.make(name: host.rawValue)
        let reply = try await AgentsClient(client: client).renew(
            RenewRequest(certificateRequest: request.der), timeout: AgentLimits.callPatience)
        let pem = Self.text(reply.certificate, reply.authority, request.key)
        let renewed = try Self.credentials(pem, clock)
        try HostFile.replace("\(directory)/identity.pem", with: pem)
        state.withLock { $0 = renewed }
    }

    // MARK: - Others

    /// Refuses these certificates from now on, also after a restart, and no others.
    func refuse(_ revocations: Revocations) throws(FileFailure) {
        let list = RevocationList(revocations)
        let isNews = revoked.withLock { known in
            defer { known = list }
            return known != list
        }
        if isNews { try list.keep(in: directory) }
    }

    /// Who another agent is that calls this one, if it still is one; `nil` without a certificate.
    func identity(of peer: Peer) throws(IdentityRefusal) -> PeerIdentity? {
        guard !peer.certificates.isEmpty else { return nil }
        let identity = try ClientTrust.judge(
            chain: peer.certificates, authority: credentials.authority, at: clock.now)
        try revoked.withLock { $0 }.check(identity)
        return identity
    }

    // MARK: - TLS

    /// How this host speaks to the coordinator.
    var coordinatorTLS: ClientTLS { clientTLS(role: .coordinator) }

    /// How this host speaks to other agents.
    var peerTLS: ClientTLS { clientTLS(role: .agent) }

    private func clientTLS(role: Role) -> ClientTLS {
        let current = credentials
        let trust = ServerTrust(.known(authority: current.authority), role: role)
        let clock = clock
        let revoked = revoked.withLock { $0 }
        return ClientTLS(
            certificateChain: [current.certificate, current.authority], privateKey: current.key
        ) { chain in
            guard let server = try? trust.judge(chain: chain, at: clock.now) else { return false }
            return !revoked.contains(server.serial)
        }
    }

    /// How other agents speak to this host.
    var serverTLS: ServerTLS {
        let current = credentials
        return ServerTLS(
            certificateChain: [current.certificate, current.authority], privateKey: current.key)
    }

    // MARK: - Files

    private static func text(
        _ certificate: [UInt8], _ authority: [UInt8], _ key: [UInt8]
    ) -> [UInt8] {
        PEM.encoded(certificate, as: .certificate) + PEM.encoded(authority, as: .certificate)
            + PEM.encoded(key, as: .privateKey)
    }

    private static func credentials(
        _ pem: [UInt8], _ clock: SystemClock
    ) throws(IdentityRefusal) -> Credentials {
        let certificates = try PEM.blocks(pem, of: .certificate)
        guard certificates.count == 2, let key = try PEM.blocks(pem, of: .privateKey).first else {
            throw .unreadable("identity.pem has to hold two certificates and a key")
        }
        let identity = try PeerIdentity.of(leaf: certificates[0], at: clock.now)
        return Credentials(
            certificate: certificates[0], key: key, authority: certificates[1],
            notBefore: identity.notBefore, notAfter: identity.notAfter)
    }

    private static func unusable(_ reason: String, _ directory: String) -> AgentFailure {
        AgentFailure(
            "cannot use what is kept in \(directory)", why: reason,
            try:
                "give the agent a directory of its own with --data, or remove this one and join anew"
        )
    }
}
