import ClusterModel
import Drivers
import HostIO
import Ports
import Synchronization
import Testing

/// Checkpoints, as far as this machine can: where CRIU does not work, that it is told and harms
/// nothing; where it does, the whole way.
@Suite(
    .enabled(
        if: TestMachine.podmanSocket != nil && TestMachine.guest != nil,
        "HUDDLE_TEST_PODMAN_SOCKET or HUDDLE_TEST_GUEST names nothing"),
    .timeLimit(.minutes(1)))
struct PodmanCheckpointTests {
    private let bench = PodmanBench(
        socket: TestMachine.podmanSocket ?? "", namespace: "huddlecheck")

    /// Prints numbers that went through a connection of the instance with itself: where the
    /// connection or the program begins anew, so do the numbers.
    private static let counting = """
        nc -ll -p 7000 -e cat &
        until (i=0; while sleep 0.05; do i=$((i + 1)); echo "number $i"; done) |
            nc 127.0.0.1 7000 2> /dev/null
        do :; done
        """

    @Test func probeSaysWhetherAndWhy() async throws {
        let driver = try bench.makeDriver()
        let found = try #require(await driver.probe().first { $0.name == .checkpoint })
        let isVersion = found.detail.hasPrefix("CRIU ")
        #expect(!found.detail.isEmpty && !found.detail.contains("\n"))
        #expect(isVersion == found.available, "\(found.detail)")
        #expect(await driver.probe().contains(found))
    }

    @Test("it goes on with its connection and its files", arguments: [false, true])
    func goesOn(isCompressed: Bool) async throws {
        let name = isCompressed ? "packed" : "moved"
        let volume = try Storage.Volume(name: name, path: "/moved")
        try await withCounting(name, volumes: [volume]) { driver, instance in
            guard try await canCheckpoint(driver) else {
                try await expectRefusal(driver, instance)
                return
            }
            try await driver.checkpoint(instance)
            try await driver.checkpoint(instance)
            #expect(try await driver.instances().first { $0.id == instance }?.state != .running)
            let way = try Carriage(isCompressed: isCompressed)
            try await driver.export(instance, into: way.append)
            try await way.finish()
            let earlier = Collected()
            try await driver.logs(of: instance, from: .oldest, follow: false) { earlier.append($0) }
            try await driver.remove(instance, with: [name])
            let leftovers = try await bench.leftovers(of: instance)
            #expect(leftovers == [])

            let order = try order(instance, generation: 2, volumes: [volume])
            try await driver.adopt(order, from: way.next)
            try await way.requireEnd()
            let moved = try await driver.start(order)
            #expect(moved.state == .running)
            #expect(moved.generation == Generation(2))
            #expect(try await driver.start(order).controlGroup == moved.controlGroup)
            // Its log did not come in the archive: that would have been in the time in which nobody runs.
            #expect(try await !driver.log(of: instance, tail: nil).contains("number 1\n"))
            try await driver.precede(instance, with: earlier.all, marker: Self.marker)
            try await expectOneCount(driver, instance)
            let seen = Collected()
            _ = try await driver.execute(
                ["cat", "/moved/file", "/changed"], in: instance, terminal: false,
                session: .typing([], into: seen))
            #expect(seen.text == "kept\nchanged\n")
        }
        try await bench.makeDriver().remove(InstanceID("\(name)-0"), with: [name])
    }

    @Test func startAfterACheckpointGoesOn() async throws {
        try await withCounting("rolls") { driver, instance in
            guard try await canCheckpoint(driver) else { return }
            try await driver.checkpoint(instance)
            // Another object, as after a restart of the agent.
            let heir = try bench.makeDriver()
            let back = try await heir.start(try order(instance, generation: 1))
            #expect(back.state == .running)
            try await expectOneCount(heir, instance)
            // And once more, from where it is now.
            try await heir.checkpoint(instance)
            _ = try await heir.start(try order(instance, generation: 1))
            try await expectOneCount(heir, instance)
        }
    }

    /// Whatever the moment of the cancellation: it runs on, or it is written down whole.
    @Test func cancelledCheckpointLeavesNoHalf() async throws {
        try await withCounting("cancels") { driver, instance in
            guard try await canCheckpoint(driver) else { return }
            let outcome = await withTaskGroup(of: Result<Void, DriverFailure>.self) { group in
                group.addTask {
                    do throws(DriverFailure) {
                        return .success(try await driver.checkpoint(instance))
                    } catch {
                        return .failure(error)
                    }
                }
                await Task.yield()
                group.cancelAll()
                return await group.next()
            }
            let state = try await driver.instances().first { $0.id == instance }?.state
            switch outcome {
            case .success: #expect(state != .running)
            case .failure, nil: #expect(state == .running)
            }
            _ = try await driver.start(try order(instance, generation: 1))
            try await expectOneCount(driver, instance)
        }
    }

