import ClusterModel
import Testing

@testable import Drivers

@Suite struct MovePaceTests {
    private let ceiling = BytesPerSecond(1_600)

    @Test func aloneEachHasAll() {
        var pace = MovePace()
        #expect(pace.divide(ceiling, among: .disks, at: .zero) == .init(disks: 1_600, memory: 100))
        #expect(
            pace.divide(ceiling, among: .memory, at: .seconds(1))
                == .init(disks: 100, memory: 1_600))
        // Zero would be no limit.
        let least = pace.divide(BytesPerSecond(1), among: .disks, at: .seconds(2))
        #expect(least == .init(disks: 1, memory: 1))
    }

    @Test func theMemoryGivesWayToTheDisks() {
        var pace = MovePace()
        var memory: [UInt64] = []
        // 100 bytes each 200 ms, then a burst of 200, then nothing.
        for (number, sent) in [0, 100, 200, 300, 500, 500, 500].enumerated() {
            let division = pace.divide(
                ceiling, among: .both(sent: UInt64(sent)), at: .milliseconds(200 * number))
            memory.append(division.memory)
        }
        #expect(memory == [1_600, 600, 1_100, 1_100, 100, 1_600, 1_600])
    }

    @Test func aLookThatComesTooSoonChangesNothing() {
        var pace = MovePace()
        _ = pace.divide(ceiling, among: .both(sent: 0), at: .zero)
        let soon = pace.divide(ceiling, among: .both(sent: 1 << 40), at: .milliseconds(199))
        #expect(soon.memory == 1_600)
    }

    @Test("the sum keeps the ceiling once it is settled", arguments: UInt64(0)..<50)
    func sumKeepsTheCeiling(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var pace = MovePace()
        let all = UInt64.random(in: 1 << 20...1 << 34, using: &random)
        // What a guest writes that leaves the memory its least.
        let rates = (0..<60).map { _ in UInt64.random(in: 0...all / 4, using: &random) }
        var (disks, memory, part): (UInt64, UInt64, UInt64) = (0, 0, all)
        for (number, rate) in rates.enumerated() {
            part =
                pace.divide(
                    BytesPerSecond(all), among: .both(sent: disks), at: .milliseconds(200 * number)
                ).memory
            disks += rate / 5
            memory += part / 5
            // One moment's surprise is what is ahead at most.
            let allowed = all / 5 * UInt64(number + 1) + all / 4 / 5 * 2 + UInt64(number) * 4
            #expect(disks + memory <= allowed, "seed \(seed), moment \(number)")
        }
    }

    @Test func whatSeveralStreamsSendTooMuchIsTakenOff() {
        let mebibytes: (Int64) -> Int64 = { $0 << 20 }
        #expect(MovePace.told(64 << 20, over: 1) == mebibytes(64))
        #expect(MovePace.told(64 << 20, over: 2) == mebibytes(54))
        #expect(MovePace.told(64 << 20, over: 8) == mebibytes(24))
        // Zero would be no limit.
        #expect(MovePace.told(4 << 20, over: 8) == Migration.trickle)
        #expect(MovePace.told(0, over: 1) == Migration.trickle)
    }
}
