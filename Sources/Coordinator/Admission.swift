import ClusterModel
import ControlCore
import HostIO
import Identity
import Ports
import RPC
import Synchronization
import Transport
import Wire

/// Who belongs to the cluster: tokens, certificates, and what was revoked.
///
/// The rules are Identity's; here they meet the clock, the system's randomness and the store.
final class Admission: Sendable {
    private struct State {
        var tokens: [String: StoredToken]
        /// Certificates of each host that have not expired.
        var certificates: [HostID: [RevocationList.Entry]]
        var revoked: RevocationList
        /// What `revoke` has said and nobody has stored yet.
        var unstored: [StoreChange] = []
        /// Certificates whose signature was checked, by their bytes: an agent shows the same one with every message.
        var judged: [[UInt8]: PeerIdentity] = [:]
    }

    /// As many as connections of a large cluster, several times over; then all are judged anew.
    private static let mostJudged = 16_384

    private let authority: ClusterAuthority
    private let advertised: [String]
    private let certificateLife: Duration
    private let clock: SystemClock
    private let state: Mutex<State>

    init(
        authority: ClusterAuthority, advertised: [String], certificateLife: Duration,
        clock: SystemClock, entries: [StoreEntry]
    ) {
        self.authority = authority
        self.advertised = advertised
        self.certificateLife = certificateLife
        self.clock = clock
        var tokens: [String: StoredToken] = [:]
        var certificates: [HostID: [RevocationList.Entry]] = [:]
        var revoked = RevocationList.empty
        for entry in entries {
            if let token = StoredToken(entry) { tokens[token.id] = token }
            if let (host, certificate) = RevocationList.Entry.certificate(entry) {
                certificates[host, default: []].append(certificate)
            }
            if let certificate = RevocationList.Entry.revoked(entry) { revoked.revoke(certificate) }
        }
        state = Mutex(State(tokens: tokens, certificates: certificates, revoked: revoked))
    }

    // MARK: - Moves

    /// What both ends of a streamed move prove themselves with, made anew for each order that needs it; `nil`
    /// when none can be made, which the agent then says.
    func credentials(for order: MoveOrderNote) -> MoveCredentials? {
        guard order.move.isStreamed, !order.undo, order.phase == .prepare || order.phase == .copy
        else { return nil }
        var generator = KernelRandom()
        return try? authority.moveCredentials(
            for: order.move, at: clock.now, using: &generator)
    }

    // MARK: - Every call

    /// Who `peer` is; `nil` without a certificate. A foreign, expired or revoked certificate is refused.
    func identity(of peer: Peer) throws(RPCStatus) -> PeerIdentity? {
        guard let leaf = peer.certificates.first else { return nil }
        do throws(IdentityRefusal) {
            let (known, revoked) = state.withLock { ($0.judged[leaf], $0.revoked) }
            let identity: PeerIdentity
            if let known { identity = known } else { identity = try judge(peer.certificates, leaf) }
            guard clock.now <= identity.notAfter else { throw .expired(at: identity.notAfter) }
            try revoked.check(identity)
            return identity
        } catch {
            throw RPCStatus(.unauthenticated, "\(error)")
        }
    }

    private func judge(
        _ chain: [[UInt8]], _ leaf: [UInt8]
    ) throws(IdentityRefusal) -> PeerIdentity {
        let identity = try ClientTrust.judge(
            chain: chain, authority: authority.certificate, at: clock.now)
        state.withLock { state in
            if state.judged.count >= Self.mostJudged { state.judged.removeAll() }
            state.judged[leaf] = identity
        }
        return identity
    }

    /// Refuses a call that its caller may not make.
    func authorize(
        _ peer: Peer, _ path: String, about host: HostID? = nil
    ) throws(RPCStatus) {
        let caller = try identity(of: peer)
        do throws(AuthorizationRefusal) {
            try Authorization.check(caller, calls: path, about: host)
        } catch {
            throw RPCStatus(caller == nil ? .unauthenticated : .permissionDenied, "\(error)")
        }
    }

    // MARK: - Tokens

