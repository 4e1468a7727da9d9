import ClusterModel
import Testing

@testable import Drivers

/// How far a copy and a switch-over climb the ladder of what a guest may stand still for.
@Suite struct LadderTests {
    /// A guest that writes `set` over and over at `rate`, on a way with a bandwidth; what a pass begins with follows.
    private struct Guest {
        let memory: UInt64
        let set: UInt64
        let rate: UInt64
        let bandwidth: UInt64

        /// What passes begin with and when, from the second on.
        func passes(_ count: Int) -> [(begun: UInt64, milliseconds: Int64)] {
            var (rest, time) = (memory, UInt64(0))
            return (0..<count).map { _ in
                let took = max(1, rest * 1000 / bandwidth)
                time += took
                rest = min(set, rate * took / 1000)
                return (rest, Int64(time))
            }
        }
    }

    private static func status(
        pass: Int, remaining: UInt64, bandwidth: UInt64
    ) throws -> MigrationStatus.Memory {
        let text = """
            {"transferred": 1, "remaining": \(remaining), "dirty-sync-count": \(pass),
            "mbps": \(Double(bandwidth) / 125_000)}
            """
        return try JSON.decode(
            MigrationStatus.Memory.self, from: Array(text.utf8), of: "QEMU")
    }

    /// The rungs after each pass, up to the one that is enough; whether one was.
    private static func climb(
        _ begun: [UInt64], _ ladder: DowntimeLadder, at bandwidth: UInt64, disks: UInt64 = 0
    ) throws -> (rungs: [Int], isEnough: Bool) {
        var convergence = Convergence(ladder)
        var rungs: [Int] = []
        for (index, begun) in begun.enumerated() {
            // A look at the pass as it begins, and one near its end, which says nothing of the next.
            for remaining in [begun, begun / 10] {
                let advice = convergence.advise(
                    Convergence.Observation(
                        memory: try status(
                            pass: index + 2, remaining: remaining, bandwidth: bandwidth),
                        disks: disks, changes: nil, elapsed: .seconds(index + 1)))
                if remaining == begun { rungs.append(convergence.rung) }
                if advice == .enough { return (rungs, true) }
            }
        }
        return (rungs, false)
    }

    private static let ladder = DowntimeLadder(
        from: .milliseconds(300), to: .milliseconds(2_400))

    /// 64 MiB against 64 MiB/s: 1 200 ms will do, which is the third rung.
    @Test func aCopyThatStopsConvergingClimbsStepByStep() throws {
        let passes = Guest(memory: 256 << 20, set: 64 << 20, rate: 200 << 20, bandwidth: 64 << 20)
            .passes(20).map(\.begun)
        let (rungs, isEnough) = try Self.climb(passes, Self.ladder, at: 64 << 20)
        #expect(rungs == [0, 0, 1, 1, 2])
        #expect(isEnough)
        let alone = try Self.climb(passes, DowntimeLadder(.milliseconds(300)), at: 64 << 20)
        #expect(!alone.isEnough && alone.rungs.allSatisfy { $0 == 0 })
        let low = try Self.climb(
            passes, DowntimeLadder(from: .milliseconds(300), to: .milliseconds(900)),
            at: 64 << 20)
        #expect(!low.isEnough && low.rungs.last == 2)
    }

    @Test func whatStillShrinksWaits() throws {
        let (rungs, isEnough) = try Self.climb(
            [200, 150, 160, 120, 90, 60, 40, 25, 18].map { $0 << 20 }, Self.ladder, at: 64 << 20)
        #expect(isEnough)
        #expect(rungs.allSatisfy { $0 == 0 })
    }

    @Test func disksThatAreBehindAreNoReasonToClimb() throws {
        let (rungs, isEnough) = try Self.climb(
            Array(repeating: 1 << 20, count: 50), Self.ladder, at: 64 << 20, disks: 1 << 30)
        #expect(!isEnough)
        #expect(rungs.allSatisfy { $0 == 0 })
    }

    @Test(arguments: 0..<100) func itComesToTheLowestRungThatWillDo(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func any(_ range: ClosedRange<UInt64>) -> UInt64 {
            UInt64.random(in: range, using: &random)
        }
        for _ in 0..<20 {
            let bandwidth = any(8...8_000) * 125_000
            let first = Int64(any(10...1_000))
            let ladder = DowntimeLadder(
                from: .milliseconds(first), to: .milliseconds(first + Int64(any(0...10_000))))
            let guest = Guest(
                memory: bandwidth * 8, set: any(1...bandwidth * 8),
                rate: bandwidth * 2 + any(0...bandwidth), bandwidth: bandwidth)
            let (rungs, isEnough) = try Self.climb(
                guest.passes(200).map(\.begun), ladder, at: bandwidth)
            let will = ladder.rungs.firstIndex {
                guest.set <= bandwidth / 1000 * UInt64($0.milliseconds)
            }
            #expect(isEnough == (will != nil))
            #expect(rungs.last == will ?? ladder.rungs.count - 1)
            #expect(zip(rungs, rungs.dropFirst()).allSatisfy { $1 == $0 || $1 == $0 + 1 })
        }
    }

    @Test(arguments: 0..<100) func aRateThatFallsNeverClimbs(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let bandwidth = UInt64.random(in: 1 << 20...1 << 30, using: &random)
        var begun = bandwidth * 20
        var passes: [UInt64] = []
        while begun > bandwidth / 100 {
            passes.append(begun)
            begun -= max(1, begun / UInt64.random(in: 2...40, using: &random))
        }
        let (rungs, isEnough) = try Self.climb(passes, Self.ladder, at: bandwidth)
        #expect(isEnough)
        #expect(rungs.allSatisfy { $0 == 0 })
    }

