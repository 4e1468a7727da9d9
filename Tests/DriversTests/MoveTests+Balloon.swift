import ClusterModel
import Drivers
import HostIO
import Ports
import Testing

extension MoveTests {
    private static let size = Bytes.mebibytes(512)

    /// Leaves 300 MiB behind that no longer hold anything but have to be sent: a file that is gone.
    private static let fill =
        "dd if=/dev/urandom of=/tmp/gone bs=1M count=300 2> /dev/null; rm /tmp/gone"

    private func order(
        _ id: InstanceID, balloon: Bool, storage: Storage = .none
    ) throws -> StartOrder {
        try bench.source.order(
            id, generation: 1, storage: storage, memory: Self.size,
            move: MovePreference(balloon: balloon))
    }

    /// A move, and what it came to.
    private func move(
        _ order: StartOrder, from source: QEMUDriver, to target: QEMUDriver, _ name: String
    ) async throws -> MoveMeasure {
        let id = order.instance
        let credentials = try await bench.authority.credentials(for: name)
        let endpoint = try await target.receive(
            order, at: bench.loopback, credentials: credentials)
        #expect(endpoint.hasBalloon == order.workload.move.balloon)
        let copied = try await source.copy(
            id, to: endpoint, credentials: credentials, accepting: order.workload.move,
            ceiling: { nil }
        ) { _ in }
        let moved = try await source.switchOver(id, downtime: bench.downtime)
        _ = try await target.arrived(id)
        try await source.remove(id)
        return copied.completed(by: moved)
    }

    @Test func memoryThatIsNotUsedIsNotSent() async throws {
        let plain = try order(InstanceID("whole-0"), balloon: false)
        let asked = try order(InstanceID("lean-0"), balloon: true)
        var whole: MoveMeasure = .nothing
        try await bench.withGuest(plain) { source, target in
            try await source.run(Self.fill, in: plain.instance)
            whole = try await move(bench.next(plain), from: source, to: target, "m-50.move.huddle")
        }
        try await bench.withGuest(asked) { source, target in
            let id = asked.instance
            try await source.run("echo kept > /tmp/mark; " + Self.fill, in: id)
            let there = bench.next(asked)
            let lean = try await move(there, from: source, to: target, "m-51.move.huddle")
            print("moved whole \(whole), lean \(lean)")
            #expect(whole.ballooned == nil)
            #expect(try #require(lean.ballooned).bytes > .mebibytes(250))
            let bytes = (whole: try #require(whole.bytes), lean: try #require(lean.bytes))
            #expect(bytes.whole > .mebibytes(300))
            #expect(bytes.lean < Bytes(bytes.whole.count / 2))
            try await expectWhole(id, in: bench.target)
            // It uses more than it kept, and is asked again where it came to.
            try await target.run(Self.fill, in: id)
            let back = try await move(
                bench.next(there), from: target, to: source, "m-52.move.huddle")
            print("moved back \(back)")
            #expect(try #require(back.ballooned).bytes > .mebibytes(250))
            #expect(try #require(back.bytes) < Bytes(bytes.whole.count / 2))
            #expect(try await source.run("cat /tmp/mark", in: id).contains("kept"))
            try await expectWhole(id, in: bench.source)
        }
    }

    @Test func aMoveThatIsUndoneGivesTheMemoryBack() async throws {
        let id = InstanceID("regainer-0")
        let order = try order(id, balloon: true, storage: Storage(disks: [.mebibytes(8)]))
        try await bench.withGuest(order) { source, target in
            try await source.run(Self.fill, in: id)
            for name in ["m-53.move.huddle", "m-54.move.huddle"] {
                let credentials = try await bench.authority.credentials(for: name)
                let endpoint = try await target.receive(
                    bench.next(order), at: bench.loopback, credentials: credentials)
                let copied = try await source.copy(
                    id, to: endpoint, credentials: credentials, accepting: order.workload.move,
                    ceiling: { nil }
                ) { _ in }
                #expect(copied.ballooned != nil)
                // Nobody gives it back under a copy that waits for its switch-over.
                _ = try await source.instances()
                _ = try await bench.source.makeHeir().instances()
                #expect(try await balloonSize(of: id, in: bench.source) < Self.size)
                if name.hasPrefix("m-53") {
                    try await source.resume(id)
                } else {
                    // Where the agent ended with the copy, the one after it undoes the move.
                    try await bench.source.makeHeir().resume(id)
                }
                try await target.dismiss(id)
                try await expectWhole(id, in: bench.source)
                #expect(try await bench.remains(of: id, in: bench.source) == [])
                // What was given back holds nothing: there is something to give up again.
                try await source.run(Self.fill, in: id)
            }
            // A copy that fails gives it back by itself.
            let credentials = try await bench.authority.credentials(for: "m-55.move.huddle")
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            let victim = try bench.emulator(of: id, in: bench.target)
            await #expect(throws: DriverFailure.self) {
                try await source.copy(
                    id, to: endpoint, credentials: credentials, accepting: order.workload.move,
                    ceiling: { BytesPerSecond(8 << 20) }
                ) { if $0.rounds == 1 { victim.signal(.kill) } }
            }
            try await target.remove(id)
            try await expectWhole(id, in: bench.source)
        }
    }

