import ArgumentParser
import Foundation

/// `huddle-bench planetlab`: a day of recorded load on simulated hosts, under one policy.
struct PlanetLab: ParsableCommand {
    enum Policy: String, ExpressibleByArgument { case none, dvfs, huddle }

    static let configuration = CommandConfiguration(
        commandName: "planetlab",
        abstract: "Simulate a day of recorded load on 800 hosts, in the model of CloudSim 3.0.3.",
        discussion:
            "The days are public: https://github.com/beloglazov/planetlab-workload-traces, a folder a day, a file a machine."
    )

    @Argument(help: "Folder of one day.")
    var folder: String

    @Option(
        help:
            "none: every host draws its full power. dvfs: nothing moves. huddle: the planner decides."
    )
    var policy = Policy.huddle

    func run() throws {
        let day = try PlanetLabDay(folder: folder)
        let start = ContinuousClock.now
        var run = PlanetLabRun(
            centre: try DataCentre(day: day, isPowerBlind: policy == .none),
            decider: policy == .huddle ? PlanetLabDecider() : nil)
        run.finish()
        let result = PlanetLabResult(run.centre, elapsed: ContinuousClock.now - start)
        print(try result.json())
    }
}
