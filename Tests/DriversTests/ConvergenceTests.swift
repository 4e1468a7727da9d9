import ClusterModel
import Testing

@testable import Drivers

/// What is decided about migrations as QEMU tells them.
///
/// The sequences are made, in the form of the answers of QEMU 7.2, unless they are called recorded.
@Suite struct ConvergenceTests {
    /// One answer of `query-migrate`, `query-jobs` and `query-dirty-rate`.
    private struct Look {
        let milliseconds: Int64
        let pass: Int
        let remaining: UInt64
        var transferred: UInt64 = 0
        var megabits = 0.0
        var disks: UInt64 = 0
        var changes: UInt64?
    }

    private func advice(
        _ looks: some Sequence<Look>, downtime: Duration = .milliseconds(300)
    ) throws -> [Convergence.Advice] {
        var convergence = Convergence(DowntimeLadder(downtime))
        return try looks.map { look in
            let text = """
                {"status": "active", "ram": {"transferred": \(look.transferred),
                "remaining": \(look.remaining), "dirty-sync-count": \(look.pass),
                "mbps": \(look.megabits), "page-size": 4096}}
                """
            let status = try JSON.decode(MigrationStatus.self, from: Array(text.utf8), of: "QEMU")
            return convergence.advise(
                Convergence.Observation(
                    memory: try #require(status.memory), disks: look.disks,
                    changes: look.changes, elapsed: .milliseconds(look.milliseconds)))
        }
    }

    private static let mebibyte: UInt64 = 1 << 20

    /// The first pass of a guest with 256 MiB at some 900 Mbit/s, up to the hold.
    private static let firstPass = [
        Look(milliseconds: 0, pass: 1, remaining: 268 * mebibyte),
        Look(
            milliseconds: 300, pass: 1, remaining: 180 * mebibyte, transferred: 33 * mebibyte,
            megabits: 900),
        Look(
            milliseconds: 600, pass: 1, remaining: 90 * mebibyte, transferred: 66 * mebibyte,
            megabits: 900),
        Look(
            milliseconds: 880, pass: 1, remaining: 7 * mebibyte, transferred: 95 * mebibyte,
            megabits: 900),
    ]

