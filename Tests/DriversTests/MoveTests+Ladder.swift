import ClusterModel
import Drivers
import Ports
import Testing

extension MoveTests {
    /// A guest that writes 12 MiB over and over, far faster than 16 MiB/s: 4.8 MiB go in 300 ms, 19 in 1 200.
    ///
    /// For how long it stands still in the end is not foretold: between two processes it writes nothing, and QEMU may find
    /// such a moment. What must hold is the bound, and that the guest was not slowed.
    @Test func aGuestThatDoesNotConvergeMovesWithinItsLadder() async throws {
        let id = InstanceID("climber-0")
        let order = try bench.source.order(id, generation: 1, memory: .mebibytes(256))
        let credentials = try await bench.authority.credentials(for: "m-40.move.huddle")
        let preference = MovePreference(
            downtime: bench.downtime, converge: [.longer], most: .milliseconds(4_800))
        try await bench.withGuest(order) { source, target in
            try await source.run(
                "dd if=/dev/urandom of=/tmp/a bs=1M count=12 2> /dev/null; "
                    + "while :; do dd if=/tmp/a of=/tmp/x bs=1M conv=notrunc 2> /dev/null; "
                    + "dd if=/tmp/x of=/tmp/a bs=1M conv=notrunc 2> /dev/null; done &",
                in: id)
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            let ceiling: @Sendable () -> BytesPerSecond? = { BytesPerSecond(16 << 20) }
            try await source.copy(
                id, to: endpoint, credentials: credentials, accepting: preference,
                ceiling: ceiling
            ) { _ in }
            let capabilities = try await bench.ask(
                "query-migrate-capabilities", of: id, in: bench.source, for: [Capability].self)
            #expect(capabilities.first { $0.capability == "auto-converge" }?.state == false)
            let moved = try await source.switchOver(
                id, within: preference.ladder, ceiling: ceiling)
            _ = try await target.arrived(id)
            print("stood still for \(moved)")
            let downtime = try #require(moved.downtime)
            #expect(downtime <= preference.ladder.most + .seconds(1))
            try await source.remove(id)
            try await target.run("echo still there", in: id)
        }
    }

    private struct Capability: Decodable, Sendable {
        let capability: String
        let state: Bool
    }
}
