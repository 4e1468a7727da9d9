import ClusterModel
import Identity
import Testing

@Suite struct TrustTests {
    private static let coordinator = Subject.coordinator(
        name: "coordinator", addresses: ["10.0.0.5"])

    @Test("the coordinator is trusted by fingerprint and by authority")
    func trusted() throws {
        var cluster = try TestCluster()
        let leaf = try cluster.issue(Self.coordinator).der
        let authority = cluster.authority.certificate
        let pinned = ServerTrust(.pinned(cluster.authority.fingerprint))
        #expect(try pinned.judge(chain: [leaf, authority], at: after()).role == .coordinator)
        #expect(try pinned.authority(in: [leaf, authority]) == authority)
        let known = ServerTrust(.known(authority: authority))
        #expect(try known.judge(chain: [leaf], at: after()).name == "coordinator")
    }

    @Test("a pinned authority that is not presented, or another one, is named")
    func mismatch() throws {
        var cluster = try TestCluster(seed: 1)
        var foreign = try TestCluster(seed: 2)
        let pinned = ServerTrust(.pinned(cluster.authority.fingerprint))
        let chain = [
            try foreign.issue(Self.coordinator).der, foreign.authority.certificate,
        ]
        #expect(
            throws: IdentityRefusal.fingerprintMismatch(
                expected: cluster.authority.fingerprint, found: [foreign.authority.fingerprint])
        ) { try pinned.judge(chain: chain, at: after()) }
        let leaf = try cluster.issue(Self.coordinator).der
        #expect(
            throws: IdentityRefusal.fingerprintMismatch(
                expected: cluster.authority.fingerprint, found: [])
        ) { try pinned.judge(chain: [leaf], at: after()) }
    }

    @Test("a foreign leaf beside the true authority is refused")
    func foreignLeaf() throws {
        let cluster = try TestCluster(seed: 1)
        var foreign = try TestCluster(seed: 2)
        let leaf = try foreign.issue(Self.coordinator).der
        let authority = cluster.authority.certificate
        let anchors: [ServerTrust.Anchor] = [
            .pinned(cluster.authority.fingerprint), .known(authority: authority),
        ]
        for anchor in anchors {
            let refusal = #expect(throws: IdentityRefusal.self) {
                try ServerTrust(anchor).judge(chain: [leaf, authority], at: after())
            }
            guard case .foreign = refusal else {
                Issue.record("\(String(describing: refusal))")
                continue
            }
        }
    }

    @Test("only the coordinator's role is the coordinator")
    func wrongRole() throws {
        var cluster = try TestCluster()
        let trust = ServerTrust(.known(authority: cluster.authority.certificate))
        let agent = try cluster.issue(.agent(HostID("alpha"))).der
        #expect(throws: IdentityRefusal.wrongRole(found: .agent, expected: .coordinator)) {
            try trust.judge(chain: [agent], at: after())
        }
        let admin = try cluster.issue(.user(name: "root", role: .admin)).der
        #expect(throws: IdentityRefusal.wrongUsage(needed: .server)) {
            try trust.judge(chain: [admin], at: after())
        }
        let alpha = ServerTrust(
            .known(authority: cluster.authority.certificate), role: .agent, name: "alpha")
        #expect(try alpha.judge(chain: [agent], at: after()).host == HostID("alpha"))
        let beta = ServerTrust(
            .known(authority: cluster.authority.certificate), role: .agent, name: "beta")
        #expect(throws: IdentityRefusal.wrongName(found: "alpha", expected: "beta")) {
            try beta.judge(chain: [agent], at: after())
        }
    }

    @Test("an expired leaf, an empty chain and an endless one are refused")
    func badChains() throws {
        var cluster = try TestCluster()
        let issued = try cluster.issue(Self.coordinator)
        let trust = ServerTrust(.known(authority: cluster.authority.certificate))
        #expect(throws: IdentityRefusal.expired(at: issued.notAfter)) {
            try trust.judge(chain: [issued.der], at: after(days: 31))
        }
        #expect(throws: IdentityRefusal.missing) { try trust.judge(chain: [], at: after()) }
        #expect(
            throws: IdentityRefusal.tooLarge(what: "certificates in a chain", count: 5, limit: 4)
        ) { try trust.judge(chain: Array(repeating: issued.der, count: 5), at: after()) }
    }

    @Test("clients are judged by the same authority")
    func clients() throws {
        var cluster = try TestCluster(seed: 1)
        var foreign = try TestCluster(seed: 2)
        let authority = cluster.authority.certificate
        for subject in TestCluster.subjects {
            let leaf = try cluster.issue(subject).der
            let identity = try ClientTrust.judge(chain: [leaf], authority: authority, at: after())
            #expect(identity.name == subject.name)
            let other = try foreign.issue(subject).der
            #expect(throws: IdentityRefusal.self) {
                try ClientTrust.judge(chain: [other], authority: authority, at: after())
            }
        }
        #expect(throws: IdentityRefusal.missing) {
            try ClientTrust.judge(chain: [], authority: authority, at: after())
        }
        #expect(throws: IdentityRefusal.notLeaf) {
            try ClientTrust.judge(chain: [authority], authority: authority, at: after())
        }
    }

    @Test("a revoked serial is refused until it is pruned after its end")
    func revocation() throws {
        var cluster = try TestCluster()
        let issued = try cluster.issue(.agent(HostID("alpha")))
        let identity = try PeerIdentity.of(leaf: issued.der, at: after())
        var list = RevocationList.empty
        try list.check(identity)
        list.revoke(.init(serial: issued.serial, notAfter: issued.notAfter))
        list.revoke(.init(serial: issued.serial, notAfter: issued.notAfter))
        #expect(list.entries.count == 1)
        #expect(RevocationList(list.entries) == list)
        #expect(throws: IdentityRefusal.revoked(issued.serial)) { try list.check(identity) }
        list.prune(at: issued.notAfter)
        #expect(list.contains(issued.serial))
        list.prune(at: issued.notAfter.advanced(by: .seconds(86_401)))
        #expect(list == .empty)
    }

    @Test("serials are the same number in every notation")
    func serials() throws {
        #expect(SerialNumber(bytes: [0, 0, 0x1F, 2]) == SerialNumber(hexadecimal: "1F02"))
        #expect(SerialNumber(bytes: [0x1F, 2]).description == "1f02")
        #expect(SerialNumber(hexadecimal: "1f0") == nil)
        #expect(SerialNumber(hexadecimal: "xy") == nil)
        #expect(SerialNumber(bytes: [2]) < SerialNumber(bytes: [1, 0]))
    }
}
