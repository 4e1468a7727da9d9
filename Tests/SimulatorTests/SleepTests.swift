import ClusterModel
import Simulator
import Testing

@Suite("Hosts that sleep, on virtual time") struct SleepTests {
    private func scenario(_ recovery: Duration, faults: [Fault] = []) throws -> Scenario {
        let plain = try Scenarios.plain(
            LoadPattern(.constant(.percent(20))), faults: faults, length: .hours(4))
        var scenario = Scenario(
            hosts: plain.hosts.map {
                Scenario.Machine(id: $0.id, total: $0.total, wakeTime: .seconds(120))
            },
            workloads: try plain.workloads.map { work in
                let known = work.workload
                return Scenario.Work(
                    try Workload(
                        kind: known.kind, name: known.name, count: known.count, image: known.image,
                        size: known.size, onHostLoss: .restart, recoveryTime: recovery),
                    load: work.load)
            },
            policy: plain.policy, faults: faults, length: plain.length)
        scenario.policy.sleep = .auto
        return scenario
    }

    private func on(_ run: Run) -> [HostID] {
        run.samples.last.map { sample in
            run.hosts.indices.filter { sample.hosts[$0].state == .on }.map { run.hosts[$0] }
        } ?? []
    }

    /// Instances on hosts that are on; what is left of them on a lost one does not run.
    private func running(_ run: Run) -> Int {
        run.samples.last?.hosts.filter { $0.state == .on }.reduce(0) { $0 + $1.instances } ?? 0
    }

    @Test("where sleepers wake in time one host stays on, and its loss is made up for in time")
    func inTime() throws {
        let calm = Scenarios.run(try scenario(.seconds(300)))
        let kept = on(calm)
        try #require(kept.count == 1, "\(kept)")
        let loss = Fault(.loss(kept[0]), begins: .hours(3), length: .hours(4))
        let run = Scenarios.run(try scenario(.seconds(300), faults: [loss]))
        #expect(on(run).count == 1 && on(run) != kept, "\(on(run))")
        #expect(running(run) == 4)
        // Four instances, each gone until the loss is certain and a host has woken.
        #expect((11...20).contains(run.totals.downMinutes), "\(run.totals.downMinutes)")
    }

    @Test("where they do not, two hosts stay on, and a loss waits for none")
    func tooLate() throws {
        let calm = Scenarios.run(try scenario(.seconds(150)))
        let kept = on(calm)
        try #require(kept.count == 2, "\(kept)")
        let loss = Fault(.loss(kept[0]), begins: .hours(3), length: .hours(4))
        let run = Scenarios.run(try scenario(.seconds(150), faults: [loss]))
        #expect(running(run) == 4)
        #expect(run.totals.downMinutes < 10, "\(run.totals.downMinutes)")
    }

    @Test("what is asleep draws what one draws that is")
    func energy() throws {
        var awake = try scenario(.seconds(300))
        awake.policy.sleep = .off
        let slept = Scenarios.run(try scenario(.seconds(300)))
        let empty = Scenarios.run(awake)
        // Where nobody is told to sleep, empty hosts count as asleep at once.
        #expect(slept.totals.kilowattHours > empty.totals.kilowattHours)
        #expect(slept.totals.kilowattHours < empty.totals.kilowattHours + 0.6)
    }
}
