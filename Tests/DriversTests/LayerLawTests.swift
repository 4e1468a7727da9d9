import ClusterModel
import FoundationEssentials
import Glibc
import HostIO
import Ports
import Synchronization
import Testing

@testable import Drivers

/// Whatever a program does to its image's files, also between the two passes, its target has above the same image what its source
/// has: over real overlays, unpacked in the way that Podman does it.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"] != nil && geteuid() == 0,
        "HUDDLE_TEST_PYTHON names no python, or only root may mount"), .timeLimit(.minutes(5)))
struct LayerLawTests {
    /// One container at both ends, above one image.
    private struct Way: Sendable {
        let seed: UInt64
        let place: String
        let layer: ContainerLayer
        var grove: Grove

        /// What its program sees, at the source and at the target.
        var source: String { place + "/source" }
        var target: String { place + "/target" }
    }

    /// Bytes of a file that nobody touches.
    private static let still = 256 << 10
    private static let slack: Int64 = 1_000_000_000
    private static let age = Duration.nanoseconds(slack) + .milliseconds(100)

    @Test func whatIsDoneBetweenThePassesIsThere() async throws {
        try await withWays(60) { ways in
            try await Task.sleep(for: Self.age)
            var (twice, sizes) = (0, (first: 0, second: 0))
            for var way in ways {
                var pass = TreePass(began: .now(), slack: Self.slack)
                let first = try await ahead(of: way, &pass)
                try way.grove.grow(Int(way.seed) / 2)
                guard let rest = try await changes(of: way, since: pass) else {
                    try await whole(way)
                    continue
                }
                twice += 1
                sizes.first += first.count
                sizes.second += rest.archive.count
                try await unpack(first + rest.archive, rest.deletions, of: way)
            }
            // Else a directory had become something else.
            #expect(twice > ways.count / 3, "\(twice) of \(ways.count)")
            // What was left alone did not go again.
            #expect(sizes.first > Self.still * twice)
            #expect(sizes.second < Self.still * twice / 2)
        }
    }

    /// Directories change places, and with links, under the eyes of whoever reads.
    @Test func whatIsDoneDuringTheFirstPassIsThere() async throws {
        try await withWays(30) { ways in
            try await Task.sleep(for: Self.age)
            var twice = 0
            for way in ways {
                var pass = TreePass(began: .now(), slack: Self.slack)
                let count = Mutex(0)
                let shuffling = Task {
                    var grove = way.grove
                    while !Task.isCancelled {
                        try grove.shuffle()
                        count.withLock { $0 += 1 }
                        await Task.yield()
                    }
                }
                while count.withLock({ $0 }) == 0 { await Task.yield() }
                var first: [UInt8] = []
                let read = await outcome { first = try await ahead(of: way, &pass) }
                shuffling.cancel()
                try await shuffling.value
                try read.get()
                guard let rest = try await changes(of: way, since: pass) else {
                    try await whole(way)
                    continue
                }
                twice += 1
                try await unpack(first + rest.archive, rest.deletions, of: way)
            }
            #expect(twice > 0)
        }
    }

    /// As it stands in the archive of a checkpoint, for whoever has nothing of it.
    @Test func whatGoesWholeIsThere() async throws {
        try await withWays(60) { ways in
            for way in ways { try await whole(way) }
        }
    }

