import ClusterModel
import Identity
import Testing

/// A cluster with one of each certificate, made from a seed (the keys are the system's).
struct TestCluster {
    static let start = Instant(milliseconds: 1_760_000_000_000)

    let authority: ClusterAuthority
    var generator: SplitMix64

    init(seed: UInt64 = 1) throws(IdentityRefusal) {
        generator = SplitMix64(seed: seed)
        authority = try ClusterAuthority.make(at: Self.start, using: &generator)
    }

    mutating func issue(
        _ subject: Subject, at now: Instant = start
    ) throws(IdentityRefusal) -> IssuedCertificate {
        let request = try CertificateRequest.make(name: subject.name)
        return try authority.issue(to: subject, for: request.der, at: now, using: &generator)
    }

    static let subjects: [Subject] = [
        .agent(HostID("alpha")),
        .coordinator(name: "coordinator", addresses: ["huddle.example", "10.0.0.5", "fd00::5"]),
        .user(name: "viola@example", role: .viewer),
        .user(name: "otto", role: .operator),
        .user(name: "root", role: .admin),
    ]
}

/// Half an hour after the cluster began, and other points counted from there.
func after(days: Int64 = 0, minutes: Int64 = 30) -> Instant {
    TestCluster.start.advanced(by: .seconds(days * 86_400 + minutes * 60))
}
