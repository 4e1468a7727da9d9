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
        try await area.withRoom(for: Bytes(UInt64(count)), of: container) {
            (room) async throws(DriverFailure) in
            try await write(count, in: room)
        }
    }

    private func write(
        _ count: Int, in room: CheckpointArea.Room
    ) async throws(DriverFailure) {
        try await room.area.write(.kept, in: room) { (writer) async throws(DriverFailure) in
            try await writer.append([UInt8](repeating: 7, count: count))
        }
    }

    /// Where a checkpoint of so many bytes would be now.
    private func place(
        of count: UInt64, in area: CheckpointArea
    ) async throws(DriverFailure) -> String {
        try await area.withRoom(for: Bytes(count), of: "asking-0") {
            (room) async throws(DriverFailure) in
            room.directory
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

    /// What is promised and not written yet is nobody else's; what is written counts once.
    @Test func twoThatBeginAtOnceDoNotCountOnTheSameRoom() async throws {
        let area = area(bound: 1000)
        try await area.withRoom(for: Bytes(600), of: "first-0") {
            (first) async throws(DriverFailure) in
            #expect(first.directory == area.directory)
            #expect(try await place(of: 400, in: area) == area.directory)
            #expect(try await place(of: 401, in: area) == area.overflow)
            try await write(500, in: first)
            #expect(try await place(of: 400, in: area) == area.directory)
            #expect(try await place(of: 401, in: area) == area.overflow)
        }
        // It is done, and was smaller.
        #expect(try await place(of: 500, in: area) == area.directory)
        #expect(try await place(of: 501, in: area) == area.overflow)
        try await area.clear("first-0")
        await #expect(throws: DriverFailure.self) {
            try await area.withRoom(for: Bytes(1000), of: "failing-0") {
                (_) async throws(DriverFailure) in
                throw DriverFailure(.refused, "it cannot be written down")
            }
        }
        #expect(try await place(of: 1000, in: area) == area.directory)
    }

    @Test func oneThatIsLargerThanWasExpectedTakesOnlyWhatNobodyWasPromised() async throws {
        let area = area(bound: 1000)
        try await area.withRoom(for: Bytes(100), of: "growing-0") {
            (growing) async throws(DriverFailure) in
            try await area.withRoom(for: Bytes(600), of: "other-0") {
                (other) async throws(DriverFailure) in
                let failure = await #expect(throws: DriverFailure.self) {
                    try await write(401, in: growing)
                }
                #expect(failure?.code == .exhausted)
                try await write(400, in: growing)
                try await write(600, in: other)
            }
        }
        #expect(try HostFile.names(in: area.directory) == ["growing-0.kept", "other-0.kept"])
        // And of the disk, where that is what there is.
        let full = self.area(bound: 0, diskReserve: Bytes(.max))
        await #expect(throws: DriverFailure.self) { try await write(1, to: "none-0", in: full) }
    }

    /// Images count as the files that they are, and go with all else of their container.
    @Test func imagesHaveTheirRoomAndTheirName() async throws {
        let area = area(bound: 1000)
        try await area.withRoom(for: Bytes(600), of: "many-0") {
            (room) async throws(DriverFailure) in
            try await area.writeImages(.adoptedImages(Generation(3)), in: room) {
                (directory, writer) async throws(DriverFailure) in
                for (name, count) in [("core-1.img", 100), ("pages-1.img", 500)] {
                    try await writer.begin("\(directory)/\(name)")
                    try await writer.append([UInt8](repeating: 7, count: count))
                }
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
        let failure = await #expect(throws: DriverFailure.self) {
            try await area.withRoom(for: Bytes(100), of: "much-0") {
                (room) async throws(DriverFailure) in
                let generation = Generation(3)
                try await area.writeImages(
                    .adoptedImages(generation), in: room.holding(Bytes(100))
                ) { (directory, writer) async throws(DriverFailure) in
                    for name in ["core-1.img", "pages-1.img"] {
                        try await writer.begin("\(directory)/\(name)")
                        try await writer.append([UInt8](repeating: 7, count: 60))
                    }
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
    @Test func sizeBeyondAllIsRefusedInWords() async throws {
        let area = area(bound: 1000)
        let failure = await #expect(throws: DriverFailure.self) {
            try await place(of: .max, in: area)
        }
        #expect(failure?.code == .exhausted)
        #expect(failure?.cause?.hasPrefix("it has about 17592186044416 MiB; ") == true)
    }

    @Test func newCheckpointBeginsWithNothingOfOneBefore() async throws {
        let area = area(bound: 1000)
        try await write(100, to: "again-0", in: area)
        try area.note(.useless, of: "again-0")
        try HostFile.makeDirectory(place + "/podman")
        let podman = place + "/podman"
        try await area.withRoom(for: Bytes(100), of: "again-0") {
            (room) async throws(DriverFailure) in
            try await area.placeImages(for: podman, in: room)
        }
        #expect(!area.has(.kept, of: "again-0") && !area.has(.useless, of: "again-0"))
        #expect(try HostFile.names(in: area.directory) == ["again-0.kept.images"])
    }

    @Test func whereThereIsNoRoomBothAreNamed() async throws {
        let area = area(bound: 1000, diskReserve: Bytes(.max))
        let failure = await #expect(throws: DriverFailure.self) {
            try await place(of: 1001, in: area)
        }
        #expect(failure?.code == .exhausted)
        let words = failure?.cause ?? ""
        #expect(words.contains(area.directory) && words.contains(area.overflow), "\(words)")
    }

    @Test func oneThatIsLargerThanWasSaidLeavesNothing() async throws {
        for bound: UInt64 in [0, 1 << 20] {
            let area = area(bound: bound)
            let failure = await #expect(throws: DriverFailure.self) {
                try await area.withRoom(for: Bytes(100), of: "much-0") {
                    (room) async throws(DriverFailure) in
                    try await area.write(
                        .adopted(Generation(3)), in: room.holding(Bytes(100))
                    ) { (writer) async throws(DriverFailure) in
                        try await writer.append([UInt8](repeating: 7, count: 60))
                        try await writer.append([UInt8](repeating: 7, count: 60))
                    }
                }
            }
            #expect(failure?.code == .exhausted)
            #expect(
                try HostFile.names(in: area.directory) + HostFile.names(in: area.overflow) == [])
        }
    }
}