    /// A new token and what is to be stored of it before it is shown.
    func makeToken(
        lifetime: Duration
    ) throws(RPCStatus) -> (token: JoinToken, expiresAt: Instant, change: StoreChange) {
        guard lifetime > .zero, lifetime <= .seconds(7 * 86_400) else {
            throw RPCStatus(.invalidArgument, "lifetime: has to be above zero and at most 7 days")
        }
        var generator = KernelRandom()
        do throws(TokenFault) {
            let token = try JoinToken.make(
                addresses: advertised, authority: authority.fingerprint, using: &generator)
            let expiresAt = clock.now.advanced(by: lifetime)
            let stored = StoredToken(of: token, expiresAt: expiresAt)
            state.withLock { $0.tokens[stored.id] = stored }
            return (token, expiresAt, stored.change)
        } catch {
            throw RPCStatus(.internal, "\(error)")
        }
    }

    /// Uses a token up; the change is to be stored before anything else is done for its bearer.
    func redeem(
        _ request: JoinRequest
    ) throws(RPCStatus) -> (change: StoreChange, isRepeat: Bool) {
        let now = clock.now
        let outcome = state.withLock {
            state -> Result<(StoredToken, isRepeat: Bool), TokenRefusal> in
            guard var token = state.tokens[request.tokenID] else { return .failure(.wrong) }
            let isRepeat = token.redeemedFor != nil
            do throws(TokenRefusal) {
                // For this host and this key: only the very same request is honoured twice.
                try token.redeem(
                    secret: request.secret,
                    for: Array(request.host.rawValue.utf8) + [0] + request.certificateRequest,
                    at: now)
            } catch {
                return .failure(error)
            }
            state.tokens[token.id] = token
            return .success((token, isRepeat))
        }
        switch outcome {
        case .success(let redeemed): return (redeemed.0.change, redeemed.isRepeat)
        case .failure(let refusal): throw RPCStatus(.unauthenticated, "\(refusal)")
        }
    }

    // MARK: - Certificates

    /// A certificate for `host` and what is to be stored before it is handed out; what has expired is forgotten.
    func issue(
        for host: HostID, _ certificateRequest: [UInt8]
    ) throws(RPCStatus) -> (reply: JoinReply, changes: [StoreChange]) {
        var generator = KernelRandom()
        do throws(IdentityRefusal) {
            let now = clock.now
            let issued = try authority.issue(
                to: .agent(host), for: certificateRequest, living: certificateLife, at: now,
                using: &generator)
            let entry = RevocationList.Entry(serial: issued.serial, notAfter: issued.notAfter)
            let expired = state.withLock { state in
                let kept = state.certificates[host] ?? []
                let expired = kept.filter { $0.hasSurelyExpired(at: now) }
                state.certificates[host] = kept.filter { !$0.hasSurelyExpired(at: now) } + [entry]
                return expired
            }
            return (
                JoinReply(certificate: issued.der, authority: authority.certificate),
                expired.map { $0.forgetting(host) } + [entry.change(of: host)]
            )
        } catch {
            throw RPCStatus(.invalidArgument, "certificate_request: \(error)")
        }
    }

    /// Revokes every certificate of `host`; the changes are to be stored. What has expired is forgotten.
    func revoke(_ host: HostID) -> [StoreChange] {
        let now = clock.now
        return state.withLock { state in
            let expired = state.revoked.prune(at: now)
            let entries = state.certificates.removeValue(forKey: host) ?? []
            for entry in entries { state.revoked.revoke(entry) }
            state.unstored +=
                expired.map(\.pardon) + entries.flatMap { [$0.revocation, $0.forgetting(host)] }
            return state.unstored
        }
    }

    /// `changes` are stored: until then every `revoke` repeats them, so that one whose storing failed is not forgotten.
    func stored(_ changes: [StoreChange]) {
        let known = Set(changes)
        state.withLock { $0.unstored.removeAll { known.contains($0) } }
    }

    /// What agents are to refuse of one another.
    var revocations: Revocations {
        Revocations(
            certificates: state.withLock { $0.revoked }.entries.map {
                RevokedCertificate(serial: $0.serial.bytes, notAfter: $0.notAfter)
            })
    }
}
