import ClusterModel
import Simulator
import Testing

/// The loop repairs rules that are broken where instances run, and does nothing where none is.
@Suite("Repairs by themselves") struct RepairTests {
    /// Instances with rules about hosts and about one another, on hosts that were drawn without
    /// looking at those.
    private static func scenario(_ seed: UInt64, isBroken: Bool) throws -> Scenario {
        var dice = SplitMix64(seed: seed)
        var scenario = try Scenarios.plain(
            LoadPattern(.constant(.percent(40))), hosts: 4, each: 1, length: .hours(1))
        scenario.hosts = scenario.hosts.enumerated().map { number, host in
            Scenario.Machine(
                id: host.id, labels: Labels([Label(name: "zone", value: "z\(number % 2)")]),
                total: host.total)
        }
        let apart = Labels([Label(name: "app", value: "a0")])
        scenario.workloads = try (0..<8).map { number in
            let zone = Label(name: "zone", value: "z\(Int(dice.next() % 2))")
            return Scenario.Work(
                try Workload(
                    kind: .vm, name: WorkloadID("w\(number)"),
                    labels: Labels([Label(name: "app", value: "a\(number % 4)")]),
                    image: .named("disk"),
                    size: Resources(cpu: CPU(millicores: 1000), memory: .gibibytes(2)),
                    rules: Rules(
                        need: number % 2 == 0 ? Labels([zone]) : .none,
                        apart: number % 4 == 0 ? apart : .none)),
                load: LoadPattern(.constant(.percent(40))))
        }
        scenario.start = .spread
        if isBroken {
            let homes = scenario.workloads.flatMap(\.workload.instances).map { id in
                (id, scenario.hosts[Int(dice.next() % 4)].id)
            }
            scenario.homes = Dictionary(uniqueKeysWithValues: homes)
        }
        return scenario
    }

    /// Pairs of an instance and a rule that it breaks where it is after `moves`.
    private static func broken(_ scenario: Scenario, after moves: [Run.MoveEnd]) -> [String] {
        var place = scenario.homes ?? [:]
        for move in moves where move.outcome == .done { place[move.instance] = move.target }
        let labels = Dictionary(uniqueKeysWithValues: scenario.hosts.map { ($0.id, $0.labels) })
        var found: [String] = []
        for one in scenario.workloads.map(\.workload) {
            guard let id = one.instances.first, let host = place[id] else { continue }
            if !(labels[host] ?? .none).matches(one.rules.need), !one.rules.need.pairs.isEmpty {
                found.append("\(id) on \(host)")
            }
            guard !one.rules.apart.pairs.isEmpty else { continue }
            for other in scenario.workloads.map(\.workload) where other.name != one.name {
                guard other.labels.matches(one.rules.apart), let its = other.instances.first,
                    place[its] == host
                else { continue }
                found.append("\(id) beside \(its)")
            }
        }
        return found
    }

    @Test("what is broken is repaired soon, and then nothing more is", arguments: UInt64(0)..<3)
    func converges(seed: UInt64) throws {
        let scenario = try Self.scenario(seed, isBroken: true)
        try #require(!Self.broken(scenario, after: []).isEmpty, "seed \(seed) breaks nothing")
        let run = Scenarios.run(scenario, seed: seed)
        let repairs = run.moves.filter { $0.reason == .repair }
        #expect(Self.broken(scenario, after: run.moves) == [], "seed \(seed)")
        #expect(!repairs.isEmpty, "seed \(seed)")
        #expect(repairs.allSatisfy { $0.ended < .seconds(1_800) }, "seed \(seed)")
        let hold = scenario.policy.hotHold
        #expect(repairs.allSatisfy { $0.began >= hold }, "seed \(seed)")
    }

    @Test("what is not broken is left alone", arguments: UInt64(0)..<2)
    func quiet(seed: UInt64) throws {
        let run = Scenarios.run(try Self.scenario(seed, isBroken: false), seed: seed)
        #expect(run.moves.allSatisfy { $0.reason != .repair }, "seed \(seed)")
    }

    @Test("nothing is repaired where nothing may begin by itself")
    func suggested() throws {
        var scenario = try Self.scenario(0, isBroken: true)
        scenario.policy.mode = .suggest
        #expect(Scenarios.run(scenario).moves.isEmpty)
    }
}
