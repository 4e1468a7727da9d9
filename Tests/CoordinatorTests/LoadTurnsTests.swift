import ClusterModel
import Ports
import Testing

@testable import Agent

@Suite struct LoadTurnsTests {
    private let web = InstanceID("web-0")
    private let begun = ContinuousClock.now

    private func load(_ mebibytes: UInt64) -> MoveLoad {
        MoveLoad(
            at: Instant(milliseconds: 0), memory: .mebibytes(mebibytes), disks: .zero, changes: nil)
    }

    /// Seconds from the begin of one look to the next, of an instance that is asked each second.
    private func looks(_ turns: inout LoadTurns, _ seconds: Int) -> [Int] {
        var looks: [Int] = []
        for second in 0..<seconds {
            let now = begun + .seconds(second)
            for (id, generation) in turns.due(at: now) {
                turns.note(load(1), of: id, generation, at: now)
                looks.append(second)
            }
        }
        return looks
    }

    @Test func eachLookIsTwiceAsFarFromTheNextUpToThreeMinutes() {
        var turns = LoadTurns()
        #expect(looks(&turns, 100) == [])
        turns.follow([web: Generation(1)])
        #expect(looks(&turns, 800) == [0, 15, 45, 105, 225, 405, 585, 765])
    }

    @Test func anotherStartBeginsAnewAndHasNothingOfTheOneBefore() {
        var turns = LoadTurns()
        turns.follow([web: Generation(1)])
        turns.note(load(7), of: web, Generation(1), at: begun)
        #expect(turns.known == [web: load(7)])
        turns.follow([web: Generation(2)])
        #expect(turns.known == [:])
        #expect(turns.due(at: begun).map(\.generation) == [Generation(2)])
        // A look that was under way tells of the start before.
        turns.note(load(8), of: web, Generation(1), at: begun)
        #expect(turns.due(at: begun).map(\.generation) == [Generation(2)])
        turns.leave(web, Generation(2), for: .seconds(180), at: begun)
        #expect(turns.known == [:])
        turns.follow([:])
        turns.follow([web: Generation(2)])
        #expect(turns.due(at: begun).map(\.id) == [web])
    }

    @Test func whatWasBusyIsAskedAgainAndWhatFailedIsLeftAlone() {
        let mail = InstanceID("mail-0")
        var turns = LoadTurns()
        turns.follow([web: Generation(1), mail: Generation(1)])
        #expect(turns.due(at: begun).map(\.id) == [mail, web])
        turns.note(load(3), of: web, Generation(1), at: begun)
        turns.note(nil, of: web, Generation(1), at: begun + .seconds(15))
        turns.leave(mail, Generation(1), for: .seconds(180), at: begun)
        #expect(turns.due(at: begun + .seconds(15)).map(\.id) == [web])
        #expect(turns.due(at: begun + .seconds(180)).map(\.id) == [mail, web])
        #expect(turns.known == [web: load(3)])
        // Busy is no look: the next rest is the second one still.
        turns.note(load(4), of: web, Generation(1), at: begun + .seconds(16))
        #expect(turns.due(at: begun + .seconds(45)).map(\.id) == [])
        #expect(turns.due(at: begun + .seconds(46)).map(\.id) == [web])
    }
}
