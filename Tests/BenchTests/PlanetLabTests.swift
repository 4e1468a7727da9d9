import Foundation
import Testing

@testable import huddle_bench

@Suite("The simulated data centre of planetlab") struct PlanetLabTests {
    /// Four machines, one of each kind, at half their processor time all day.
    private static func centre(isPowerBlind: Bool = false) throws -> DataCentre {
        let steady = Array(repeating: 0.5, count: PlanetLabModel.samples + 1)
        return try DataCentre(
            day: PlanetLabDay(shares: Array(repeating: steady, count: 4)),
            isPowerBlind: isPowerBlind)
    }

    @Test("machines are placed first fit by what they are sold as")
    func placement() throws {
        // The first host's cores are too slow for the two fast kinds.
        #expect(try Self.centre().place == [1, 1, 0, 0])
    }

    @Test("nothing moves: energy as computed by hand")
    func stillEnergy() throws {
        var run = PlanetLabRun(centre: try Self.centre(), decider: nil)
        run.finish()
        // 750 of 3,720 MIPS on a G4: 92.6 W + 0.34 W × 0.16129; 2,250 of 5,320 on a G5: 110 W + 0.6 W × 2.29323.
        // From the first step, at 300.1 s, to the last, at 86,100.1 s.
        let expected = (92.6 + 0.34 * 0.161_290_32 + 110 + 0.6 * 2.293_233_08) * 85_800
        #expect(abs(run.centre.wattSeconds - expected) < 1)
        #expect(run.centre.moves == 0)
        #expect(run.centre.service.slatah == 0)
        #expect(run.centre.service.pdm == 0)
        #expect(abs(run.centre.service.requestedSeconds - 3_000 * 85_800) < 1)
    }

    @Test("without power management every host draws all it can")
    func blindEnergy() throws {
        var run = PlanetLabRun(centre: try Self.centre(isPowerBlind: true), decider: nil)
        run.finish()
        #expect(abs(run.centre.wattSeconds - 400 * (117 + 135) * 86_100.1) < 1)
    }

    @Test("a move takes a tenth of the machine's time, and its target counts as short meanwhile")
    func move() throws {
        var centre = try Self.centre()
        centre.advance(to: 300.1)
        centre.begin(moving: 3, to: 1)
        let arrival = 300.1 + 613 / 62.5
        #expect(centre.moveSeconds(of: 3) == 613 / 62.5)
        centre.advance(to: arrival)
        centre.arrive(3)
        centre.advance(to: arrival)
        centre.advance(to: 600.1)
        #expect(centre.place == [1, 1, 0, 1])
        #expect(centre.residents[1] == [0, 1, 3])
        #expect(abs(centre.service.lostToMoves - 25 * 9.808) < 1e-6)
        #expect(abs(centre.service.shortSeconds - 9.808) < 1e-6)
        #expect(abs(centre.service.activeSeconds - 600) < 1e-6)
        #expect(centre.moves == 1)
    }

    @Test(
        "a host that is asked for too much shares what it has, and one that nobody uses draws nothing"
    )
    func overload() throws {
        let full = Array(repeating: 1.0, count: PlanetLabModel.samples + 1)
        var centre = try DataCentre(
            day: PlanetLabDay(shares: Array(repeating: full, count: 4)), isPowerBlind: false)
        centre.advance(to: 300.1)
        for machine in [2, 3] { centre.begin(moving: machine, to: 1) }
        centre.advance(to: 330.1)
        for machine in [2, 3] { centre.arrive(machine) }
        centre.advance(to: 330.1)
        let before = centre.wattSeconds
        centre.advance(to: 600.1)
        // 6,000 asked of 5,320.
        #expect(centre.utilization(of: 0) == 0)
        #expect(centre.utilization(of: 1) > 0.999)
        // Shares are cut to whole MIPS, so a few of 36,450 watt-seconds are missing.
        #expect(abs(centre.wattSeconds - before - 135 * 270) < 5)
        #expect(centre.service.shortSeconds > 269)
    }