    @Test func anIdleGuestIsHeldBeforeTheEndOfTheFirstPass() throws {
        let measured = Look(
            milliseconds: 1_100, pass: 1, remaining: 7 * Self.mebibyte,
            transferred: 95 * Self.mebibyte, megabits: 900, changes: Self.mebibyte)
        #expect(
            try advice(Self.firstPass + [measured]) == [.goOn, .goOn, .goOn, .hold, .enough])
    }

    @Test func aHeldGuestWaitsForTheMeasurementAndNotForEver() throws {
        let held = [1_000, 2_000, 3_880, 3_881].map {
            Look(
                milliseconds: $0, pass: 1, remaining: 7 * Self.mebibyte,
                transferred: 95 * Self.mebibyte, megabits: 900)
        }
        #expect(
            try advice(Self.firstPass + held).suffix(5)
                == [.hold, .goOn, .goOn, .goOn, .release])
    }

    /// What is known by then is not waited for, and a pass that has to go on is not held.
    @Test func aPassIsNotHeldWhereItIsKnownWhatChanges() throws {
        func last(_ changes: UInt64) -> Look {
            Look(
                milliseconds: 880, pass: 1, remaining: 7 * Self.mebibyte,
                transferred: 95 * Self.mebibyte, megabits: 900, changes: changes)
        }
        let before = Self.firstPass.dropLast()
        #expect(try advice(before + [last(Self.mebibyte)]).suffix(2) == [.goOn, .enough])
        let second = Look(
            milliseconds: 960, pass: 2, remaining: 20 * Self.mebibyte, megabits: 900)
        #expect(
            try advice(before + [last(20 * Self.mebibyte), second]).suffix(3)
                == [.goOn, .goOn, .enough])
    }

    /// Under 64 MiB/s QEMU sends 6.4 MiB in a hundredth of a second and rests for nine: made after that, every 10 ms.
    @Test func aBurstIsNoRate() throws {
        let burst: UInt64 = 6_710_886
        let looks = (0..<340).map { look in
            let bursts = UInt64(look / 10 + 1)
            let sent = min(bursts * burst, 210 << 20)
            return Look(
                milliseconds: Int64(look * 10), pass: 1, remaining: (210 << 20) - sent,
                transferred: sent, megabits: look < 10 ? 0 : 537)
        }
        let given = try advice(looks)
        let first = try #require(given.firstIndex { $0 != .goOn })
        #expect(given[first] == .hold)
        #expect(looks[first].remaining <= 2 * burst)
        // Nor does it make the whole of a pass look like little.
        let second = Look(
            milliseconds: 3_500, pass: 2, remaining: 28 * Self.mebibyte, megabits: 537)
        #expect(try advice(looks.prefix(200) + [second]).last == .goOn)
    }

    /// 900 Mbit/s are 33 MB in the allowed time, and the guest changes 20 MiB/s: in a second, counted twice, more.
    @Test func aBusyGuestGoesOnUntilAPassBeginsWithLittle() throws {
        let later = [
            Look(
                milliseconds: 1_100, pass: 1, remaining: 7 * Self.mebibyte, megabits: 900,
                changes: 20 * Self.mebibyte),
            // Just released: what is left of the first pass says nothing.
            Look(milliseconds: 1_150, pass: 1, remaining: 2 * Self.mebibyte, megabits: 900),
            Look(milliseconds: 1_200, pass: 2, remaining: 48 * Self.mebibyte, megabits: 900),
            // Near its end, but 40 MiB/s in 400 ms may be 32 more.
            Look(milliseconds: 1_600, pass: 2, remaining: 2 * Self.mebibyte, megabits: 900),
            Look(milliseconds: 1_650, pass: 3, remaining: 20 * Self.mebibyte, megabits: 900),
        ]
        #expect(
            try advice(Self.firstPass + later).suffix(5)
                == [.release, .goOn, .goOn, .goOn, .enough])
    }

    /// What a pass has left and what changed since its beginning is what the next would begin with.
    @Test func aPassNeedNotEndWhereTheNextWillBeginWithLittle() throws {
        let looks = [
            Look(milliseconds: 1_200, pass: 2, remaining: 48 * Self.mebibyte, megabits: 900),
            // Too soon to tell.
            Look(milliseconds: 1_250, pass: 2, remaining: 20 * Self.mebibyte, megabits: 900),
            // 16 MiB of 40 MiB/s in 200 ms, counted twice, and 17 left; 8 in 100 ms, and 24.
            Look(milliseconds: 1_300, pass: 2, remaining: 26 * Self.mebibyte, megabits: 900),
            Look(milliseconds: 1_400, pass: 2, remaining: 16 * Self.mebibyte, megabits: 900),
        ]
        #expect(try advice(looks) == [.goOn, .goOn, .goOn, .enough])
    }

    /// 64 MB of a set that is written faster than 64 MiB/s can send, for 55 passes.
    @Test func aGuestThatWritesFasterThanIsSentIsNeverEnough() throws {
        let passes = (2...56).map {
            Look(
                milliseconds: Int64(2_000 + $0 * 800), pass: $0, remaining: 61 * Self.mebibyte,
                megabits: 537)
        }
        #expect(try advice(passes).allSatisfy { $0 == .goOn })
    }

    @Test func disksThatAreBehindCount() throws {
        let behind = Look(
            milliseconds: 1_100, pass: 1, remaining: 7 * Self.mebibyte, megabits: 900,
            disks: 64 * Self.mebibyte, changes: Self.mebibyte)
        let second = Look(
            milliseconds: 1_200, pass: 2, remaining: Self.mebibyte, megabits: 900,
            disks: 64 * Self.mebibyte)
        let caughtUp = Look(
            milliseconds: 1_300, pass: 3, remaining: Self.mebibyte, megabits: 900)
        #expect(
            try advice(Self.firstPass + [behind, second, caughtUp]).suffix(3)
                == [.release, .goOn, .enough])
    }

    @Test func aFastPassIsHeldByTheTimeItHasLeft() throws {
        // 1 GiB in a tenth of a second to come: far above what is held by size.
        let looks = [
            Look(milliseconds: 0, pass: 1, remaining: 4_096 * Self.mebibyte),
            Look(milliseconds: 200, pass: 1, remaining: 2_048 * Self.mebibyte, megabits: 80_000),
            Look(milliseconds: 300, pass: 1, remaining: 1_000 * Self.mebibyte, megabits: 80_000),
        ]
        #expect(try advice(looks) == [.goOn, .goOn, .hold])
    }

    @Test func aShorterDowntimeAsksForLess() throws {
        let begun = Look(
            milliseconds: 1_600, pass: 3, remaining: 20 * Self.mebibyte, megabits: 900)
        #expect(try advice([begun], downtime: .milliseconds(300)) == [.enough])
        #expect(try advice([begun], downtime: .milliseconds(100)) == [.goOn])
        #expect(try advice([begun], downtime: .zero) == [.goOn])
    }

    @Test func absurdFiguresOverflowNothing() throws {
        let looks = [
            Look(
                milliseconds: .max / 2_000_000, pass: 1, remaining: .max, transferred: .max,
                megabits: 1e300, disks: .max, changes: .max),
            Look(milliseconds: -5, pass: .max, remaining: .max, megabits: -1, disks: .max),
        ]
        #expect(try advice(looks, downtime: .seconds(1 << 40)).count == 2)
    }
}
