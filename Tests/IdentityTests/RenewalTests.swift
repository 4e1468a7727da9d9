import ClusterModel
import Identity
import Testing

@Suite struct RenewalTests {
    @Test("a certificate is renewed at two thirds of its life, and up to a tenth of it earlier")
    func due() {
        let start = TestCluster.start
        let end = start.advanced(by: .seconds(30 * 86_400))
        func due(_ jitter: Duration) -> Duration {
            Renewal.due(notBefore: start, notAfter: end, jitter: jitter).since(start)
        }
        #expect(due(.zero) == .seconds(20 * 86_400))
        #expect(due(.seconds(3_600)) == .seconds(20 * 86_400 - 3_600))
        #expect(due(.seconds(90 * 86_400)) == .seconds(17 * 86_400))
        #expect(due(.seconds(-90 * 86_400)) == .seconds(20 * 86_400))
    }

    @Test("whatever an operator may choose, a new certificate is not due at once")
    func lives() throws {
        let cluster = try TestCluster()
        var generator = cluster.generator
        for life in [Renewal.lives.lowerBound, Renewal.usualLife, Renewal.lives.upperBound] {
            let request = try CertificateRequest.make(name: "alpha")
            let issued = try cluster.authority.issue(
                to: .agent(HostID("alpha")), for: request.der, living: life, at: after(),
                using: &generator)
            #expect(issued.notAfter == after().advanced(by: life))
            let due = Renewal.due(
                notBefore: issued.notBefore, notAfter: issued.notAfter, jitter: life)
            // Half of its life is left to be used, and a quarter to be renewed in.
            #expect(due >= after().advanced(by: life / 2), "\(life)")
            #expect(due <= after().advanced(by: life / 4 * 3), "\(life)")
        }
    }

    @Test("due means from that moment on, and always for what has no life left")
    func isDue() {
        let start = TestCluster.start
        let end = start.advanced(by: .seconds(300))
        func isDue(_ now: Instant) -> Bool {
            Renewal.isDue(notBefore: start, notAfter: end, now: now, jitter: .zero)
        }
        #expect(!isDue(start.advanced(by: .milliseconds(199_999))))
        #expect(isDue(start.advanced(by: .milliseconds(200_000))))
        #expect(isDue(end.advanced(by: .seconds(9))))
        #expect(Renewal.isDue(notBefore: end, notAfter: start, now: end, jitter: .zero))
    }
}
