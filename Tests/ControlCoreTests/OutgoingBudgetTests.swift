import ClusterModel
import ControlCore
import Testing

@Suite struct OutgoingBudgetTests {
    @Test func sendersDivideTheCeilingEvenly() {
        var budget = OutgoingBudget(ceiling: BytesPerSecond(90))
        #expect(budget.share == BytesPerSecond(90))
        budget.begin()
        #expect(budget.share == BytesPerSecond(90))
        budget.begin()
        budget.begin()
        #expect(budget.share == BytesPerSecond(30))
        budget.ceiling = BytesPerSecond(9)
        budget.end()
        #expect(budget.share == BytesPerSecond(4))
        budget.ceiling = nil
        #expect(budget.share == nil)
    }

    @Test func aShareIsNeverNothing() {
        var budget = OutgoingBudget(ceiling: BytesPerSecond(1))
        budget.begin()
        budget.begin()
        #expect(budget.share == BytesPerSecond(1))
    }

    @Test func anEndWithoutABeginningTraps() async {
        await #expect(processExitsWith: .failure) {
            var budget = OutgoingBudget()
            budget.end()
        }
    }
}

@Suite struct TokenBucketTests {
    /// What a sender that waits as it is told has sent by the end of each of its sends.
    private func sent(
        pieces: [Int], rate: (Int) -> BytesPerSecond?, idle: [Int: Int64] = [:]
    ) -> [(at: Int64, bytes: Int)] {
        var bucket = TokenBucket()
        var now = Instant(milliseconds: 5_000)
        var sum = 0
        var moments: [(at: Int64, bytes: Int)] = []
        for (number, piece) in pieces.enumerated() {
            now = now.advanced(by: .milliseconds(idle[number] ?? 0))
            now = now.advanced(by: bucket.take(piece, at: now, rate: rate(number)))
            sum += piece
            moments.append((now.milliseconds - 5_000, sum))
        }
        return moments
    }

    @Test("a rate is kept to the millisecond", arguments: [1, 1_000, 1_048_576, 123_456_789])
    func keepsTheRate(_ rate: UInt64) {
        let piece = max(1, Int(rate) / 7)
        let moments = sent(
            pieces: Array(repeating: piece, count: 50), rate: { _ in BytesPerSecond(rate) })
        for moment in moments {
            let allowed = Double(rate) * Double(moment.at) / 1_000
            #expect(Double(moment.bytes) <= allowed + 1)
            #expect(Double(moment.bytes) >= allowed - Double(rate) / 1_000 * 50 - 1)
        }
    }

    @Test func anIdleSenderCatchesUpOnATenthOfASecond() {
        let moments = sent(
            pieces: [1_000, 100, 100], rate: { _ in BytesPerSecond(1_000) }, idle: [1: 60_000])
        #expect(moments.map(\.at) == [1_000, 61_000, 61_100])
    }

    @Test func withoutARateNothingWaits() {
        let moments = sent(pieces: [1 << 40, 1 << 40], rate: { _ in nil })
        #expect(moments.map(\.at) == [0, 0])
    }

    @Test func whatIsOwedIsOwedAtTheNewRate() {
        let moments = sent(
            pieces: [1_000, 1_000, 1_000, 1_000],
            rate: { $0 < 2 ? BytesPerSecond(1_000) : $0 == 2 ? BytesPerSecond(500) : nil })
        #expect(moments.map(\.at) == [1_000, 2_000, 5_000, 5_000])
    }

    @Test("no sequence of pieces and pauses exceeds rate and burst", arguments: UInt64(0)..<50)
    func neverExceeds(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let rate = UInt64.random(in: 1...1 << 34, using: &random)
        let largest = Int(min(rate * 2, 1 << 30))
        let pieces = (0..<40).map { _ in Int.random(in: 1...largest, using: &random) }
        var idle: [Int: Int64] = [:]
        for number in 0..<40 where Bool.random(using: &random) {
            idle[number] = Int64.random(in: 0...5_000, using: &random)
        }
        let moments = sent(pieces: pieces, rate: { _ in BytesPerSecond(rate) }, idle: idle)
        for (number, end) in moments.enumerated() {
            for begin in moments[..<number] {
                let passed = Double(end.at - begin.at) / 1_000
                let bytes = Double(end.bytes - begin.bytes)
                #expect(bytes <= Double(rate) * (passed + 0.1) + 1, "seed \(seed)")
            }
        }
    }
}
