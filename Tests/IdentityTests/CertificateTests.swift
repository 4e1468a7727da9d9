import ClusterModel
import Identity
import Testing

@Suite struct CertificateTests {
    @Test("every subject reads back as what it was made for", arguments: TestCluster.subjects)
    func roundTrip(subject: Subject) throws {
        var cluster = try TestCluster()
        let issued = try cluster.issue(subject)
        let identity = try PeerIdentity.of(leaf: issued.der, at: after())
        #expect(identity.role == subject.role)
        #expect(identity.name == subject.name)
        #expect(identity.serial == issued.serial)
        #expect(identity.notBefore == issued.notBefore)
        #expect(identity.notAfter == issued.notAfter)
        #expect(issued.notAfter == TestCluster.start.advanced(by: subject.life))
        #expect(issued.notBefore < TestCluster.start)
        let isAgent = subject.role == .agent
        #expect(identity.host == (isAgent ? HostID(subject.name) : nil))
    }

    @Test("a certificate serves to its last second and from its first")
    func validity() throws {
        var cluster = try TestCluster()
        let issued = try cluster.issue(.agent(HostID("alpha")))
        _ = try PeerIdentity.of(leaf: issued.der, at: issued.notAfter)
        _ = try PeerIdentity.of(leaf: issued.der, at: issued.notBefore)
        #expect(throws: IdentityRefusal.expired(at: issued.notAfter)) {
            try PeerIdentity.of(
                leaf: issued.der, at: issued.notAfter.advanced(by: .seconds(1)))
        }
        #expect(throws: IdentityRefusal.notYetValid(from: issued.notBefore)) {
            try PeerIdentity.of(
                leaf: issued.der, at: issued.notBefore.advanced(by: .milliseconds(-1)))
        }
    }

    @Test("no certificate outlives its authority")
    func boundedByAuthority() throws {
        var cluster = try TestCluster()
        let end = TestCluster.start.advanced(by: ClusterAuthority.life)
        let issued = try cluster.issue(.agent(HostID("alpha")), at: end.advanced(by: .seconds(-60)))
        #expect(issued.notAfter == end)
        #expect(throws: IdentityRefusal.expired(at: end)) {
            try cluster.issue(.agent(HostID("alpha")), at: end.advanced(by: .seconds(60)))
        }
    }

    @Test("an authority loads from DER and PEM and not with another's key")
    func loading() throws {
        let first = try TestCluster(seed: 1).authority
        let second = try TestCluster(seed: 2).authority
        let loaded = try ClusterAuthority(certificate: first.certificate, key: first.key)
        #expect(loaded.fingerprint == first.fingerprint)
        let file =
            PEM.encoded(first.key, as: .privateKey)
            + PEM.encoded(first.certificate, as: .certificate)
        let fromPEM = try ClusterAuthority(certificate: file, key: file)
        #expect(fromPEM.certificate == first.certificate)
        #expect(fromPEM.key == first.key)
        #expect(throws: IdentityRefusal.keyMismatch) {
            try ClusterAuthority(certificate: first.certificate, key: second.key)
        }
    }

    @Test("a leaf is no authority")
    func leafAsAuthority() throws {
        var cluster = try TestCluster()
        let request = try CertificateRequest.make(name: "alpha")
        let leaf = try cluster.authority.issue(
            to: .agent(HostID("alpha")), for: request.der, at: after(), using: &cluster.generator)
        #expect(throws: IdentityRefusal.notAuthority) {
            try ClusterAuthority(certificate: leaf.der, key: request.key)
        }
    }

    @Test("a request must prove its key and name whom the certificate is for")
    func requests() throws {
        var cluster = try TestCluster()
        let request = try CertificateRequest.make(name: "alpha")
        #expect(throws: IdentityRefusal.wrongName(found: "alpha", expected: "beta")) {
            try cluster.authority.issue(
                to: .agent(HostID("beta")), for: request.der, at: after(),
                using: &cluster.generator)
        }
        var tampered = request.der
        // A letter of the name, so that the request still parses: “alpha” → “alphb”.
        let name = try #require(tampered.firstRange(of: Array("alpha".utf8)))
        tampered[name.upperBound - 1] = UInt8(ascii: "b")
        #expect(throws: IdentityRefusal.unprovenKey) {
            try cluster.authority.issue(
                to: .agent(HostID("alphb")), for: tampered, at: after(), using: &cluster.generator)
        }
        #expect(throws: IdentityRefusal.self) {
            try cluster.authority.issue(
                to: .agent(HostID("alpha")), for: Array("hello".utf8), at: after(),
                using: &cluster.generator)
        }
        let huge = [UInt8](repeating: 0x30, count: IdentityLimits.requestBytes + 1)
        #expect(
            throws: IdentityRefusal.tooLarge(
                what: "bytes of certificate request", count: huge.count,
                limit: IdentityLimits.requestBytes)
        ) {
            try cluster.authority.issue(
                to: .agent(HostID("alpha")), for: huge, at: after(), using: &cluster.generator)
        }
    }

    @Test(
        "names that could confuse a log or a reader are refused",
        arguments: [
            Subject.agent(HostID("Alpha")), .agent(HostID("")), .agent(HostID("a.b")),
            .user(name: "a b", role: .viewer), .user(name: "", role: .viewer),
            .user(name: "line\nbreak", role: .admin), .user(name: "zoë", role: .admin),
            .user(name: String(repeating: "x", count: 65), role: .admin),
            .user(name: "alpha", role: .agent), .user(name: "x", role: .coordinator),
            .coordinator(name: "c", addresses: ["a b"]),
            .coordinator(name: "c", addresses: ["10.0.0.1:7443"]),
            .coordinator(name: "c", addresses: Array(repeating: "a.example", count: 17)),
        ])
    func badNames(subject: Subject) throws {
        var cluster = try TestCluster()
        #expect(throws: IdentityRefusal.self) { try cluster.issue(subject) }
    }

    @Test("any change of a byte is refused", arguments: UInt64(0)..<64)
    func tampering(seed: UInt64) throws {
        var cluster = try TestCluster()
        let chain = [try cluster.issue(.agent(HostID("alpha"))).der]
        var random = SplitMix64(seed: seed)
        var leaf = chain[0]
        leaf[Int.random(in: 0..<leaf.count, using: &random)] ^=
            UInt8(1) << UInt8.random(in: 0..<8, using: &random)
        #expect(throws: IdentityRefusal.self, "seed \(seed)") {
            try ClientTrust.judge(
                chain: [leaf], authority: cluster.authority.certificate, at: after())
        }
    }

    @Test("secrets do not print")
    func redaction() throws {
        var cluster = try TestCluster()
        let token = try JoinToken.make(
            addresses: ["a:1"], authority: cluster.authority.fingerprint, using: &cluster.generator)
        let request = try CertificateRequest.make(name: "alpha")
        for text in ["\(cluster.authority)", "\(request)", "\(token)", String(reflecting: token)] {
            #expect(text.utf8.count < 128, "\(text)")
        }
    }
}