    @Test func tooLargeACheckpointIsRefusedAndTheInstanceRuns() async throws {
        var small = bench
        small.area = "small"
        small.bound = Bytes(10_000)
        small.diskReserve = Bytes(.max)
        let driver = try small.makeDriver()
        try await withCounting("large") { _, instance in
            let failure = await #expect(throws: DriverFailure.self) {
                try await driver.checkpoint(instance)
            }
            #expect(failure?.code == .exhausted, "\(String(describing: failure))")
            #expect(try await driver.instances().first { $0.id == instance }?.state == .running)
            try await expectOneCount(driver, instance)
        }
    }

    /// Something that CRIU takes nowhere: it says so of the program, which runs on and can be asked again.
    @Test func whatCRIURefusesIsItsVerdictAndTheInstanceRuns() async throws {
        try await withCounting("refused", first: Self.ghost) { driver, instance in
            for _ in 0..<2 {
                let failure = await #expect(throws: DriverFailure.self) {
                    try await driver.checkpoint(instance)
                }
                #expect(failure?.code == .refused, "\(String(describing: failure))")
                #expect(
                    try await driver.instances().first { $0.id == instance }?.state == .running)
                try await expectOneCount(driver, instance)
                guard try await canCheckpoint(driver) else {
                    // Whoever refused, CRIU was never asked.
                    #expect(failure?.verdict == nil, "\(String(describing: failure))")
                    return
                }
                let verdict = try #require(failure?.verdict, "\(String(describing: failure))")
                #expect(verdict.work == .checkpoint)
                #expect(verdict.reason.hasPrefix("Can't dump ghost file"), "\(verdict.reason)")
            }
        }
    }

    /// A file that is open and deleted, and larger than CRIU takes along.
    private static let ghost = "head -c 4000000 /dev/zero > /ghost; exec 9< /ghost; rm /ghost\n"

    @Test(
        "what is no checkpoint of the instance is refused",
        arguments: [
            Forgery.ofAnother, .withoutEnd, .withoutDescription, .tooLarge, .astray, .crowded,
        ], [false, true])
    func forgeriesAreRefused(_ forgery: Forgery, isCompressed: Bool) async throws {
        let name = forgery.rawValue + (isCompressed ? "packed" : "")
        let instance = InstanceID("forged-\(name)-0")
        var bench = bench
        bench.area = "forged-\(name)"
        let driver = try bench.makeDriver()
        let order = try order(instance, generation: 2)
        let stream = try await forgery.stream(of: instance, namespace: bench.namespace)
        let way = try Carriage(isCompressed: isCompressed)
        for piece in stream { try await way.append(piece) }
        try await way.finish()
        let failure = await #expect(throws: DriverFailure.self) {
            try await driver.adopt(order, from: way.next)
        }
        let isTooLarge = forgery == .tooLarge || forgery == .crowded
        #expect(failure?.code == (isTooLarge ? .exhausted : .refused))
        #expect(try bench.waiting == [])
    }

    /// An archive that is taken in, and that CRIU cannot make anything of: never a start anew.
    @Test func brokenCheckpointIsNoFreshStart() async throws {
        let instance = InstanceID("broken-0")
        let driver = try bench.makeDriver()
        let order = try order(instance, generation: 12)
        let rest = Mutex(try await Forgery.hollow.stream(of: instance, namespace: bench.namespace))
        try await driver.adopt(order) { rest.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        let kept = "\(bench.checkpoints.directory)/\(bench.namespace)-\(instance).12.adopted"
        let description = try await Tool.run("/usr/bin/env", ["tar", "-xOf", kept, "config.dump"])
        #expect(description.text.contains("\"io.huddle.generation\": \"12\""))
        for _ in 0..<2 {
            let failure = await #expect(throws: DriverFailure.self) {
                _ = try await driver.start(order)
            }
            #expect(
                failure?.verdict == nil,
                "of the program nothing is known: \(failure.debugDescription)")
            #expect(try await driver.instances().allSatisfy { $0.id != instance })
        }
        try await driver.remove(instance)
        let leftovers = try await bench.leftovers(of: instance)
        #expect(leftovers == [])
    }

    // MARK: What the tests share

    private func order(
        _ instance: InstanceID, generation: UInt64, volumes: [Storage.Volume] = [],
        first: String = ""
    ) throws -> StartOrder {
        let files = volumes.isEmpty ? "" : "echo kept > /moved/file\n"
        return try bench.order(
            instance, generation: generation,
            command: ["sh", "-c", "\(first)\(files)echo changed > /changed\n\(Self.counting)"],
            volumes: volumes)
    }

    /// Runs `body` once the instance counts.
    private func withCounting(
        _ name: String, volumes: [Storage.Volume] = [], first: String = "",
        _ body: (PodmanDriver, InstanceID) async throws -> Void
    ) async throws {
        let instance = InstanceID("\(name)-0")
        let driver = try bench.makeDriver()
        do {
            _ = try await driver.start(
                try order(instance, generation: 1, volumes: volumes, first: first))
            try await driver.awaitLog(of: instance, containing: "number 3\n")
            try await body(driver, instance)
        } catch {
            await driver.removeInSpite(instance)
            throw error
        }
        try await driver.remove(instance)
        let leftovers = try await bench.leftovers(of: instance)
        #expect(leftovers == [])
    }

    private func canCheckpoint(_ driver: PodmanDriver) async throws -> Bool {
        await driver.probe().contains { $0.name == .checkpoint && $0.available }
    }

    private func expectRefusal(_ driver: PodmanDriver, _ instance: InstanceID) async throws {
        let failure = await #expect(throws: DriverFailure.self) {
            try await driver.checkpoint(instance)
        }
        #expect(failure?.code == .refused)
        #expect(failure?.cause?.isEmpty == false)
        #expect(try await driver.instances().first { $0.id == instance }?.state == .running)
        try await expectOneCount(driver, instance)
    }

    /// It goes on counting from where it was: five more numbers, and none of them twice.
    private func expectOneCount(_ driver: PodmanDriver, _ instance: InstanceID) async throws {
        let before = try await numbers(driver, instance).count
        try await driver.awaitLog(of: instance, containing: "number \(before + 5)\n")
        let log = try await numbers(driver, instance)
        #expect(log == (1...log.count).map { "number \($0)" })
    }

    private func numbers(
        _ driver: PodmanDriver, _ instance: InstanceID
    ) async throws -> [String] {
        try await driver.log(of: instance, tail: nil).split(separator: "\n").map(String.init)
            .filter { $0 != Self.marker }
    }

    private static let marker = "--- moved ---"
}
