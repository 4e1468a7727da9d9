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
                "while :; do dd if=/dev/urandom of=/tmp/x bs=1M count=24 2> /dev/null; done & writer=$!",
                in: id)
            let busy = try #require(try await source.load(of: id, at: now))
            let changes = try #require(busy.changes)
            print("idle \(idle), busy \(busy)")
            #expect(changes.rate.count > quiet.count + (4 << 20))
            // The host has it in pages of 2 MiB, so a small file may show in none.
            #expect(busy.memory >= idle.memory)
            try await source.run("kill $writer", in: id)

            let load = try #require(try await source.load(of: id, at: now))
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
            let forecast = MoveForecast(
                .live, of: .vm, carrying: load, over: .assumed(.live, of: .vm),
                downtime: bench.downtime)
            let sent = Double(try #require(moved.bytes).count) / Double(forecast.bytes.count)
            #expect((0.5...1.25).contains(sent), "\(forecast.bytes) were expected")
            #expect(try #require(copied.bandwidth).count > 4 << 20)
        }
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
