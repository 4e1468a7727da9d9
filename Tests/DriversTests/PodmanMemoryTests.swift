import ClusterModel
import HostIO
import Ports
import Testing

@testable import Drivers

/// Memory in two passes, where Podman, CRIU and the kernel can.
@Suite(
    .enabled(
        if: TestMachine.podmanSocket != nil && TestMachine.guest != nil,
        "HUDDLE_TEST_PODMAN_SOCKET or HUDDLE_TEST_GUEST names nothing"),
    .enabled(
        if: (try? ProcessMemory.marksChanges()) == true,
        "this kernel keeps no marks of what changes in memory"),
    .serialized, .timeLimit(.minutes(10)))
struct PodmanMemoryTests {
    private static let move = MoveID("m-1")
    private static let held = 48
    /// As in use: what waits is on a disk, what is about to be read in memory, and a link leads from there to the other.
    private static let disk = "/var/lib/huddle-memory-test"
    private let source = PodmanBench(
        socket: TestMachine.podmanSocket ?? "", namespace: "huddlememory", area: "memory-source",
        bound: .mebibytes(512), disk: disk)
    private let target = PodmanBench(
        socket: TestMachine.podmanSocket ?? "", namespace: "huddlememory", area: "memory-target",
        bound: .mebibytes(512), disk: disk)

    /// What went ahead is changed, given back and taken anew meanwhile; what comes is what it was when it stopped.
    @Test func memoryGoesInTwoPasses() async throws {
        try await withHolder("twice") { here, there, instance in
            let order = try order(instance, 2, in: target)
            let pass = try await ahead(from: here, to: there, order)
            #expect(try source.waiting == ["huddlememory-twice-0.sent.memory.\(pass)"])
            #expect(try target.waiting == ["huddlememory-twice-0.ahead.memory"])
            let sum = try await changed(here, instance)
            try await here.checkpoint(instance)
            let rest = try await rest(order, after: pass, from: here, to: there)
            // An eighth of it, what it took anew, and what is not its own.
            #expect(rest < (Self.held << 20) / 3, "\(rest) bytes")
            #expect(try target.waiting == [])
            #expect(try await self.sum(there, instance) == sum)
        }
    }

    /// It goes back from images that lead to what went ahead, and the next move begins with all of it.
    @Test func undoneItGoesOn() async throws {
        try await withHolder("undone") { here, there, instance in
            let order = try order(instance, 2, in: target)
            _ = try await ahead(from: here, to: there, order)
            let sum = try await changed(here, instance)
            try await here.checkpoint(instance)
            #expect(try source.waiting.contains { $0.hasSuffix(".kept.after") })
            _ = try await here.start(try self.order(instance, 1, in: source))
            #expect(try await self.sum(here, instance) == sum)
            #expect(try source.waiting == [])
            // Nothing is known of that pass any more.
            try await here.checkpoint(instance)
            let rest = try Carriage(isCompressed: false)
            try await here.export(instance, into: rest.append)
            #expect(rest.count > Self.held << 20)
        }
    }

    /// A target that has nothing of it gets all of it, and goes on.
    @Test func whoeverHasNothingOfItGetsAllOfIt() async throws {
        try await withHolder("whole") { here, there, instance in
            let order = try order(instance, 2, in: target)
            _ = try await ahead(from: here, to: there, order)
            let sum = try await changed(here, instance)
            try await here.checkpoint(instance)
            #expect(try source.waiting.contains { $0.hasSuffix(".kept.after") })
            let all = try Carriage(isCompressed: false)
            try await here.export(instance, into: all.append)
            #expect(all.count > Self.held << 20)
            try await here.remove(instance)
            // Its agent has started anew.
            let anew = try target.makeDriver()
            try await anew.adopt(order, from: all.next)
            _ = try await anew.start(order)
            #expect(try await self.sum(anew, instance) == sum)
        }
    }

