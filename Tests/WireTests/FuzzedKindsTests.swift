import FuzzTargets
import Testing

@Suite struct FuzzedKindsTests {
    @Test("fuzzers know every message", arguments: Subject.all)
    func complete(_ subject: Subject) throws {
        // Several values may have one form; each of a message's kinds has to take its bytes, or refuse them by a rule.
        let kinds = MessageTarget.kinds.filter { $0.name == subject.name }
        try #require(!kinds.isEmpty)
        for seed in UInt64(0)..<20 {
            #expect(kinds.contains { $0.check(subject.bytes(seed)) }, "seed \(seed)")
        }
    }
}
