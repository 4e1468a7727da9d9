import ClusterModel
import Drivers
import Glibc
import HostIO
import Ports
import Synchronization
import Testing

/// Volumes that are a directory which hosts share: here a file system that two drivers see at the same place.
@Suite(
    .enabled(
        if: TestMachine.podmanSocket != nil && TestMachine.guest != nil,
        "HUDDLE_TEST_PODMAN_SOCKET or HUDDLE_TEST_GUEST names nothing"),
    .timeLimit(.minutes(1)))
struct SharedVolumeTests {
    private let bench = PodmanBench(
        socket: TestMachine.podmanSocket ?? "", namespace: "huddleshared")
    private let other = PodmanBench(
        socket: TestMachine.podmanSocket ?? "", namespace: "huddlesharing")

    @Test func whatIsWrittenInsideIsSeenOutsideAndStays() async throws {
        try await withMount("writes") { directory in
            let instance = InstanceID("writes-0")
            let driver = try bench.makeDriver()
            try HostFile.replace(directory + "/in", with: Array("from outside\n".utf8))
            let order = try order(
                instance, generation: 1, "cat /data/in > /data/out; chmod 600 /data/out", directory)
            try await removing(instance, from: driver) {
                _ = try await driver.start(order)
                #expect(try await driver.exit(of: instance) == 0)
                #expect(try HostFile.text(directory + "/out") == "from outside\n")
                // A deletion with volumes, as the agent orders it; and one that is told of this one by name.
                try await driver.remove(instance, with: order.workload.storage.lasting)
                try await driver.remove(instance, with: ["media"])
            }
            #expect(try HostFile.names(in: directory) == ["in", "out"])
            let leftovers = try await bench.leftovers(of: instance)
            #expect(leftovers == [])
            #expect(try await bench.volumes(of: instance) == [])
        }
    }

