import ClusterModel
import Foundation
import Testing

/// Whole clusters under faults; every seed is another one.
///
/// `HUDDLE_SEED=17 swift test --filter SimulationTests` runs one with its whole log.
@Suite struct SimulationTests {
    /// How many; more with `HUDDLE_SEEDS=10000`.
    static let seeds =
        ProcessInfo.processInfo.environment["HUDDLE_SEEDS"].flatMap { UInt64($0) } ?? 400
    static let batches: [Range<UInt64>] = stride(from: UInt64(0), to: seeds, by: 20).map {
        $0..<($0 + 20)
    }

    @Test("a cluster under faults keeps its promises", arguments: batches)
    func promises(seeds: Range<UInt64>) {
        for seed in seeds {
            var world = World(seed: seed)
            guard let violation = world.run() else { continue }
            // The same seed again, this time with its log.
            var again = World(seed: seed, isLogging: true)
            _ = again.run()
            Issue.record(
                "HUDDLE_SEED=\(seed): \(violation)\n\(again.log.suffix(40).joined(separator: "\n"))"
            )
        }
    }

    @Test(
        "one seed, in full", .enabled(if: ProcessInfo.processInfo.environment["HUDDLE_SEED"] != nil)
    )
    func oneSeed() {
        for seed in ProcessInfo.processInfo.environment["HUDDLE_SEED"].flatMap({ UInt64($0) }).map({
            [$0]
        }) ?? [] {
            var world = World(seed: seed, isLogging: true)
            let violation = world.run()
            print(world.log.joined(separator: "\n"))
            #expect(violation == nil, "HUDDLE_SEED=\(seed)")
        }
    }

    @Test("the loop moves things in such clusters too")
    func loop() {
        var releases: [Release.Stage: Int] = [:]
        let plans = (UInt64(0)..<120).map { seed in
            var world = World(seed: 4 * seed + 1)
            _ = world.run()
            releases.merge(world.releases) { $0 + $1 }
            return (begun: world.loopPlans.begun.count, done: world.loopPlans.done)
        }
        #expect(plans.filter { $0.begun > 0 }.count >= 5, "\(plans)")
        #expect(plans.filter { $0.done > 0 }.count >= 3, "\(plans)")
        // Hosts that were emptied, and some that were not in the end.
        for stage in [Release.Stage.kept, .undone] {
            #expect(releases[stage, default: 0] >= 1, "\(releases)")
        }
        print("releases in 120 worlds: \(releases)")
    }

    @Test("in such clusters some give way, and come back")
    func displaced() {
        var (stopped, back) = (0, 0)
        for index in UInt64(0)..<60 {
            var world = World(seed: 8 * index)
            _ = world.run()
            stopped += world.displaced.stopped
            back += world.displaced.back
        }
        #expect(stopped >= 10 && back >= 3, "\(stopped) stopped, \(back) back")
        print("gave way in 60 worlds: \(stopped), came back: \(back)")
    }

    @Test("guests come to their targets late in such clusters, also after they were given up")
    func lateGuests() {
        let flown = (UInt64(0)..<60).map { index in
            var world = World(seed: 4 * index + 3)
            _ = world.run()
            return world.landings
        }
        #expect(flown.reduce(0) { $0 + $1.landed } >= 20, "\(flown)")
        // One in eighty worlds or so.
        #expect(flown.contains { $0.barred > 0 }, "\(flown)")
    }

    @Test("relocations overlap, come to their end, and are undone")
    func relocations() {
        var (overlapped, done, undone) = (0, 0, 0)
        for seed in UInt64(0)..<60 {
            var world = World(seed: 4 * seed + 2)
            _ = world.run()
            overlapped += world.overlapped.count
            done += world.relocations.done
            undone += world.relocations.undone
        }
        let counts = "\(overlapped) overlapped, \(done) done, \(undone) undone"
        #expect(overlapped >= 20 && done >= 20 && undone >= 20, "\(counts)")
        print("relocations in 60 worlds: \(counts)")
    }

    @Test func theSameSeedIsTheSameRun() {
        var first = World(seed: 7, isLogging: true)
        var second = World(seed: 7, isLogging: true)
        _ = first.run()
        _ = second.run()
        #expect(first.log == second.log, "HUDDLE_SEED=7")
    }
}