    /// Overlay's own notes stay where they are, and so does a host's label; what the program set goes.
    @Test func attributesOfTheInstanceGo() {
        func entry(_ names: [String]) -> TreeEntry {
            TreeEntry(
                path: [97], kind: .directory,
                stamp: .init(file: .init(device: 0, inode: 0), changed: 0), mode: 0o755,
                modified: .init(seconds: 0, nanoseconds: 0),
                attributes: names.map { .init(name: Array($0.utf8), value: [121]) })
        }
        let theirs = ["user.note", "security.capability", "system.posix_acl_access"]
        let all = entry(
            theirs + [
                "trusted.overlay.opaque", "trusted.overlay.overlay.opaque", "security.selinux",
                "trusted.overlay.origin", "user.overlay.opaque",
            ])
        // An overlay within the container has its own, too.
        #expect(
            ContainerLayer.seen(all)
                == entry(theirs + ["trusted.overlay.opaque", "user.overlay.opaque"]))
        #expect(ContainerLayer.seenAhead(all) == entry([]))
        #expect(ContainerLayer.isOpaque(all) && !ContainerLayer.isOpaque(entry(theirs)))
        #expect(!ContainerLayer.isOpaque(entry(["user.overlay.opaque"])))
    }

    /// An overlay that was mounted otherwise before has left notes that are followed for good.
    @Test func aLayerWithNotesOfItsOwnIsPodmans() async throws {
        try await withWays(2) { ways in
            for (way, note) in zip(ways, ["trusted.overlay.redirect", "trusted.overlay.metacopy"]) {
                #expect(await way.layer.look() == .readable)
                let python = try #require(
                    ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"])
                try await runTool([
                    python, "-c", "import os, sys; os.setxattr(sys.argv[1], sys.argv[2], b'/x')",
                    way.layer.upper + "/grove", note,
                ])
                #expect(await way.layer.look() == .foreign)
            }
        }
    }

    /// Podman refuses a link that the kernel ends at the root; in a first pass it may be there for a moment.
    @Test func aLinkThatLeadsOutIsFoundBefore() async throws {
        try await withWays(1) { ways in
            let way = ways[0]
            for fine in ["/etc/../a", "../a", "../x/../source", "b/.."] {
                try FileManager.default.createSymbolicLink(
                    atPath: way.source + "/grove/fine-\(UUID())", withDestinationPath: fine)
            }
            #expect(await way.layer.look() == .readable)
            try FileManager.default.createSymbolicLink(
                atPath: way.source + "/grove/out", withDestinationPath: "../x/../../usr")
            #expect(await way.layer.look() == .unpackable("/grove/out"))
            try HostFile.remove(way.source + "/grove/out")
            // To Podman it begins in the link's own directory.
            try FileManager.default.createSymbolicLink(
                atPath: way.source + "/grove/out", withDestinationPath: "/../../usr")
            #expect(await way.layer.look() == .unpackable("/grove/out"))
            var pass = TreePass(began: .now(), slack: Self.slack)
            let first = try await ahead(of: way, &pass)
            #expect(!pass.paths.contains(Array("grove/out".utf8)))
            try HostFile.remove(way.source + "/grove/out")
            let rest = try #require(try await changes(of: way, since: pass))
            try await unpack(first + rest.archive, rest.deletions, of: way)
        }
    }

    /// What is in a directory does not inherit an access list that it had not, nor loses the directory its own.
    @Test func attributesAreThoseOfTheSource() async throws {
        try await withWays(2) { ways in
            let python = try #require(ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"])
            for way in ways {
                // rwx for user 1234 on whatever is made in it; as the kernel writes it down.
                let script = """
                    import os, struct, sys
                    root = sys.argv[1]
                    os.mkdir(root + "/shared")
                    open(root + "/secret", "w").close()
                    os.chmod(root + "/secret", 0o640)
                    os.rename(root + "/secret", root + "/shared/secret")
                    rows = [(1, 7, -1), (2, 7, 1234), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
                    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *row) for row in rows)
                    os.setxattr(root + "/shared", "system.posix_acl_default", value)
                    os.setxattr(root + "/shared/secret", "user.note", b"a\\0b")
                    """
                try await runTool([python, "-c", script, way.source])
                if way.seed == 0 {
                    try await whole(way)
                } else {
                    var pass = TreePass(began: .now(), slack: Self.slack)
                    let first = try await ahead(of: way, &pass)
                    let rest = try #require(try await changes(of: way, since: pass))
                    try await unpack(first + rest.archive, rest.deletions, of: way)
                }
                let (here, there) = (
                    try await Grove.attributes(below: way.source),
                    try await Grove.attributes(below: way.target)
                )
                #expect(here == there)
                #expect(here["shared"]?.count == 1 && here["shared/secret"]?.count == 1)
            }
        }
    }

    @Test func onlyAPlainOverlayIsReadSo() {
        func root(_ type: String, _ options: String) -> String {
            """
            30 29 0:25 / / rw,relatime shared:1 - ext4 /dev/vda rw
            90 30 0:41 / / rw,relatime - \(type) overlay rw,lowerdir=/l,upperdir=/u\(options)
            91 90 0:42 / /proc rw,nosuid - proc proc rw,metacopy=on
            """
        }
        #expect(ContainerLayer.isPlain(mountsOfProcess: root("overlay", ",workdir=/w,uuid=on")))
        #expect(ContainerLayer.isPlain(mountsOfProcess: root("overlay", ",redirect_dir=nofollow")))
        #expect(!ContainerLayer.isPlain(mountsOfProcess: root("overlay", ",metacopy=on")))
        #expect(!ContainerLayer.isPlain(mountsOfProcess: root("overlay", ",redirect_dir=on,a")))
        #expect(!ContainerLayer.isPlain(mountsOfProcess: root("overlay", ",userxattr")))
        #expect(!ContainerLayer.isPlain(mountsOfProcess: root("fuse.fuse-overlayfs", "")))
        #expect(!ContainerLayer.isPlain(mountsOfProcess: ""))
    }

    // MARK: -

    private func withWays(
        _ count: UInt64, _ body: @escaping @Sendable ([Way]) async throws -> Void
    ) async throws {
        let place = FileManager.default.temporaryDirectory.path() + "huddle-layers-\(UUID())"
        let made = Mutex<[String]>([])
        let result = await outcome {
            var ways: [Way] = []
            for seed in 0..<count {
                ways.append(
                    try await way(seed, at: "\(place)/\(seed)") { path in
                        made.withLock { $0.append(path) }
                    })
            }
            try await body(ways)
        }
        // Also when the test's time is over and its task cancelled.
        let still = await Task {
            var still: [String] = []
            for path in made.withLock({ $0 }) {
                do { try await runTool(["umount", path]) } catch { still.append(path) }
            }
            return still
        }.value
        // Never what is in one that is still mounted.
        #expect(still == [])
        if still.isEmpty { try FileManager.default.removeItem(atPath: place) }
        try result.get()
    }

    private func way(
        _ seed: UInt64, at place: String, mounted: (String) -> Void
    ) async throws -> Way {
        let lower = [1, 0].map { "\(place)/image-\($0)" }
        // A layer of an image has its own whiteouts, too.
        for (number, path) in lower.reversed().enumerated() {
            try HostFile.makeDirectory(path + "/grove")
            if number == 0 {
                var grove = Grove(at: path + "/grove", seed: seed)
                try grove.grow(30)
            } else {
                try await mount(lower[1], path, at: place + "/building")
                mounted(place + "/building")
                var grove = Grove(at: place + "/building/grove", seed: seed + 1_000)
                try grove.grow(15)
            }
        }
        let layer = ContainerLayer(upper: place + "/upper", lower: lower)
        for (name, upper) in [("source", layer.upper), ("target", place + "/other")] {
            try await mount(lower.joined(separator: ":"), upper, at: "\(place)/\(name)")
            mounted("\(place)/\(name)")
        }
        try HostFile.replace(
            place + "/source/still", with: [UInt8](repeating: 7, count: Self.still),
            lasting: false)
        var grove = Grove(at: place + "/source/grove", seed: seed + 2_000)
        try grove.grow(20)
        return Way(seed: seed, place: place, layer: layer, grove: grove)
    }

    private func mount(_ lower: String, _ upper: String, at path: String) async throws {
        for directory in [upper, upper + "-work", path] { try HostFile.makeDirectory(directory) }
        let options = "lowerdir=\(lower),upperdir=\(upper),workdir=\(upper)-work"
        try await runTool(["mount", "-t", "overlay", "-o", options, "overlay", path])
    }

    /// What goes while the program runs.
    private func ahead(of way: Way, _ pass: inout TreePass) async throws -> [UInt8] {
        var sender = TreeSender(seeing: ContainerLayer.seenAhead, ends: false)
        let carriage = try Carriage(isCompressed: false)
        #expect(try await sender.send(way.layer.upper, noting: &pass, into: carriage.append))
        return try await content(of: carriage)
    }

    private func changes(
        of way: Way, since pass: TreePass
    ) async throws -> (archive: [UInt8], deletions: [String])? {
        let survey = try await LayerSurvey(of: way.layer, since: pass)
        guard let deletions = survey.deletions(after: pass) else { return nil }
        var sender = TreeSender.ofLayer()
        let carriage = try Carriage(isCompressed: false)
        try await sender.send(
            way.layer.upper, survey.tree, changedSince: pass, into: carriage.append)
        return (try await content(of: carriage), deletions)
    }

    /// Sends it as one, and looks for it in what an archive would have.
    private func whole(_ way: Way) async throws {
        let layer = try await LayerInArchive(way.layer)
        let carriage = try Carriage(isCompressed: false)
        try await layer.send(into: carriage.append)
        let archive = try await content(of: carriage)
        #expect(layer.size == Bytes(UInt64(archive.count)))
        func part(_ name: String) async throws -> [UInt8] {
            let outcome = try await Tool.run(
                "/usr/bin/env", ["tar", "-xOf", "-", name], input: archive + TreeArchive.end)
            try #require(outcome.status.isSuccess, "\(outcome.complaint)")
            return Array(outcome.output)
        }
        let list = try JSONDecoder().decode(
            [String].self, from: Data(try await part(PodmanDriver.deletionsFile)))
        try await unpack(
            try await part(PodmanDriver.layerFile), list, of: way)
    }

    private func content(of carriage: Carriage) async throws -> [UInt8] {
        try await carriage.append(TransferFrame.endOfEntry.bytes)
        var reader = TransferReader()
        var content: [UInt8] = []
        while let frame = try await reader.nextButEnd(carriage.next) {
            if case .data(let bytes) = frame { content += bytes }
        }
        return content
    }

    /// Has it unpacked, and compares what programs see then.
    private func unpack(
        _ archive: [UInt8], _ deletions: [String], of way: Way
    ) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "podman_unpack.py").path()
        let python = try #require(ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"])
        let sent = try LayerDeletions(size: 0, sent: try JSON.encode(deletions))
        let list = String(decoding: try sent.list(), as: UTF8.self)
        let outcome = try await Tool.run(
            python, [script, way.target, list], input: archive)
        try #require(outcome.status.isSuccess, "seed \(way.seed): \(outcome.complaint)")
        let (here, there) = (
            try Grove.contents(of: way.source), try Grove.contents(of: way.target)
        )
        for path in Set(here.keys).union(there.keys).sorted() where here[path] != there[path] {
            Issue.record(
                "seed \(way.seed): \(path) is \(there[path] ?? "missing") and should be \(here[path] ?? "gone")"
            )
        }
    }
}