    /// Where the first pass is not what CRIU looks for, it refuses, and all of it is written down.
    @Test func withoutWhatWentAllOfItIsWrittenDown() async throws {
        try await withHolder("lost") { here, there, instance in
            let order = try order(instance, 2, in: target)
            let pass = try await ahead(from: here, to: there, order)
            let sum = try await changed(here, instance)
            let sent = source.checkpoints.file(.sentMemory(pass), of: "huddlememory-lost-0")
            let maps = try HostFile.names(in: sent).filter { $0.hasPrefix("pagemap-") }
            #expect(!maps.isEmpty)
            // Two magic numbers and a head remain, which says nothing of any page.
            for map in maps {
                let bytes = try HostFile.read("\(sent)/\(map)")
                let head = bytes[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
                try HostFile.replace("\(sent)/\(map)", with: Array(bytes[..<(12 + head)]))
            }
            try await here.checkpoint(instance)
            #expect(try source.waiting.contains { $0.hasSuffix(".kept.images") })
            #expect(try !source.waiting.contains { $0.contains(".sent.") })
            #expect(try await rest(order, after: pass, from: here, to: there) > Self.held << 20)
            #expect(try await self.sum(there, instance) == sum)
        }
    }

    /// Whatever is written down clears the marks: what went in an earlier pass is of no use after a later one has begun.
    @Test func anotherPassEndsTheFirst() async throws {
        try await withHolder("again") { here, there, instance in
            let order = try order(instance, 2, in: target)
            let first = try await ahead(from: here, to: there, order)
            let sum = try await changed(here, instance)
            let late = try Carriage(isCompressed: false)
            try await here.exportAhead(
                instance, withLayer: true, withMemory: true, into: late.append)
            #expect(late.count > Self.held << 20)
            try await here.checkpoint(instance)
            #expect(try await rest(order, after: first, from: here, to: there) > Self.held << 20)
            #expect(try await self.sum(there, instance) == sum)
        }
    }

    /// What there was no room for comes with what follows, without a further question.
    @Test func withoutRoomItsMemoryGoesWithTheRest() async throws {
        var full = target
        full.diskReserve = .mebibytes(1 << 20)
        try await withHolder("full", to: full) { here, there, instance in
            let order = try order(instance, 2, in: full)
            let pass = try await ahead(from: here, to: there, order)
            #expect(try full.waiting == [])
            let sum = try await changed(here, instance)
            try await here.checkpoint(instance)
            #expect(try await rest(order, after: pass, from: here, to: there) > Self.held << 20)
            #expect(try await self.sum(there, instance) == sum)
        }
    }

    /// Without the first pass there is nothing to go back to, and that does not keep it from starting anew.
    @Test func whatLostItsFirstPassStartsFromItsImage() async throws {
        try await withHolder("useless") { here, there, instance in
            let pass = try await ahead(from: here, to: there, try order(instance, 2, in: target))
            try await here.checkpoint(instance)
            try await source.checkpoints.erase(
                .sentMemory(pass), of: "huddlememory-useless-0")
            let order = try order(instance, 1, in: source)
            await #expect(throws: DriverFailure.self) { _ = try await here.start(order) }
            #expect(try await here.start(order).state == .running)
        }
    }

    /// Podman has it to itself while its memory is written down.
    @Test func whatIsBeingWrittenDownCanBeStopped() async throws {
        try await withHolder("stopped", holding: 384) { here, _, instance in
            let container = try #require(await here.inspect(instance))
            let process = try #require(container.firstProcess(in: here.tree))
            let first = try Carriage(isCompressed: false)
            async let ahead: Void = here.exportAhead(
                instance, withLayer: true, withMemory: true, into: first.append)
            try await awaitImages { $0.hasPrefix("pages-") }
            async let stop: Void = here.stop(instance, grace: .zero)
            #expect(await process.ended())
            // Podman was not waited for, which answers when CRIU has come to its last file.
            #expect(try !images().contains(CheckpointImages.inventory))
            try await stop
            #expect(try await here.exit(of: instance) == 137)
            // Whether or not that came to something.
            _ = try? await ahead
        }
    }

    /// Waits for a file of the first pass.
    private func awaitImages(_ isMeant: (String) -> Bool) async throws {
        for _ in 0..<60_000 {
            if try images().contains(where: isMeant) { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("nothing is written down")
    }

    private func images() throws -> [String] {
        try source.waiting.filter { $0.contains(".sent.memory.") }.flatMap { name in
            try HostFile.names(in: "\(source.checkpoints.overflow)/\(name)")
        }
    }

    // MARK: What the tests share

    private func order(
        _ instance: InstanceID, _ generation: UInt64, in bench: PodmanBench,
        holding mebibytes: Int = held
    ) throws -> StartOrder {
        try bench.order(
            instance, generation: generation, command: ["holder", "\(mebibytes)", "0"],
            limit: Workload.Limit(memory: .mebibytes(UInt64(mebibytes) + 32)))
    }

    private func withHolder(
        _ name: String, holding mebibytes: Int = held, to target: PodmanBench? = nil,
        _ body: (PodmanDriver, PodmanDriver, InstanceID) async throws -> Void
    ) async throws {
        let instance = InstanceID("\(name)-0")
        let target = target ?? self.target
        let (here, there) = (try source.makeDriver(), try target.makeDriver())
        let result = await outcome {
            try #require(
                await here.probe().contains { $0.name == .checkpoint && $0.available },
                "the kernel could, and Podman or CRIU cannot")
            _ = try await here.start(try order(instance, 1, in: source, holding: mebibytes))
            try await here.awaitLog(of: instance, containing: "holder: holding\n")
            try await body(here, there, instance)
        }
        try await there.remove(instance)
        try await here.remove(instance)
        #expect(try source.waiting == [] && target.waiting == [])
        try await HostFile.erase(Self.disk)
        try result.get()
    }

    private func ahead(
        from here: PodmanDriver, to there: PodmanDriver, _ order: StartOrder
    ) async throws -> String {
        let first = try Carriage(isCompressed: false)
        try await here.exportAhead(
            order.instance, withLayer: true, withMemory: true, into: first.append)
        #expect(first.count > Self.held << 20, "\(first.count) bytes")
        try await there.adoptAhead(order, in: Self.move, from: first.next)
        return try #require(there.ahead(of: order.instance, in: Self.move))
    }

    /// Has it go on at the target from what follows that pass; how many bytes that was.
    private func rest(
        _ order: StartOrder, after pass: String, from here: PodmanDriver, to there: PodmanDriver
    ) async throws -> Int {
        let rest = try Carriage(isCompressed: false)
        try await here.exportRest(order.instance, after: pass, into: rest.append)
        // Whoever takes it leaves nothing of it.
        let count = rest.count
        try await here.remove(order.instance)
        #expect(try source.waiting == [])
        try await there.adoptRest(order, after: pass, from: rest.next)
        #expect(try await there.start(order).state == .running)
        return count
    }

    /// The sum of its memory after that was changed.
    private func changed(_ driver: PodmanDriver, _ instance: InstanceID) async throws -> Substring {
        try await signal("USR2", driver, instance)
        try await driver.awaitLog(of: instance, containing: "holder: changed\n")
        return try await sum(driver, instance)
    }

    private func sum(_ driver: PodmanDriver, _ instance: InstanceID) async throws -> Substring {
        let before = try await sums(driver, instance).count
        try await signal("USR1", driver, instance)
        while true {
            let sums = try await sums(driver, instance)
            if sums.count > before, let last = sums.last { return last }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func sums(
        _ driver: PodmanDriver, _ instance: InstanceID
    ) async throws -> [Substring] {
        try await driver.log(of: instance, tail: nil).split(separator: "\n")
            .filter { $0.hasPrefix("holder: sum ") }
    }

    private func signal(
        _ name: String, _ driver: PodmanDriver, _ instance: InstanceID
    ) async throws {
        let seen = Collected()
        _ = try await driver.execute(
            ["kill", "-\(name)", "1"], in: instance, terminal: false,
            session: .typing([], into: seen))
    }
}
