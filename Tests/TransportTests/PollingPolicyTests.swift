import Testing
import Transport

@Suite("Polling policy") struct PollingPolicyTests {
    /// Answers as often as it is heard, with `gaps` between an answer and the next request.
    private func answers(_ gaps: [UInt64]) -> [UInt64?] {
        var policy = PollingPolicy()
        var now: UInt64 = 1_000_000
        var until = [policy.answered(at: now)]
        for gap in gaps {
            now += gap
            policy.heard(at: now)
            until.append(policy.answered(at: now).map { $0 - now })
        }
        return until
    }

    @Test("a loop looks on once a peer has come back at once often enough") func prompt() {
        let until = answers(Array(repeating: 45_000, count: PollingPolicy.proof + 2))
        #expect(until.prefix(PollingPolicy.proof).allSatisfy { $0 == nil })
        #expect(until.suffix(3).allSatisfy { $0 == PollingPolicy.longest })
    }

    @Test(
        "one that has to wait longer, or never waits, sleeps",
        arguments: [PollingPolicy.longest + 1, 5_000_000_000, PollingPolicy.shortest - 1, 0])
    func other(gap: UInt64) {
        let prompt = Array(repeating: UInt64(45_000), count: PollingPolicy.proof)
        #expect(answers(Array(repeating: gap, count: 20)).allSatisfy { $0 == nil })
        #expect(answers(prompt + [gap]).last == .some(nil))
    }

    @Test("several reads before an answer count once") func reads() {
        var policy = PollingPolicy()
        for round in 0..<UInt64(PollingPolicy.proof) {
            _ = policy.answered(at: round * 100_000)
            policy.heard(at: round * 100_000 + 40_000)
            policy.heard(at: round * 100_000 + 99_000)
        }
        #expect(policy.answered(at: 900_000) == 900_000 + PollingPolicy.longest)
    }
}
