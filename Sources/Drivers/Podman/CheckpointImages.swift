import ClusterModel
import HostIO
import Ports

/// What CRIU wrote of an instance's processes: plain files in one directory, the memory of each process one of them.
///
/// Podman keeps it in its own directory of the container and packs it with all else into one archive, which is written,
/// read, sent and unpacked one after the other, each time the whole of the memory. So Podman's directory is a link to
/// this one: CRIU writes and reads through it, and an archive has the link alone.
struct CheckpointImages: Hashable, Sendable {
    let directory: String

    /// Name of the link within Podman's directory of a container, and within its archive.
    static let link = "checkpoint"
    /// The last that CRIU writes.
    static let inventory = "inventory.img"

    /// Bytes of all of them, or of the file itself where this is none of a directory.
    var size: Bytes {
        get throws(FileFailure) {
            guard !HostFile.isPlain(directory) else {
                return Bytes(HostFile.status(of: directory)?.size ?? 0)
            }
            return try HostFile.names(in: directory).reduce(Bytes.zero) { sum, name in
                sum + Bytes(HostFile.status(of: "\(directory)/\(name)")?.size ?? 0)
            }
        }
    }

    /// What they take of a file system, which gives out whole pages.
    var taken: Bytes {
        get throws(FileFailure) {
            guard !HostFile.isPlain(directory) else { return try Self.taken(byFileOf: size) }
            return try HostFile.names(in: directory).reduce(Self.taken(byFileOf: .zero)) {
                let size = HostFile.status(of: "\(directory)/\($1)")?.size ?? 0
                return $0 + Self.taken(byFileOf: Bytes(size))
            }
        }
    }

    /// What a file takes that has so much content; one without any has a name and an owner all the same.
    static func taken(byFileOf content: Bytes) -> Bytes {
        let page = ProcessMemory.page
        return Bytes(max(1, (content + Bytes(page - 1)).count / page) * page)
    }

    /// Whether a file of another host may be called so here.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && name.first != "."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

extension CheckpointArea {
    /// Has Podman's directory of the container lead CRIU to an empty one here.
    func placeImages(for directory: String?, in room: Room) async throws(DriverFailure) {
        guard let directory else {
            throw DriverFailure(.unsupported, "Podman does not say where it keeps a container")
        }
        // What an earlier checkpoint left says nothing of this one, and must not be taken for it.
        try await clear(room.container)
        let images = "\(room.directory)/\(name(.keptImages, of: room.container))"
        do throws(FileFailure) {
            try HostFile.makeDirectory(images)
            try await HostFile.lead("\(directory)/\(CheckpointImages.link)", to: images)
        } catch {
            throw DriverFailure(area: error)
        }
    }

    /// Fails where CRIU wrote its images elsewhere than it was led to.
    func requireImages(of container: String) throws(DriverFailure) {
        let images = file(.keptImages, of: container)
        guard HostFile.exists("\(images)/\(CheckpointImages.inventory)") else {
            throw DriverFailure(
                .unsupported, "this Podman does not keep checkpoints where it is led to",
                cause: "there is no \(CheckpointImages.inventory) in \(images)")
        }
    }

    /// The images that are here; `nil` when there are none.
    func images(_ role: Role, of container: String) -> CheckpointImages? {
        has(role, of: container) ? CheckpointImages(directory: file(role, of: container)) : nil
    }

    /// Writes images piece by piece into a directory that has its own name once all of them are there.
    func writeImages(
        _ role: Role, in room: Room,
        _ produce: (String, Writer) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let path = "\(room.directory)/\(name(role, of: room.container))"
        let part = path + ".part"
        do throws(DriverFailure) {
            try await erase(part)
            try attempt { () throws(FileFailure) in try HostFile.makeDirectory(part) }
            let writer = try Writer(room)
            try await produce(part, writer)
            try await writer.end()
            try attempt { () throws(FileFailure) in try HostFile.move(part, to: path) }
        } catch {
            try? await erase(part)
            throw error
        }
    }
}
