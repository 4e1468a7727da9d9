import ClusterModel
import HostIO
import Ports
import Testing

@testable import Drivers

/// Where archives of checkpoints wait: in memory while there is room, on disk otherwise.
@Suite final class CheckpointAreaTests {
    private let place = "/tmp/huddle-test-area-\(UInt32.random(in: 0...UInt32.max))"

    deinit { try? HostFile.remove(place) }

    /// What a file system gives out.
    private static let page = Int(ProcessMemory.page)

    /// In memory so many pages.
    private func area(
        pages: Int, diskReserve: Bytes = .zero, mostFiles: Int = 100
    ) -> CheckpointArea {
        CheckpointArea(
            directory: place + "/memory", overflow: place + "/disk",
            bound: Bytes(UInt64(pages * Self.page)), diskReserve: diskReserve,
            mostFiles: mostFiles)
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

    /// That one of so many pages is in memory, and one with a byte more is not.
    private func expectLeft(
        _ pages: Int, in area: CheckpointArea, _ location: SourceLocation = #_sourceLocation
    ) async throws(DriverFailure) {
        let count = UInt64(pages * Self.page)
        let (fits, overflows) = (
            try await place(of: count, in: area), try await place(of: count + 1, in: area)
        )
        #expect(fits == area.directory, sourceLocation: location)
        #expect(overflows == area.overflow, sourceLocation: location)
    }

    @Test func whatDoesNotFitInMemoryIsOnDisk() async throws {
        let (area, six) = (area(pages: 10), 6 * Self.page)
        try await write(six, to: "first-0", in: area)
        // What is there already counts.
        try await write(six, to: "second-0", in: area)
        #expect(try HostFile.names(in: area.directory) == ["first-0.kept"])
        #expect(try HostFile.names(in: area.overflow) == ["second-0.kept"])
        for container in ["first-0", "second-0"] {
            #expect(area.has(.kept, of: container))
            #expect(try area.size(.kept, of: container) == Bytes(UInt64(six)))
            #expect(try await area.open(.kept, of: container).next()?.count == six)
            try await area.clear(container)
            #expect(!area.has(.kept, of: container))
        }
        #expect(try HostFile.names(in: area.directory) + HostFile.names(in: area.overflow) == [])
    }

    /// What is promised and not written yet is nobody else's; what is written counts once.
    @Test func twoThatBeginAtOnceDoNotCountOnTheSameRoom() async throws {
        let area = area(pages: 10)
        let (five, six) = (5 * Self.page, Bytes(UInt64(6 * Self.page)))
        try await area.withRoom(for: six, of: "first-0") { (first) async throws(DriverFailure) in
            #expect(first.directory == area.directory)
            try await expectLeft(4, in: area)
            try await write(five, in: first)
            try await expectLeft(4, in: area)
        }
        // It is done, and was smaller.
        try await expectLeft(5, in: area)
        try await area.clear("first-0")
        await #expect(throws: DriverFailure.self) {
            try await area.withRoom(for: six, of: "failing-0") { (_) async throws(DriverFailure) in
                throw DriverFailure(.refused, "it cannot be written down")
            }
        }
        try await expectLeft(10, in: area)
    }

