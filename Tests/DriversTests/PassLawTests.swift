import ClusterModel
import FoundationEssentials
import HostIO
import Ports
import Synchronization
import Testing

@testable import Drivers

/// Whatever is done to a volume while it goes and between its two passes, its target has what its source has: with tar itself.
@Suite(.serialized) struct PassLawTests {
    /// One volume at both ends.
    private struct Way: Sendable {
        let seed: UInt64
        let source: String
        let target: String
        var grove: Grove
    }

    /// Bytes of a file that nobody touches.
    private static let still = 256 << 10
    /// What is not old goes in both passes, which would hide what was left out.
    private static let age = Duration.nanoseconds(slack) + .milliseconds(100)
    /// Shorter than in use: nobody writes past the page cache here.
    private static let slack: Int64 = 1_000_000_000

    @Test func whatIsDoneBetweenThePassesIsThere() async throws {
        try await withWays(80) { ways, driver in
            var sent = (first: 0, second: 0)
            for var way in ways {
                var pass = TreePass(began: .now(), slack: Self.slack)
                sent.first += try await first(way, &pass, by: driver)
                #expect(try Grove.contents(of: way.target) == Grove.contents(of: way.source))
                // From nothing at all to more than there was.
                try way.grove.grow(Int(way.seed))
                sent.second += try await second(way, pass, by: driver)
            }
            // What was left alone did not go again.
            #expect(sent.first > Self.still * ways.count)
            #expect(sent.second < Self.still * ways.count / 2, "\(sent)")
        }
    }

    /// Directories change places, and with links, under the eyes of whoever reads.
    @Test func whatIsDoneDuringTheFirstPassIsThere() async throws {
        try await withWays(40) { ways, driver in
            for way in ways {
                var pass = TreePass(began: .now(), slack: Self.slack)
                let isOver = Mutex(false)
                async let done: Int = {
                    var (grove, count) = (way.grove, 0)
                    while !isOver.withLock({ $0 }) {
                        try grove.shuffle()
                        count += 1
                        await Task.yield()
                    }
                    return count
                }()
                for _ in 0..<3 {
                    try FileManager.default.removeItem(atPath: way.target)
                    try HostFile.makeDirectory(way.target)
                    pass = TreePass(began: .now(), slack: Self.slack)
                    _ = try await first(way, &pass, by: driver)
                }
                isOver.withLock { $0 = true }
                #expect(try await done > 0)
                _ = try await second(way, pass, by: driver)
            }
        }
    }

    /// A container is not to have tar write, or remove, where it has a link to.
    @Test func nothingIsDoneOutside() async throws {
        try await withWays(1, isAged: false) { ways, driver in
            let way = ways[0]
            let outside = way.source + "-outside"
            for directory in [outside, outside + "/kept", way.source + "/inner"] {
                try HostFile.makeDirectory(directory)
            }
            try HostFile.replace(way.source + "/inner/word", with: [1])
            try FileManager.default.createSymbolicLink(
                atPath: way.source + "/way", withDestinationPath: outside)
            var pass = TreePass(began: .now(), slack: Self.slack)
            _ = try await first(way, &pass, by: driver)
            // What was a link has the directory by now, and its contents.
            try HostFile.remove(way.source + "/way")
            try HostFile.makeDirectory(way.source + "/way")
            try HostFile.move(way.source + "/inner", to: way.source + "/way/inner")
            _ = try await second(way, pass, by: driver)
            #expect(try HostFile.names(in: outside) == ["kept"])
            #expect(try HostFile.read(way.target + "/way/inner/word") == [1])
        }
    }

    /// What comes into a directory in the second pass has no more attributes than at its source, nor has the directory.
    @Test func attributesAreThoseOfTheSource() async throws {
        try await withWays(1, isAged: false) { ways, driver in
            let way = ways[0]
            // rwx for user 1234 on whatever is made in it; as the kernel writes it down.
            let list = TreeEntry.Attribute(
                name: Array("system.posix_acl_default".utf8),
                value: [2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 210, 4, 0, 0]
                    + [4, 0, 5, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255]
                    + [32, 0, 5, 0, 255, 255, 255, 255])
            let note = TreeEntry.Attribute(name: Array("user.a=b%3D".utf8), value: [61, 0])
            func make(_ path: String, _ attributes: [TreeEntry.Attribute]) async throws {
                let entry = TreeEntry(
                    path: Array(path.utf8), kind: .directory,
                    stamp: .init(file: .init(device: 0, inode: 0), changed: 0), mode: 0o770,
                    modified: .init(seconds: 1, nanoseconds: 0), attributes: attributes)
                let outcome = try await Tool.run(
                    "/usr/bin/env",
                    ["tar"] + PodmanDriver.passOptions + ["-C", way.source, "-xpf", "-"],
                    input: TreeArchive.head(of: entry) + TreeArchive.end)
                try #require(outcome.status.isSuccess, "\(outcome.complaint)")
            }
            try await make("shared", [list, note])
            try HostFile.replace(way.source + "/secret", with: [1])
            var pass = TreePass(began: .now(), slack: Self.slack)
            _ = try await first(way, &pass, by: driver)
            try HostFile.move(way.source + "/secret", to: way.source + "/shared/secret")
            _ = try await second(way, pass, by: driver)
            let there = try await Grove.attributes(below: way.target)
            #expect(try await Grove.attributes(below: way.source) == there)
            #expect(there["shared"] == [list, note] && there["shared/secret"] == [])
        }
    }

