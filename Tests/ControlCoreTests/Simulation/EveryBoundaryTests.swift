import ClusterModel
import Foundation
import Testing

/// Everything that can die, dies at every step of every kind of move.
///
/// What failed is told by its words, as in `HUDDLE_BLOW='liveVM 4 17 coordinator'`, with which that run is made alone and
/// printed in full: move, tempo, boundary and fate, then a further boundary and fate where there were two.
@Suite struct EveryBoundaryTests {
    private static let isLong = ProcessInfo.processInfo.environment["HUDDLE_TEST_LONG"] == "1"
    private static let tempos: [Int64] = isLong ? [1, 4, 15] : [4]

    @Test(
        "whatever befalls a move, one copy is left and nothing else",
        arguments: DrilledMove.allCases)
    func eachFate(of move: DrilledMove) throws {
        let step = Self.isLong || move.isWhole ? 1 : 8
        for tempo in Self.tempos {
            let rehearsal = try Rehearsal(of: move, tempo: tempo)
            var tally = Tally()
            var tried = 0
            for boundary in stride(from: 1, through: rehearsal.boundaries, by: step) {
                for fate in Fate.allCases {
                    tried += 1
                    rehearsal.strike([Drill.Blow(boundary: boundary, fate: fate)], &tally)
                }
            }
            // Few fates have nothing to strike before there is anything at the target.
            #expect(rehearsal.boundaries > 90 && tally.struck * 3 > tried * 2, "\(move): \(tally)")
        }
    }

    @Test(
        "and whatever befalls it soon after",
        arguments: DrilledMove.allCases.filter { isLong || $0.isWhole })
    func twoFates(of move: DrilledMove) throws {
        let rehearsal = try Rehearsal(of: move, tempo: 4)
        var tally = Tally()
        let boundaries = stride(from: 1, through: rehearsal.boundaries, by: 20)
        for (index, boundary) in boundaries.enumerated() {
            for (turn, distance) in [1, 8].enumerated() {
                for (first, second) in Self.pairs(at: index, turn) {
                    rehearsal.strike(
                        [
                            Drill.Blow(boundary: boundary, fate: first),
                            Drill.Blow(boundary: boundary + distance, fate: second),
                        ], &tally)
                }
            }
        }
        #expect(tally.struck > 150, "\(move): \(tally)")
    }

    /// Every fate first, each with another second at every place; all pairs where there is time.
    private static func pairs(at index: Int, _ turn: Int) -> [(Fate, Fate)] {
        let fates = Fate.allCases
        guard !isLong else { return fates.flatMap { first in fates.map { (first, $0) } } }
        return fates.enumerated().map { place, first in
            (first, fates[(place + index * 3 + turn * 7 + 1) % fates.count])
        }
    }

    private static let told = ProcessInfo.processInfo.environment["HUDDLE_BLOW"]

    @Test("one run, in full", .enabled(if: told != nil))
    func oneRun() throws {
        let words = (Self.told ?? "").split(separator: " ").map(String.init)
        let move = try #require(words.first.flatMap { DrilledMove(rawValue: $0) })
        let tempo = try #require(words.dropFirst().first.flatMap { Int64($0) })
        let rest = Array(words.dropFirst(2))
        let blows = try stride(from: 0, to: rest.count - 1, by: 2).map { index in
            Drill.Blow(
                boundary: try #require(Int(rest[index])),
                fate: try #require(Fate(rawValue: rest[index + 1])))
        }
        print(try Rehearsal(of: move, tempo: tempo).told(blows).joined(separator: "\n"))
    }

    @Test func nothingIsLeftToChance() throws {
        let blows = [
            Drill.Blow(boundary: 30, fate: .sourceReboot),
            Drill.Blow(boundary: 40, fate: .coordinator),
        ]
        let first = try Rehearsal(of: .liveVM, tempo: 4).told(blows)
        #expect(try Rehearsal(of: .liveVM, tempo: 4).told(blows) == first)
        let world = try World(drill: .liveVM, tempo: 4)
        #expect(world.random == SplitMix64(seed: world.seed), "a number was drawn")
    }
}
