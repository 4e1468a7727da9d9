import ClusterModel
import Testing

/// Over how many streams memory goes, by what hosts can and what the operator allows.
@Suite struct MoveStreamsTests {
    private func host(_ name: String, multifd: Bool?) -> Host {
        Host(
            id: HostID(name), labels: .none,
            capacity: Capacity(
                total: .zero,
                capabilities: multifd.map {
                    [Capability(.multifd, available: $0, detail: "QEMU")]
                } ?? []),
            state: .ready)
    }

    private func count(
        _ source: Bool?, _ target: Bool?, _ policy: Policy = .standard,
        share: BytesPerSecond? = nil
    ) -> Int {
        MoveStreams.count(
            from: host("a", multifd: source), to: host("b", multifd: target), under: policy,
            share: share)
    }

    @Test func bothHostsHaveToBeAbleTo() {
        #expect(count(true, true) == 2)
        for pair in [(true, false), (false, true), (false, false)] {
            #expect(count(pair.0, pair.1) == 1)
        }
        // An agent that is older than the question does not say so.
        #expect(count(nil, true) == 1)
        #expect(count(true, nil) == 1)
    }

    @Test func aCeilingThatOneStreamReachesNeedsNoMore() {
        func under(_ mebibytes: UInt64) -> Int {
            count(true, true, share: BytesPerSecond(mebibytes << 20))
        }
        #expect(under(64) == 1)
        #expect(under(256) == 1)
        #expect(under(257) == 2)
    }

    @Test func theOperatorSaysHowMany() {
        #expect(count(true, true, Policy(movesStreams: 1)) == 1)
        #expect(count(true, true, Policy(movesStreams: 8)) == 8)
        #expect(count(true, false, Policy(movesStreams: 8)) == 1)
        #expect(throws: InvalidValue.self) { try Policy(movesStreams: 9).validated() }
        #expect(throws: InvalidValue.self) { try Policy(movesStreams: 0).validated() }
    }
}