    @Test func oneThatIsLargerThanWasExpectedTakesOnlyWhatNobodyWasPromised() async throws {
        let (area, page) = (area(pages: 10), Self.page)
        let six = Bytes(UInt64(6 * page))
        try await area.withRoom(for: Bytes(100), of: "growing-0") {
            (growing) async throws(DriverFailure) in
            try await area.withRoom(for: six, of: "other-0") {
                (other) async throws(DriverFailure) in
                let failure = await #expect(throws: DriverFailure.self) {
                    try await write(4 * page + 1, in: growing)
                }
                #expect(failure?.code == .exhausted)
                try await write(4 * page, in: growing)
                try await write(6 * page, in: other)
            }
        }
        #expect(try HostFile.names(in: area.directory) == ["growing-0.kept", "other-0.kept"])
        // And of the disk, where that is what there is.
        let full = self.area(pages: 0, diskReserve: Bytes(.max))
        await #expect(throws: DriverFailure.self) { try await write(1, to: "none-0", in: full) }
    }

    /// Images count as the files that they are, and go with all else of their container.
    @Test func imagesHaveTheirRoomAndTheirName() async throws {
        let (area, page) = (area(pages: 10), Self.page)
        try await writeImages([100, 4 * page], expecting: 5 * page, in: area)
        let images = try #require(area.images(.adoptedImages(Generation(3)), of: "many-0"))
        #expect(try images.size == Bytes(UInt64(100 + 4 * page)))
        #expect(try HostFile.names(in: images.directory) == ["0.img", "1.img"])
        #expect(try HostFile.read("\(images.directory)/0.img").count == 100)
        #expect(area.images(.adoptedImages(Generation(4)), of: "many-0") == nil)
        // The directory is one, too.
        try await expectLeft(4, in: area)
        try await area.clear("many-0")
        #expect(try HostFile.names(in: area.directory) == [])
    }

    /// Images of so many bytes each, as they come from another host that says how much all of them have.
    private func writeImages(
        _ sizes: [Int], saying said: Int? = nil, expecting expected: Int = 0,
        in area: CheckpointArea
    ) async throws(DriverFailure) {
        let generation = Generation(3)
        try await area.withRoom(for: Bytes(UInt64(said ?? expected)), of: "many-0") {
            (room) async throws(DriverFailure) in
            let bounded = said.map { room.holding(Bytes(UInt64($0))) } ?? room
            try await area.writeImages(.adoptedImages(generation), in: bounded) {
                (directory, writer) async throws(DriverFailure) in
                for (number, count) in sizes.enumerated() {
                    try await writer.begin("\(directory)/\(number).img")
                    try await writer.append([UInt8](repeating: 7, count: count))
                }
            }
        }
    }

    @Test(
        "many files are no way around the bound, however little is in them", arguments: [0, 1, 60])
    func tinyImages(count: Int) async throws {
        let area = area(pages: 10, diskReserve: Bytes(.max))
        let failure = await #expect(throws: DriverFailure.self) {
            try await writeImages([Int](repeating: count, count: 20), saying: 20 * count, in: area)
        }
        #expect(failure?.code == .exhausted)
        #expect(failure?.cause?.hasSuffix(" in 10 files") == true, "\(failure.debugDescription)")
        #expect(try HostFile.names(in: area.directory) == [])
        try await writeImages([Int](repeating: count, count: 9), saying: 9 * count, in: area)
        try await area.clear("many-0")
    }

    @Test func moreFilesThanACheckpointHasAreRefused() async throws {
        let area = area(pages: 1_000, mostFiles: 20)
        let failure = await #expect(throws: DriverFailure.self) {
            try await writeImages([Int](repeating: 1, count: 21), saying: 21, in: area)
        }
        #expect(failure?.code == .refused)
        #expect(failure?.message == "the checkpoint has more files than a host takes")
        #expect(failure?.cause == "it has more than 20")
        #expect(try HostFile.names(in: area.directory) == [])
        try await writeImages([Int](repeating: 1, count: 20), saying: 20, in: area)
    }

    @Test func imagesLargerThanWasSaidLeaveNothing() async throws {
        let area = area(pages: 10)
        let failure = await #expect(throws: DriverFailure.self) {
            try await writeImages([60, 60], saying: 100, in: area)
        }
        #expect(failure?.code == .exhausted)
        #expect(failure?.cause == "it has more than the 1 MiB that were said")
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
        let area = area(pages: 10)
        let failure = await #expect(throws: DriverFailure.self) {
            try await place(of: .max, in: area)
        }
        #expect(failure?.code == .exhausted)
        #expect(failure?.cause?.hasPrefix("it has about 17592186044416 MiB; ") == true)
    }

    @Test func newCheckpointBeginsWithNothingOfOneBefore() async throws {
        let area = area(pages: 10)
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
        let area = area(pages: 10, diskReserve: Bytes(.max))
        let count = UInt64(10 * Self.page + 1)
        let failure = await #expect(throws: DriverFailure.self) {
            try await place(of: count, in: area)
        }
        #expect(failure?.code == .exhausted)
        let words = failure?.cause ?? ""
        #expect(words.contains(area.directory) && words.contains(area.overflow), "\(words)")
    }

    @Test func oneThatIsLargerThanWasSaidLeavesNothing() async throws {
        for pages in [0, 256] {
            let area = area(pages: pages)
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
