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
