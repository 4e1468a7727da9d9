import ClusterModel
import FoundationEssentials
import HostIO
import Ports
import Synchronization
import Testing

@testable import Drivers

/// What of an instance's layer waits at a target, and that it goes where nothing follows it.
@Suite(
    .enabled(
        if: TestMachine.podmanSocket != nil && TestMachine.guest != nil,
        "HUDDLE_TEST_PODMAN_SOCKET or HUDDLE_TEST_GUEST names nothing"),
    .timeLimit(.minutes(1)))
struct PodmanLayerTests {
    private static let move = MoveID("m-1")

    private static func bench(_ name: String) -> PodmanBench {
        var bench = PodmanBench(
            socket: TestMachine.podmanSocket ?? "", namespace: "huddlelayer")
        bench.area = "layer-\(name)"
        return bench
    }

    private static func entry(_ name: String, _ content: [UInt8]) -> [TransferFrame] {
        [.entry(name), .data(content), .endOfEntry]
    }

    private static func stream(_ frames: [TransferFrame]) -> TransferReader.Source {
        let rest = Mutex(frames.map(\.bytes))
        return { () async throws(DriverFailure) -> [UInt8]? in
            rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    private static func ahead(_ content: [UInt8]) -> TransferReader.Source {
        stream(
            [.version(TransferFrame.current), .entry("pass:x"), .endOfEntry]
                + entry("layer:", content) + [.end])
    }

    /// What follows, in front of a checkpoint that is none.
    private static func rest(
        _ frames: [TransferFrame], of instance: InstanceID, _ bench: PodmanBench
    ) async throws -> TransferReader.Source {
        let version = TransferFrame.version(TransferFrame.current).bytes
        let hollow = try await Forgery.hollow.stream(of: instance, namespace: bench.namespace)
            .flatMap(\.self)
        #expect(hollow.starts(with: version))
        let rest = Mutex([version] + frames.map(\.bytes) + [Array(hollow.dropFirst(version.count))])
        return { () async throws(DriverFailure) -> [UInt8]? in
            rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    private func withTarget(
        _ name: String,
        _ body: (PodmanDriver, StartOrder, PodmanBench) async throws -> Void
    ) async throws {
        let bench = Self.bench(name)
        let instance = InstanceID("\(name)-0")
        let driver = try bench.makeDriver()
        let order = try bench.order(instance, generation: 2, command: ["true"])
        let result = await outcome { try await body(driver, order, bench) }
        try await driver.remove(instance)
        #expect(try bench.waiting == [])
        try result.get()
    }

    @Test func whatFollowsStandsBehindWhatCameAhead() async throws {
        try await withTarget("follows") { driver, order, bench in
            let name = "huddlelayer-follows-0"
            try await driver.adoptAhead(order, in: Self.move, from: Self.ahead([1, 2, 3]))
            #expect(try bench.waiting == ["\(name).ahead.layer"])
            let list = Array(#"["/gone"]"#.utf8)
            let rest = try await Self.rest(
                Self.entry("layer:", [4, 5]) + Self.entry("deletions:", list), of: order.instance,
                bench)
            try await driver.adoptRest(order, after: "x", from: rest)
            #expect(
                try Set(bench.waiting)
                    == Set([".bare", ".deletions", ".layer"].map { "\(name).2.adopted\($0)" }))
            let disk = bench.checkpoints.overflow + "/\(name).2.adopted"
            #expect(try HostFile.read(disk + ".layer") == [1, 2, 3, 4, 5])
            #expect(
                String(decoding: try HostFile.read(disk + ".deletions"), as: UTF8.self)
                    == #"{"paths":["/gone"],"size":5}"#)
        }
    }

    /// Neither from the image, nor with a part of what it had.
    @Test("without all of its layer nothing goes on", arguments: ["gone", "short", "no deletions"])
    func requiresTheLayer(_ what: String) async throws {
        let name = "without\(what.split(separator: " ").joined())"
        try await withTarget(name) { driver, order, bench in
            try await driver.adoptAhead(order, in: Self.move, from: Self.ahead([1, 2, 3]))
            let rest = try await Self.rest(
                Self.entry("layer:", [4, 5]) + Self.entry("deletions:", Array("[]".utf8)),
                of: order.instance, bench)
            try await driver.adoptRest(order, after: "x", from: rest)
            let disk = "\(bench.checkpoints.overflow)/huddlelayer-\(name)-0.2.adopted"
            switch what {
            case "gone": try HostFile.remove(disk + ".layer")
            case "short": try HostFile.replace(disk + ".layer", with: [1, 2, 3, 4])
            default: try HostFile.remove(disk + ".deletions")
            }
            let failure = await #expect(throws: DriverFailure.self) {
                _ = try await driver.start(order)
            }
            #expect(failure?.message.contains("what it changed of its image") == true)
            #expect(try await driver.instances().isEmpty)
        }
    }

    /// A first pass may have come hours before the last of it.
    @Test func whatIsAwaitedIsNotSweptAway() async throws {
        try await withTarget("awaited") { driver, order, bench in
            try await driver.adoptAhead(order, in: Self.move, from: Self.ahead([1, 2, 3]))
            let path = "\(bench.checkpoints.overflow)/huddlelayer-awaited-0.ahead.layer"
            try await runTool(["touch", "-d", "3 hours ago", path])
            try await driver.sweepCheckpoints()
            #expect(HostFile.exists(path))
            // Nor is what was taken in and is not started yet; its volumes took that long.
            let rest = try await Self.rest(
                Self.entry("layer:", [4]) + Self.entry("deletions:", Array("[]".utf8)),
                of: order.instance, bench)
            try await driver.adoptRest(order, after: "x", from: rest)
            let adopted = "\(bench.checkpoints.overflow)/huddlelayer-awaited-0.2.adopted"
            try await runTool(["touch", "-d", "3 hours ago", adopted + ".layer"])
            try await driver.sweepCheckpoints()
            #expect(HostFile.exists(adopted + ".layer"))
            // Another agent's, or one's that has started anew: nobody comes for it.
            try await bench.makeDriver().sweepCheckpoints()
            #expect(!HostFile.exists(adopted + ".layer"))
        }
    }

    @Test(
        "what would lead Podman out of the container is not taken",
        arguments: [
            "a", "/../a", "/a/../../b", "/", "//a", "/a/", "/./a", "", "/a\u{600}/..", "/a\u{0}",
        ])
    func refusedDeletions(_ path: String) throws {
        #expect(throws: DriverFailure.self) {
            try LayerDeletions(size: 0, sent: try JSON.encode([path]))
        }
        let fine = ["/a", "/a b/..c", "/ü/*"]
        #expect(try LayerDeletions(size: 0, sent: try JSON.encode(fine)).paths == fine)
    }

    /// Where the source sends all of it after all, in the archive.
    @Test func whatCameAheadGoesWhereNothingFollows() async throws {
        try await withTarget("alone") { driver, order, bench in
            try await driver.adoptAhead(order, in: Self.move, from: Self.ahead([1, 2, 3]))
            try await driver.adoptRest(
                order, after: "x", from: try await Self.rest([], of: order.instance, bench))
            #expect(try bench.waiting == ["huddlelayer-alone-0.2.adopted"])
        }
    }

    @Test(
        "what does not fit what is there is refused, and nothing stays",
        arguments: ["nothing came ahead", "another pass", "no deletions", "cut short"])
    func refused(_ why: String) async throws {
        try await withTarget(why.split(separator: " ").joined()) { driver, order, bench in
            if why != "nothing came ahead" {
                try await driver.adoptAhead(order, in: Self.move, from: Self.ahead([1]))
            }
            var frames = Self.entry("layer:", [2])
            switch why {
            case "no deletions": break
            case "cut short": frames.removeLast()
            default: frames += Self.entry("deletions:", Array("[]".utf8))
            }
            let rest =
                why == "cut short"
                ? Self.stream([.version(TransferFrame.current)] + frames)
                : try await Self.rest(frames, of: order.instance, bench)
            await #expect(throws: DriverFailure.self) {
                try await driver.adoptRest(
                    order, after: why == "another pass" ? "y" : "x", from: rest)
            }
            #expect(try bench.waiting == [])
        }
    }

    /// A start by an earlier decision that comes late takes nothing away from a later one.
    @Test func whatIsOfALaterDecisionStays() async throws {
        try await withTarget("later") { driver, order, bench in
            try await driver.adopt(order, from: try await Self.rest([], of: order.instance, bench))
            let kept = ["huddlelayer-later-0.2.adopted"]
            #expect(try bench.waiting == kept)
            await bench.checkpoints.clear("huddlelayer-later-0", upTo: Generation(1))
            #expect(try bench.waiting == kept)
            await bench.checkpoints.clear("huddlelayer-later-0", upTo: Generation(2))
            #expect(try bench.waiting == [])
        }
    }

    /// It goes with the checkpoint then; what volumes there are come ahead all the same.
    @Test func aLayerLargerThanTheDiskDoesNotComeAhead() async throws {
        var bench = Self.bench("full")
        try HostFile.makeDirectory(bench.checkpoints.overflow)
        // Others write there meanwhile; what is sent is far more, and what must not be written of it far less than that.
        bench.diskReserve =
            try HostFile.freeSpace(at: bench.checkpoints.overflow)
            .subtracting(.mebibytes(16)) ?? .zero
        let driver = try bench.makeDriver()
        let order = try bench.order(InstanceID("full-0"), generation: 2, command: ["true"])
        let head: [TransferFrame] = [
            .version(TransferFrame.current), .entry("pass:x"), .endOfEntry, .entry("layer:"),
        ]
        let piece = TransferFrame.data([UInt8](repeating: 7, count: 1 << 20)).bytes
        let left = Mutex(2048)
        let source = { @Sendable () async throws(DriverFailure) -> [UInt8]? in
            let number = left.withLock { left in
                left -= 1
                return left
            }
            switch number {
            case 2047: return head.flatMap(\.bytes)
            case 1...: return piece
            case 0: return TransferFrame.endOfEntry.bytes + TransferFrame.end.bytes
            default: return nil
            }
        }
        try await driver.adoptAhead(order, in: Self.move, from: source)
        #expect(driver.ahead(of: order.instance, in: Self.move) == "x")
        #expect(try bench.waiting == [])
        try await driver.remove(order.instance)
    }
}