    @Test("a machine that asks for nothing twice has finished")
    func finished() throws {
        var idle = Array(repeating: 0.5, count: PlanetLabModel.samples + 1)
        for sample in 10...12 { idle[sample] = 0 }
        let steady = Array(repeating: 0.5, count: PlanetLabModel.samples + 1)
        var run = PlanetLabRun(
            centre: try DataCentre(
                day: PlanetLabDay(shares: [steady, steady, idle, steady]), isPowerBlind: false),
            decider: nil)
        run.finish()
        #expect(run.centre.place == [1, 1, nil, 0])
    }

    @Test("the planner empties a host of a quiet centre, and only knows the past")
    func huddle() throws {
        var run = PlanetLabRun(centre: try Self.centre(), decider: PlanetLabDecider())
        run.finish()
        #expect(run.centre.moves > 0)
        #expect(Set(run.centre.place.compactMap { $0 }).count == 1)
        // A day that differs from half past on has the same moves before.
        func moves(_ later: Double) throws -> Int {
            let shares = (0...PlanetLabModel.samples).map { $0 < 144 ? 0.5 : later }
            var centre = try DataCentre(
                day: PlanetLabDay(shares: Array(repeating: shares, count: 8)), isPowerBlind: false)
            var decider = PlanetLabDecider()
            var moved = 0
            for step in 1..<143 {
                centre.advance(to: 300.1 + Double(step) * 300)
                let moves = decider.decide(centre)
                moved += moves.count
                for move in moves {
                    centre.begin(moving: move.machine, to: move.host)
                    centre.arrive(move.machine)
                }
            }
            return moved
        }
        #expect(try moves(0.1) == moves(1))
    }

    @Test("traces are listed as the published figures' file system lists them")
    func order() {
        let names = [
            "planetlab3_cs_st-andrews_ac_uk_upmc_ts", "planetlab1_fit_vutbr_cz_nyu_d",
            "roam1_cs_ou_edu_uw_oneswarm", "planetslug7_cse_ucsc_edu_uw_oneswarm",
            "planetlab2_eecs_wsu_edu_uw_oneswarm", "planetlab2_pc_cis_udel_edu_root",
        ]
        #expect(names.sorted().sorted { ListingOrder($0) < ListingOrder($1) } == names)
        #expect(!(ListingOrder("") < ListingOrder("")))
    }

    @Test(
        "a trace that is none is refused with its line",
        arguments: ["NaN", "-1", "101", "1e1", "", "12.5", "99999999999999999999", "nan\r"])
    func badLine(line: String) throws {
        var lines = Array(repeating: "7", count: PlanetLabModel.samples)
        lines[41] = line
        let error = #expect(throws: UnusableFile.self) {
            try PlanetLabDay.shares(text: lines.joined(separator: "\n"), file: "a/b")
        }
        #expect(error?.description.hasPrefix("a/b:42: ") == true)
    }

    @Test("too few samples, no folder and an empty one are refused")
    func badFolder() throws {
        let short = #expect(throws: UnusableFile.self) {
            try PlanetLabDay.shares(text: "1\n2\n", file: "t")
        }
        #expect(short?.line == 3)
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "planetlab-\(UUID().uuidString)")
        #expect(throws: UnusableFile.self) { try PlanetLabDay(folder: folder.path) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: UnusableFile.self) { try PlanetLabDay(folder: folder.path) }
        let text = Array(repeating: "7", count: PlanetLabModel.samples).joined(separator: "\n")
        try text.write(to: folder.appending(path: "one"), atomically: true, encoding: .utf8)
        let day = try PlanetLabDay(folder: folder.path)
        #expect(day.machines == 1)
        #expect(day.share(of: 0, at: 86_100.1) == 0.07)
    }

    @Test("more machines than the hosts have room for are refused")
    func noRoom() {
        let steady = Array(repeating: 0.5, count: PlanetLabModel.samples + 1)
        #expect(throws: DataCentre.NoRoom.self) {
            try DataCentre(
                day: PlanetLabDay(shares: Array(repeating: steady, count: 8_000)),
                isPowerBlind: false)
        }
    }
}
