import ClusterModel
import Drivers
import HostIO
import Ports
import Testing

extension MoveTests {
    @Test func whatAMoveWouldCarryIsKnownBeforeIt() async throws {
        let id = InstanceID("loader-0")
        let order = try bench.source.order(id, generation: 1, memory: .mebibytes(256))
        let credentials = try await bench.authority.credentials(for: "m-30.move.huddle")
        let now = Instant(milliseconds: 7)
        try await bench.withGuest(order) { source, target in
            let idle = try #require(try await source.load(of: id, at: now))
            #expect(idle.at == now)
            #expect(idle.memory > .mebibytes(16) && idle.memory <= .mebibytes(256))
            let quiet = try #require(idle.changes).rate
            try await source.run(
                "while [ ! -e /tmp/stop ]; do dd if=/dev/urandom of=/tmp/x bs=1M count=64 2> /dev/null; done &",
                in: id)
            let busy = try #require(try await source.load(of: id, at: now))
            let changes = try #require(busy.changes)
            print("idle \(idle), busy \(busy)")
            #expect(changes.rate.count > quiet.count + (4 << 20))
            // The file may lie where others were before: what was freed is still there, and is sent.
            #expect(busy.memory.count > idle.memory.count / 10 * 9)
            try await source.run("touch /tmp/stop; wait", in: id)

            let load = try #require(try await source.load(of: id, at: now))
            // Most of the file lies where nothing was before.
            #expect(load.memory.count > idle.memory.count + (24 << 20))
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            let copied = try await source.copy(
                id, to: endpoint, credentials: credentials, downtime: bench.downtime
            ) { _ in }
            // Nobody asks while a move is under way, and the move is not disturbed.
            #expect(try await source.load(of: id, at: now) == nil)
            let moved = try await source.switchOver(id, downtime: bench.downtime)
            _ = try await target.arrived(id)
            print("carried \(load), copied \(copied), moved \(moved)")
            #expect(try #require(moved.downtime) < bench.downtime)
            let forecast = Self.forecast(load, over: .assumed(.live, of: .vm))
            let sent = Double(try #require(moved.bytes).count) / Double(forecast.bytes.count)
            #expect((0.75...1.25).contains(sent), "\(forecast.bytes) were expected")
            // Over so soon that it says nothing, or as fast as this.
            #expect(copied.bandwidth.map { $0.count > 4 << 20 } ?? true)
        }
    }

    /// The first move teaches what the second is forecast by, with a guest that writes meanwhile.
    @Test func aForecastComesTrue() async throws {
        let id = InstanceID("learner-0")
        let order = try bench.source.order(id, generation: 1, memory: .mebibytes(256))
        try await bench.withGuest(order) { source, target in
            let quiet = try #require(try await source.load(of: id, at: Instant(milliseconds: 0)))
            let first = Self.forecast(quiet, over: .assumed(.live, of: .vm))
            let there = try await move(bench.next(order), from: source, to: target)
            try await source.remove(id)
            let learnt = MoveLink.assumed(.live, of: .vm).learning(there)
            print("there: \(there.words); expected \(first.words); learnt \(learnt)")

            try await target.run(
                "while :; do dd if=/dev/urandom of=/tmp/x bs=256k count=8 conv=notrunc 2> /dev/null; "
                    + "usleep 100000; done & writer=$!", in: id)
            let busy = try #require(try await target.load(of: id, at: Instant(milliseconds: 0)))
            let second = Self.forecast(busy, over: learnt)
            let back = try await move(
                bench.next(bench.next(order)), from: target, to: source)
            print("back: \(back.words); expected \(second.words); \(busy)")
            // Other work on the machine counts for much of this: the aim is a quarter, gross errors are what is looked for.
            let total = Double(back.total.milliseconds) / Double(second.duration.milliseconds)
            #expect((0.4...2.5).contains(total))
            let sent =
                Double(try #require(back.measure.bytes).count) / Double(second.bytes.count)
            #expect((0.5...1.5).contains(sent))
        }
    }

    private static func forecast(_ load: MoveLoad, over link: MoveLink) -> MoveForecast {
        MoveForecast(
            .live, of: .vm, carrying: load, over: link, within: DowntimeLadder(.milliseconds(300)))
    }

    /// A move from the first word to its target to the last.
    private func move(
        _ order: StartOrder, from source: QEMUDriver, to target: QEMUDriver
    ) async throws -> MoveReport {
        let id = order.instance
        let name = "m-\(30 + order.generation.number).move.huddle"
        let credentials = try await bench.authority.credentials(for: name)
        let clock = ContinuousClock()
        let begun = clock.now
        let endpoint = try await target.receive(
            order, at: bench.loopback, credentials: credentials)
        let copied = try await source.copy(
            id, to: endpoint, credentials: credentials, downtime: bench.downtime
        ) { _ in }
        let moved = try await source.switchOver(id, downtime: bench.downtime)
        _ = try await target.arrived(id)
        return MoveReport(
            move: MoveID("m-1"), instance: id, kind: .vm, mode: .live, source: HostID("a"),
            target: HostID("b"), endedAt: Instant(milliseconds: 0), total: clock.now - begun,
            measure: copied.completed(by: moved))
    }

    @Test func aCommandDoesNotWaitForAMeasurement() async throws {
        let id = InstanceID("busy-0")
        let order = try bench.source.order(id, generation: 1)
        try await bench.withGuest(order) { source, _ in
            let clock = ContinuousClock()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await source.load(of: id, at: Instant(milliseconds: 0))
                }
                // Each takes its turn, as a move would.
                for _ in 0..<10 {
                    let begun = clock.now
                    _ = try await source.arrived(id)
                    #expect(clock.now - begun < .seconds(1))
                    try await clock.sleep(for: .milliseconds(50))
                }
                try await group.waitForAll()
            }
        }
    }
}