    @Test func whereItIsMissingNothingIsCreated() async throws {
        let instance = InstanceID("missing-0")
        let driver = try bench.makeDriver()
        let directory = bench.checkpoints.directory + "-nowhere"
        let order = try order(instance, generation: 1, "true", directory)
        let failure = try await #require(throws: DriverFailure.self) {
            _ = try await driver.start(order)
        }
        #expect(failure.code == .unsupported)
        #expect(
            failure.message == "this host has no directory \(directory), which volume media shares"
        )
        #expect(failure.cause == "No such file or directory; mount it as on the other hosts")
        // What a move asks first gets the same answer.
        await #expect(throws: failure) { try await driver.requireShared(by: order.workload) }
        let leftovers = try await bench.leftovers(of: instance)
        #expect(leftovers == [])
        #expect(!HostFile.exists(directory))
    }

    /// The place of a mount that failed: it must not be taken for the mount.
    @Test func whereNothingIsMountedItIsRefused() async throws {
        let instance = InstanceID("unmounted-0")
        let driver = try bench.makeDriver()
        try await withDirectory("unmounted") { directory in
            // Where the tests' own directory is a mount, all below it is on it.
            let point = try await Tool.run(
                "/usr/bin/env", ["findmnt", "-n", "-o", "TARGET", "-T", directory])
            guard point.text == "/\n" else { return }
            let order = try order(instance, generation: 1, "touch /data/lost", directory)
            let failure = await refusal(order, by: driver)
            #expect(
                failure?.message == "nothing is mounted at \(directory), which volume media shares")
            #expect(try HostFile.names(in: directory) == [])
            let leftovers = try await bench.leftovers(of: instance)
            #expect(leftovers == [])
        }
    }

    @Test func aLinkLeadsNowhereElse() async throws {
        try await withMount("links") { directory in
            let link = directory + "/link"
            #expect(symlink("/etc", link) == 0)
            let order = try order(
                InstanceID("links-0"), generation: 1, "touch /data/huddle-was-here", link)
            let failure = await refusal(order, by: try bench.makeDriver())
            #expect(failure?.cause == "it leads to /etc, and /etc is the host's own")
            #expect(!HostFile.exists("/etc/huddle-was-here"))
        }
    }

    /// Once the mount is gone: what runs goes on, what was to replace it is refused before that one ends.
    @Test func aReplacementThatCannotStartEndsNothing() async throws {
        let instance = InstanceID("stays-0")
        let driver = try bench.makeDriver()
        try await removing(instance, from: driver) {
            try await withMount("stays") { directory in
                _ = try await driver.start(
                    try order(instance, generation: 1, "exec sleep 1000", directory))
                let gone = directory + "-gone"
                await #expect(throws: DriverFailure.self) {
                    _ = try await driver.start(
                        try order(instance, generation: 2, "exec sleep 1000", gone))
                }
                let seen = try await driver.instances().first { $0.id == instance }
                #expect(seen?.state == .running)
                #expect(seen?.generation == Generation(1))
                try await driver.remove(instance)
            }
        }
    }

    @Test func aRestartMoveCarriesNothingOfIt() async throws {
        try await withMount("moved") { directory in
            let instance = InstanceID("moved-0")
            let (source, target) = (try bench.makeDriver(), try other.makeDriver())
            let stream = Mutex<[[UInt8]]>([])
            try await removing(instance, from: source) {
                _ = try await source.start(
                    try self.order(
                        instance, generation: 1, "echo unmistakable > /data/file", directory))
                _ = try await source.exit(of: instance)
                try await source.export(instance) { bytes in stream.withLock { $0.append(bytes) } }
            }
            let sent = stream.withLock { $0.flatMap { $0 } }
            #expect(!String(decoding: sent, as: UTF8.self).contains("unmistakable"))
            #expect(sent.count < 512, "no archive is shorter than a block of tar")
            // What another instance writes meanwhile is not undone by the arrival.
            try HostFile.replace(directory + "/file", with: Array("later\n".utf8))
            let arrival = try self.order(instance, generation: 2, "cat /data/file", directory)
            try await removing(instance, from: target) {
                try await target.adopt(arrival) { () async throws(DriverFailure) in
                    stream.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                }
                _ = try await target.start(arrival)
                _ = try await target.exit(of: instance)
                #expect(try await target.log(of: instance, tail: nil) == "later\n")
            }
            #expect(try HostFile.names(in: directory) == ["file"])
            #expect(try await other.volumes(of: instance) == [])
        }
    }

    /// A source that has a local volume of that name must not empty what hosts share.
    @Test func whatIsSentForItIsRefused() async throws {
        try await withMount("forged") { directory in
            let instance = InstanceID("forged-0")
            let (source, target) = (try bench.makeDriver(), try other.makeDriver())
            let stream = Mutex<[[UInt8]]>([])
            try await removing(instance, from: source) {
                let local = try bench.order(
                    instance, generation: 1, command: ["touch", "/data/local"],
                    volumes: [.init(name: "forged", path: "/data")])
                _ = try await source.start(local)
                _ = try await source.exit(of: instance)
                try await source.export(instance) { bytes in stream.withLock { $0.append(bytes) } }
            }
            try await source.remove(instance, with: ["forged"])
            try HostFile.replace(directory + "/precious", with: [1])
            let order = try order(instance, generation: 2, "true", directory, volume: "forged")
            await #expect(throws: DriverFailure.self) {
                try await target.adopt(order) { () async throws(DriverFailure) in
                    stream.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                }
            }
            #expect(try HostFile.names(in: directory) == ["precious"])
            #expect(try await other.volumes(of: instance) == [])
        }
    }

    /// Where this machine can: the count in the shared file has no gap and nothing twice, so the restored one writes
    /// where the first one wrote.
    @Test func aCheckpointFindsItWhereItGoesOn() async throws {
        let instance = InstanceID("counts-0")
        let driver = try bench.makeDriver()
        guard await driver.probe().contains(where: { $0.name == .checkpoint && $0.available })
        else { return }
        let count = """
            exec 3>> /data/count; i=0
            while sleep 0.05; do i=$((i + 1)); echo $i >&3; echo "number $i"; done
            """
        try await withMount("counts") { directory in
            try await removing(instance, from: driver) {
                _ = try await driver.start(try order(instance, generation: 1, count, directory))
                try await driver.awaitLog(of: instance, containing: "number 3\n")
                try await driver.checkpoint(instance)
                let stream = Mutex<[[UInt8]]>([])
                try await driver.export(instance) { bytes in stream.withLock { $0.append(bytes) } }
                try await driver.remove(instance)
                let before = try lines(directory + "/count").count
                let order = try order(instance, generation: 2, count, directory)
                try await driver.adopt(order) {
                    stream.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                }
                _ = try await driver.start(order)
                try await driver.awaitLog(of: instance, containing: "number \(before + 3)\n")
                try await driver.remove(instance)
                let all = try lines(directory + "/count")
                #expect(all == (1...all.count).map { "\($0)" })
            }
        }
    }

    // MARK: What the tests share

    private func order(
        _ instance: InstanceID, generation: UInt64, _ script: String, _ directory: String,
        volume name: String = "media"
    ) throws -> StartOrder {
        let volume = try Storage.Volume(name: name, path: "/data", shared: directory)
        return try bench.order(
            instance, generation: generation, command: ["sh", "-c", script], volumes: [volume])
    }

    private func lines(_ file: String) throws -> [String] {
        try HostFile.text(file).split(separator: "\n").map(String.init)
    }

    private func withMount(_ name: String, _ body: (String) async throws -> Void) async throws {
        try await DriversTests.withMount(
            at: bench.checkpoints.directory + "-\(name)", size: "1m", body)
    }

    private func withDirectory(_ name: String, _ body: (String) async throws -> Void) async throws {
        let directory = bench.checkpoints.directory + "-\(name)"
        try HostFile.makeDirectory(directory, mode: 0o755)
        let result = await outcome { try await body(directory) }
        // Never what is in it, should it still be mounted.
        #expect(rmdir(directory) == 0)
        try result.get()
    }

    private func removing(
        _ instance: InstanceID, from driver: PodmanDriver, _ body: () async throws -> Void
    ) async throws {
        let result = await outcome { try await body() }
        await driver.removeInSpite(instance)
        try result.get()
    }

    /// Why it was not started; one that was is a failure of the test, and goes.
    private func refusal(_ order: StartOrder, by driver: PodmanDriver) async -> DriverFailure? {
        let failure = await #expect(throws: DriverFailure.self) {
            _ = try await driver.start(order)
        }
        if failure == nil { await driver.removeInSpite(order.instance) }
        return failure
    }
}
