import ArgumentParser
import ClusterModel
import Foundation
import Planner

/// `huddle-bench place`: how fast, and how tightly, instances are placed one after the other.
struct Place: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place",
        abstract: "Place drawn workloads onto drawn hosts, by the planner alone.")

    @OptionGroup var options: ScaleOptions

    struct Result: Codable {
        let placementsPerS: Double
        let p50Us: Double
        let p99Us: Double
        let rssMib: Int
        let hostsUsed: Int
        let bound: Int
        /// Instances that no host could have.
        let pending: Int
        /// Reading the snapshot, once.
        let readySeconds: Double
    }

    func run() throws {
        let cluster = try options.cluster()
        let snapshot = cluster.waiting()
        let clock = ContinuousClock()
        let planner = Planner(policy: cluster.policy, changed: Revision(1))
        let began = clock.now
        var placer = try Placer(planner, snapshot)
        let ready = clock.now - began
        var order = snapshot.instances.map(\.id)
        var dice = SplitMix64(seed: options.seed &+ 1)
        order.shuffle(using: &dice)
        var times: [Duration] = []
        times.reserveCapacity(order.count)
        var pending = 0
        let start = clock.now
        var last = start
        for instance in order {
            if try placer.place(instance) == .pending { pending += 1 }
            let now = clock.now
            times.append(now - last)
            last = now
        }
        let total = (last - start).inSeconds
        times.sort()
        func microseconds(_ share: Double) -> Double {
            guard !times.isEmpty else { return 0 }
            let index = min(times.count - 1, Int(share * Double(times.count)))
            return (times[index].inSeconds * 1e8).rounded() / 100
        }
        let bound = placer.bound
        print(
            try ResultLine.text(
                Result(
                    placementsPerS: total > 0 ? (Double(order.count) / total).rounded() : 0,
                    p50Us: microseconds(0.5), p99Us: microseconds(0.99), rssMib: Self.residentMib(),
                    hostsUsed: bound.after, bound: bound.lower, pending: pending,
                    readySeconds: (ready.inSeconds * 1000).rounded() / 1000)))
    }

    /// The most that this process had in memory so far.
    private static func residentMib() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return kibibytes.flatMap { Int($0) }.map { $0 / 1024 } ?? 0
    }
}
