import ClusterModel
import HostIO
import Ports
import Testing

@testable import Drivers

/// Where archives of checkpoints wait: in memory while there is room, on disk otherwise.
@Suite final class CheckpointAreaTests {
    private let place = "/tmp/huddle-test-area-\(UInt32.random(in: 0...UInt32.max))"

    deinit { try? HostFile.remove(place) }

    private func area(bound: UInt64, diskReserve: Bytes = .zero) -> CheckpointArea {
        CheckpointArea(
            directory: place + "/memory", overflow: place + "/disk", bound: Bytes(bound),
            diskReserve: diskReserve)
    }

    private func write(_ count: Int, to container: String, in area: CheckpointArea) async throws {
        let room = try area.room(for: Bytes(UInt64(count)))
        try await area.write(.kept, of: container, in: room) {
            (writer) async throws(DriverFailure) in
            try await writer.append([UInt8](repeating: 7, count: count))
        }
    }

    @Test func whatDoesNotFitInMemoryIsOnDisk() async throws {
        let area = area(bound: 1000)
        try await write(600, to: "first-0", in: area)
        // What is there already counts.
        try await write(600, to: "second-0", in: area)
        #expect(try HostFile.names(in: area.directory) == ["first-0.kept"])
        #expect(try HostFile.names(in: area.overflow) == ["second-0.kept"])
        for container in ["first-0", "second-0"] {
            #expect(area.has(.kept, of: container))
            #expect(try area.size(.kept, of: container) == Bytes(600))
            #expect(try await area.open(.kept, of: container).next()?.count == 600)
            try await area.clear(container)
            #expect(!area.has(.kept, of: container))
        }
        #expect(try HostFile.names(in: area.directory) + HostFile.names(in: area.overflow) == [])
    }

    /// Images count as the files that they are, and go with all else of their container.
    @Test func imagesHaveTheirRoomAndTheirName() async throws {
        let area = area(bound: 1000)
        let room = try area.room(for: Bytes(600))
        try await area.writeImages(.adoptedImages(Generation(3)), of: "many-0", in: room) {
            (directory, writer) async throws(DriverFailure) in
            for (name, count) in [("core-1.img", 100), ("pages-1.img", 500)] {
                try await writer.begin("\(directory)/\(name)")
                try await writer.append([UInt8](repeating: 7, count: count))
            }
        }
        let images = try #require(area.images(.adoptedImages(Generation(3)), of: "many-0"))
        #expect(try images.size == Bytes(600))
        #expect(try HostFile.names(in: images.directory) == ["core-1.img", "pages-1.img"])
        #expect(try HostFile.read("\(images.directory)/core-1.img").count == 100)
        #expect(area.images(.adoptedImages(Generation(4)), of: "many-0") == nil)
        try await write(600, to: "second-0", in: area)
        #expect(try HostFile.names(in: area.overflow) == ["second-0.kept"])
        try await area.clear("many-0")
        #expect(try HostFile.names(in: area.directory) == [])
    }

    @Test func imagesLargerThanWasSaidLeaveNothing() async throws {
        let area = area(bound: 1000)
        let room = try area.room(for: Bytes(100)).holding(Bytes(100))
        let failure = await #expect(throws: DriverFailure.self) {
            try await area.writeImages(.adoptedImages(Generation(3)), of: "much-0", in: room) {
                (directory, writer) async throws(DriverFailure) in
                for name in ["core-1.img", "pages-1.img"] {
                    try await writer.begin("\(directory)/\(name)")
                    try await writer.append([UInt8](repeating: 7, count: 60))
                }
            }
        }
        #expect(failure?.code == .exhausted)
        #expect(try HostFile.names(in: area.directory) == [])
    }

    @Test(
        "the name of an image is one of this directory",
        arguments: [
            ("pages-1.img", true), ("tmpfs-dev-71.tar.gz.img", true), ("descriptors.json", true),
            ("", false), ("..", false), (".hidden", false), ("a/b", false), ("a\0b", false),
        ])
    func namesOfImages(_ name: String, _ isOne: Bool) {
        #expect(CheckpointEntry.file("image:\(name)") == (isOne ? name : nil))
        #expect(CheckpointEntry.file(name) == nil)
    }

    /// GNU tar reads what was made for Podman's.
    @Test func linkIsReadByTar() async throws {
        try HostFile.makeDirectory(place)
        for target in ["/short", "/" + String(repeating: "long/", count: 40) + "end"] {
            let end = [UInt8](repeating: 0, count: 2 * TarRewriter.block)
            try HostFile.replace(
                place + "/link.tar", with: TarRewriter.link("checkpoint", to: target) + end)
            let listing = try await Tool.run(
                "/usr/bin/env", ["tar", "-tvf", place + "/link.tar"])
            #expect(listing.status.isSuccess, "\(listing.complaint)")
            #expect(listing.text.hasSuffix(" checkpoint -> \(target)\n"), "\(listing.text)")
        }
    }

    /// Each is short, and no entry ever follows.
    @Test func headersWithoutEndAreRefused() throws {
        let target = String(repeating: "long/", count: 40)
        let header = Array(TarRewriter.link("checkpoint", to: target).prefix(1_024))
        var archive = TarRewriter(judging: { _ in .pass })
        #expect(throws: DriverFailure.self) {
            for _ in 0...(Int(TarRewriter.held) / header.count) { _ = try archive.append(header) }
        }
    }

    /// Another host may say what it likes.
    @Test func sizeBeyondAllIsRefusedInWords() throws {
        let area = area(bound: 1000)
        let failure = #expect(throws: DriverFailure.self) { try area.room(for: Bytes(.max)) }
        #expect(failure?.code == .exhausted)
        #expect(failure?.cause?.hasPrefix("it has about 17592186044416 MiB; ") == true)
    }

    @Test func newCheckpointBeginsWithNothingOfOneBefore() async throws {
        let area = area(bound: 1000)
        try await write(100, to: "again-0", in: area)
        try area.note(.useless, of: "again-0")
        try HostFile.makeDirectory(place + "/podman")
        try await area.placeImages(
            of: "again-0", for: place + "/podman", in: try area.room(for: Bytes(100)))
        #expect(!area.has(.kept, of: "again-0") && !area.has(.useless, of: "again-0"))
        #expect(try HostFile.names(in: area.directory) == ["again-0.kept.images"])
    }

    @Test func whereThereIsNoRoomBothAreNamed() throws {
        let area = area(bound: 1000, diskReserve: Bytes(.max))
        let failure = #expect(throws: DriverFailure.self) { try area.room(for: Bytes(1001)) }
        #expect(failure?.code == .exhausted)
        let words = failure?.cause ?? ""
        #expect(words.contains(area.directory) && words.contains(area.overflow), "\(words)")
    }

    @Test func oneThatIsLargerThanWasSaidLeavesNothing() async throws {
        for bound: UInt64 in [0, 1 << 20] {
            let area = area(bound: bound)
            let room = try area.room(for: Bytes(100)).holding(Bytes(100))
            let failure = await #expect(throws: DriverFailure.self) {
                try await area.write(.adopted(Generation(3)), of: "much-0", in: room) {
                    (writer) async throws(DriverFailure) in
                    try await writer.append([UInt8](repeating: 7, count: 60))
                    try await writer.append([UInt8](repeating: 7, count: 60))
                }
            }
            #expect(failure?.code == .exhausted)
            #expect(
                try HostFile.names(in: area.directory) + HostFile.names(in: area.overflow) == [])
        }
    }
}