    /// Only the very file, long unchanged, is left out, and only where times tell.
    @Test func whatCountsAsUnchanged() {
        let began = TreePass.Moment(time: 1_000, lead: 900)
        var pass = TreePass(began: began, slack: 100)
        func stamp(_ inode: UInt64, _ changed: Int64) -> TreeEntry.Stamp {
            TreeEntry.Stamp(file: .init(device: 1, inode: inode), changed: changed)
        }
        func note(
            _ path: [UInt8], _ stamp: TreeEntry.Stamp, isSteady: Bool = true,
            _ kind: TreeEntry.Kind = .file
        ) {
            let entry = TreeEntry(
                path: path, kind: kind, stamp: stamp, mode: 0,
                modified: .init(seconds: 0, nanoseconds: 0))
            pass.note(entry, isSteady: isSteady)
        }
        note([1], stamp(7, 899))
        note([2], stamp(8, 900))
        note([4], stamp(9, 1), isSteady: false)
        note([5], stamp(10, 1), .directory)
        #expect(pass.has([1], stamp(7, 899)))
        #expect(!pass.has([1], stamp(7, 898)) && !pass.has([1], stamp(6, 899)))
        #expect(!pass.has([3], stamp(7, 899)))
        // Within what times are not exact to.
        #expect(!pass.has([2], stamp(8, 900)))
        // It went, and is not what is there.
        #expect(!pass.has([4], stamp(9, 1)))
        #expect(Set(pass.paths) == [[1], [2], [4], [5]] && pass.directories == [[5]])
        #expect(pass.isOrdered(at: .init(time: 9_000, lead: 900)))
        #expect(pass.isOrdered(at: .init(time: 9_000, lead: 5_000)))
        #expect(pass.isOrdered(at: .init(time: 9_000, lead: 899)))
        #expect(!pass.isOrdered(at: .init(time: 9_000, lead: 898)))
        #expect(TreePass(began: .now()).isOrdered(at: .now()))
    }

    /// Of what cannot all be kept in mind nothing is left out.
    @Test func aVolumeOfTooManyNamesGoesWhole() async throws {
        try await withWays(1, isAged: false) { ways, driver in
            var pass = TreePass(began: .now(), most: 300)
            let carriage = try Carriage(isCompressed: false)
            var sender = TreeSender()
            #expect(
                try await !sender.send(
                    ways[0].source, noting: &pass, into: carriage.append))
        }
    }

    // MARK: -

    private func withWays(
        _ count: UInt64, isAged: Bool = true, _ body: ([Way], PodmanDriver) async throws -> Void
    ) async throws {
        let place = FileManager.default.temporaryDirectory.path() + "huddle-passes-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: place) }
        let driver = try PodmanDriver(socket: place + "/nowhere", histories: place + "/logs")
        var ways: [Way] = []
        for seed in 0..<count {
            let (source, target) = ("\(place)/\(seed)/source", "\(place)/\(seed)/target")
            for directory in [source + "/grove", target] { try HostFile.makeDirectory(directory) }
            try HostFile.replace(
                source + "/still", with: [UInt8](repeating: 7, count: Self.still), lasting: false)
            var grove = Grove(at: source + "/grove", seed: seed)
            try grove.grow(40)
            ways.append(Way(seed: seed, source: source, target: target, grove: grove))
        }
        if isAged { try await Task.sleep(for: Self.age) }
        try await body(ways, driver)
    }

    /// How many bytes the first pass took.
    private func first(
        _ way: Way, _ pass: inout TreePass, by driver: PodmanDriver
    ) async throws -> Int {
        let carriage = try Carriage(isCompressed: false)
        var sender = TreeSender()
        #expect(try await sender.send(way.source, noting: &pass, into: carriage.append))
        return try await arrive(carriage, way, by: driver)
    }

    /// How many bytes the second pass took; the target has what the source has then.
    private func second(
        _ way: Way, _ pass: TreePass, by driver: PodmanDriver
    ) async throws -> Int {
        let survey = try #require(try await TreeSurvey(of: way.source, since: pass))
        let names = try Carriage(isCompressed: false)
        try await TransferFrame.write(data: survey.names.bytes, into: names.append)
        try await names.append(TransferFrame.endOfEntry.bytes)
        var reader = TransferReader()
        try await HostFile.prune(
            way.target, keeping: TreeNames(&reader, from: names.next).kinds)
        let carriage = try Carriage(isCompressed: false)
        var sender = TreeSender()
        try await sender.send(
            way.source, survey, changedSince: pass, into: carriage.append)
        let count = try await arrive(carriage, way, by: driver)
        let (here, there) = (
            try Grove.contents(of: way.source), try Grove.contents(of: way.target)
        )
        for path in Set(here.keys).union(there.keys).sorted() where here[path] != there[path] {
            Issue.record(
                "seed \(way.seed): \(path) is \(there[path] ?? "missing") and should be \(here[path] ?? "gone")"
            )
        }
        return count
    }

    private func arrive(
        _ carriage: Carriage, _ way: Way, by driver: PodmanDriver
    ) async throws -> Int {
        let count = carriage.count
        try await carriage.append(TransferFrame.endOfEntry.bytes)
        var reader = TransferReader()
        try await driver.unpack(
            &reader, into: way.target, by: PodmanDriver.passOptions, from: carriage.next)
        return count
    }
}