    @Test func aSwitchOverTriesForLittleThenClimbs() {
        var approach = Approach(Self.ladder)
        var allowed: [Int64] = []
        func look(_ passes: Int, _ milliseconds: Int64) {
            approach.look(passes: passes, at: .milliseconds(milliseconds))
            allowed.append(approach.allowed.milliseconds)
        }
        #expect(approach.allowed == .milliseconds(30))
        look(1, 100)
        look(40, 199)
        for moment in 1...4 { look(40 + moment, Int64(moment) * 200) }
        look(45, 900)
        look(46, 1_300)
        look(47, 1_700)
        look(47, 9_000)
        for pass in 48...63 { look(pass, 10_000) }
        #expect(allowed.prefix(6) == [30, 30, 60, 120, 240, 300])
        #expect(allowed.dropFirst(6).prefix(4) == [300, 300, 600, 600])
        #expect(allowed.suffix(16).prefix(6) == [600, 600, 1_200, 1_200, 1_200, 2_400])
        #expect(allowed.last == 2_400)
    }

    @Test(
        "what is tried for less costs a short move less",
        arguments: [
            (500, 100), (1_600, 100), (2_400, 150), (3_200, 200), (90_000, 200),
        ] as [(Int64, Int64)])
    func patience(copying: Int64, patience: Int64) {
        var approach = Approach(Self.ladder, copying: .milliseconds(copying))
        approach.look(passes: 3, at: .milliseconds(patience - 1))
        #expect(approach.allowed == .milliseconds(30))
        approach.look(passes: 3, at: .milliseconds(patience))
        #expect(approach.allowed == .milliseconds(60))
    }

    /// What the copy came to is where the switch-over goes on.
    @Test func aSwitchOverGoesOnFromTheRungOfTheCopy() {
        var approach = Approach(Self.ladder, from: 2)
        for moment in 1...6 { approach.look(passes: 9, at: .milliseconds(moment * 200)) }
        #expect(approach.allowed == .milliseconds(1_200))
        var beyond = Approach(DowntimeLadder(.milliseconds(2)), from: 7)
        #expect(beyond.allowed == .milliseconds(2))
        beyond.look(passes: 9, at: .milliseconds(500))
        beyond.look(passes: 99, at: .seconds(5))
        #expect(beyond.allowed == .milliseconds(2))
    }

    /// Under a ceiling QEMU is told more than the guest stands still for, as far as the way was seen to take it.
    @Test func whatMayBeLeftIsWhatTheWayTakesInTime() {
        func ambition(_ burst: UInt64, _ rate: UInt64) -> Int64 {
            Approach.ambition(burst: burst << 20, rate: rate << 20).milliseconds
        }
        #expect(ambition(640, 64) == 150)
        #expect(ambition(320, 64) == 75)
        // All the way has.
        #expect(ambition(64, 64) == 30)
        #expect(ambition(130, 120) == 30)
        #expect(ambition(0, 64) == 30)
        // Nobody saw anything, or something absurd.
        #expect(ambition(0, 0) == 30)
        #expect(ambition(1 << 43, 0) == 30)
        #expect(ambition(1 << 43, 1) == 30_000)
        let bounded = Approach(
            DowntimeLadder(.milliseconds(300)), ambition: .milliseconds(20_000))
        #expect(bounded.allowed == .milliseconds(300))
    }

    @Test func aBurstIsSeenBetweenTwoLooks() {
        var speed = MoveSpeed()
        let begin = ContinuousClock.now
        // 6 MiB in a hundredth of a second, then nothing for nine.
        for tick in 0..<100 {
            let sent = UInt64(tick / 10 + 1) * (6 << 20)
            speed.note(sent, at: begin + .milliseconds(tick * 10))
        }
        #expect(speed.burst == 600 << 20)
        // A look that came at once says nothing, and nothing counts after the end.
        speed.note(100 << 20, at: begin + .milliseconds(991))
        speed.close()
        speed.note(500 << 20, at: begin + .milliseconds(1_100))
        #expect(speed.burst == 600 << 20)
        #expect(speed.measure.bandwidth.map { $0.count >> 20 } == 94)
    }

    @Test(arguments: 0..<100) func aGuestNeverStandsStillForLongerThanTheBound(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func any(_ range: ClosedRange<Int64>) -> Int64 {
            Int64.random(in: range, using: &random)
        }
        for _ in 0..<20 {
            let (first, most) = (any(0...2_000), any(0...20_000))
            let ladder = DowntimeLadder(from: .milliseconds(first), to: .milliseconds(most))
            #expect(ladder.most == .milliseconds(max(first, most)))
            #expect(zip(ladder.rungs, ladder.rungs.dropFirst()).allSatisfy { $0 < $1 })
            var approach = Approach(
                ladder, from: Int(any(-1...9)), ambition: .milliseconds(any(0...50_000)))
            var (passes, elapsed, before) = (0, Int64(0), Duration.zero)
            for _ in 0..<100 {
                passes += Int(any(0...2))
                elapsed += any(0...400)
                approach.look(passes: passes, at: .milliseconds(elapsed))
                #expect(approach.allowed <= ladder.most)
                #expect(approach.allowed >= before)
                before = approach.allowed
            }
        }
    }
}