    /// As an agent leaves it that ends between the guest's answer and the copy, or at the target before its confirmation.
    @Test func anAdoptedGuestHasItsMemoryBack() async throws {
        let id = InstanceID("orphaned-0")
        let order = try order(id, balloon: true)
        try await bench.withGuest(order) { source, _ in
            try await bench.setBalloon(.mebibytes(200), of: id, in: bench.source)
            try await reaches(id, in: bench.source) { $0 <= .mebibytes(200) }
            let heir = try bench.source.makeHeir()
            #expect(try await heir.instances().map(\.state) == [.running])
            try await expectWhole(id, in: bench.source)
            #expect(try await source.instances().map(\.state) == [.running])
        }
    }

    /// Started before its spec had a balloon, or by an older agent: it goes where there is one; and one that has a balloon
    /// is not sent where there is none.
    @Test func aBalloonOnOneSideOnly() async throws {
        let id = InstanceID("mixed-0")
        let plain = try order(id, balloon: false)
        let changed = try order(id, balloon: true)
        try await bench.withGuest(plain) { source, target in
            let before = try await source.uptime(of: id)
            let moved = try await move(
                bench.next(changed), from: source, to: target, "m-56.move.huddle")
            #expect(moved.ballooned == nil)
            #expect(try await target.uptime(of: id) > before)
            // There it has a balloon of which the guest knows nothing: no answer, and then it moves as it is.
            let there = try await move(
                bench.next(bench.next(changed)), from: target, to: source, "m-57.move.huddle")
            #expect(there.ballooned == nil)
            #expect(try await source.uptime(of: id) > before)

            let next = bench.next(bench.next(bench.next(plain)))
            let credentials = try await bench.authority.credentials(for: "m-58.move.huddle")
            let endpoint = try await target.receive(
                next, at: bench.loopback, credentials: credentials)
            #expect(!endpoint.hasBalloon)
            let failure = await #expect(throws: DriverFailure.self) {
                try await source.copy(
                    id, to: endpoint, credentials: credentials, downtime: bench.downtime
                ) { _ in }
            }
            #expect(failure?.code == .refused)
            #expect(try await bench.state(of: id, in: bench.source) == "running")
            try await target.dismiss(id)
        }
    }

    /// Why that is refused before anything is sent: QEMU itself finds out only once the guest stands still. It is undone.
    @Test func aTargetThatHasNoBalloonAfterAll() async throws {
        let id = InstanceID("deceived-0")
        let order = try order(id, balloon: true)
        let plain = bench.next(try self.order(id, balloon: false))
        let credentials = try await bench.authority.credentials(for: "m-59.move.huddle")
        try await bench.withGuest(order) { source, target in
            let before = try await source.uptime(of: id)
            let endpoint = try await target.receive(
                plain, at: bench.loopback, credentials: credentials)
            let forged = MoveEndpoint(
                address: endpoint.address, memoryPort: endpoint.memoryPort, hasBalloon: true)
            try await source.copy(
                id, to: forged, credentials: credentials, accepting: order.workload.move,
                ceiling: { nil }
            ) { _ in }
            let switched = try? await source.switchOver(id, downtime: bench.downtime)
            print("let go without a balloon there: \(String(describing: switched))")
            let failure = await #expect(throws: DriverFailure.self) {
                _ = try await target.arrived(id)
            }
            print("no balloon there: \(String(describing: failure))")
            try await target.dismiss(id)
            try await source.resume(id)
            #expect(try await bench.state(of: id, in: bench.source) == "running")
            #expect(try await source.uptime(of: id) > before)
            try await expectWhole(id, in: bench.source)
        }
    }

    private struct Actual: Decodable, Sendable { let actual: UInt64 }

    private func balloonSize(of id: InstanceID, in bench: QEMUBench) async throws -> Bytes {
        Bytes(
            try await self.bench.ask("query-balloon", of: id, in: bench, for: Actual.self).actual)
    }

    /// The suite's time limit ends what does not come to be.
    private func reaches(
        _ id: InstanceID, in bench: QEMUBench, _ condition: (Bytes) -> Bool
    ) async throws {
        while try await !condition(balloonSize(of: id, in: bench)) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func expectWhole(_ id: InstanceID, in bench: QEMUBench) async throws {
        try await reaches(id, in: bench) { $0 == Self.size }
    }
}
