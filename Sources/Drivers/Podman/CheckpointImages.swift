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
    /// The same, for a first pass of the memory.
    static let memoryLink = "pre-checkpoint"
    /// The last that CRIU writes.
    static let inventory = "inventory.img"

    /// Name of the link to the images of a first pass, in which the memory is that has not changed since.
    /// - Source: CRIU 4.2, criu/image.c, `open_image_dir`: one that is there already is taken as it is.
    static let parent = "parent"

    /// Names of all of them.
    var files: [String] {
        get throws(FileFailure) {
            try HostFile.names(in: directory).filter { $0 != Self.parent && !$0.hasPrefix(".") }
        }
    }

    /// Has them lead to those of a first pass, wherever these are; there is no moment in which they lead nowhere.
    ///
    /// By a way that begins in this directory: CRIU goes it when it is in the container's root already.
    func lead(to parent: String) async throws(FileFailure) {
        let next = "\(directory)/.\(Self.parent)"
        let here = try HostFile.resolved(directory).split(separator: "/")
        let there = try HostFile.resolved(parent).split(separator: "/")
        let way = here.map { _ in ".." } + there.map(String.init)
        try await HostFile.lead(next, to: way.joined(separator: "/"))
        try HostFile.move(next, to: "\(directory)/\(Self.parent)")
    }

    /// Bytes of all of them, or of the file itself where this is none of a directory.
    var size: Bytes {
        get throws(FileFailure) {
            guard !HostFile.isPlain(directory) else {
                return Bytes(HostFile.status(of: directory)?.size ?? 0)
            }
            return try files.reduce(Bytes.zero) { sum, name in
                sum + Bytes(HostFile.status(of: "\(directory)/\(name)")?.size ?? 0)
            }
        }
    }

    /// What they take of a file system, which gives out whole pages.
    var taken: Bytes {
        get throws(FileFailure) {
            guard !HostFile.isPlain(directory) else { return try Self.taken(byFileOf: size) }
            return try files.reduce(Self.taken(byFileOf: .zero)) {
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
        !name.isEmpty && name.utf8.count <= 255 && name.first != "." && name != parent
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
    ///
    /// - Parameter pass: that of the memory after which only what has changed since is written.
    func placeImages(
        for directory: String?, in room: Room, after pass: String? = nil
    ) async throws(DriverFailure) {
        let directory = try Self.require(directory)
        let container = room.container
        // What an earlier checkpoint left says nothing of this one, and must not be taken for it.
        try await clear(container, sparing: pass.map { [Role.sentMemory($0)] } ?? [])
        let images = try place(.keptImages, in: room)
        do throws(FileFailure) {
            try await HostFile.lead(
                "\(directory)/\(CheckpointImages.link)", to: images.directory)
            guard let pass else { return }
            let memory = file(.sentMemory(pass), of: container)
            // Podman has a look at the one, and CRIU at what Podman tells it, beside the images; nothing is read there.
            // - Source: CRIU 4.2, criu/image.c, `open_image_dir`.
            try HostFile.makeDirectory("\(room.directory)/\(CheckpointImages.memoryLink)")
            try await HostFile.lead("\(directory)/\(CheckpointImages.memoryLink)", to: memory)
            // After a power cut Podman has no container that would go on from it.
            try HostFile.replace(
                "\(overflow)/\(name(.keptAfter, of: container))", with: Array(pass.utf8),
                lasting: false)
            try await images.lead(to: memory)
        } catch {
            throw DriverFailure(area: error)
        }
    }

    /// Has Podman's directory of the container lead CRIU to an empty one here for a first pass of its memory.
    func placeMemory(
        _ pass: String, for directory: String?, in room: Room
    ) async throws(DriverFailure) {
        let directory = try Self.require(directory)
        let images = try place(.sentMemory(pass), in: room)
        do throws(FileFailure) {
            try await HostFile.lead(
                "\(directory)/\(CheckpointImages.memoryLink)", to: images.directory)
        } catch {
            throw DriverFailure(area: error)
        }
    }

    /// Whoever else writes a first pass of the container down is not to do it here.
    func leaveMemory(for directory: String?) throws(DriverFailure) {
        guard let directory else { return }
        try attempt { () throws(FileFailure) in
            try HostFile.remove("\(directory)/\(CheckpointImages.memoryLink)")
        }
    }

    private static func require(_ directory: String?) throws(DriverFailure) -> String {
        guard let directory else {
            throw DriverFailure(.unsupported, "Podman does not say where it keeps a container")
        }
        return directory
    }

    private func place(_ role: Role, in room: Room) throws(DriverFailure) -> CheckpointImages {
        let images = "\(room.directory)/\(name(role, of: room.container))"
        try attempt { () throws(FileFailure) in try HostFile.makeDirectory(images) }
        return CheckpointImages(directory: images)
    }

    /// Has images that were written after a first pass lead to it, as Podman does not leave them.
    ///
    /// - Source: Podman 5.4, libpod/container_internal_common.go, `checkpoint`: the link is made anew, to a directory beside its own.
    func mendParent(of container: String) async throws(DriverFailure) {
        guard let pass = try keptAfter(of: container),
            let images = images(.keptImages, of: container)
        else { return }
        let memory = try memory(pass, of: container)
        do throws(FileFailure) {
            try await images.lead(to: memory.directory)
        } catch {
            throw DriverFailure(area: error)
        }
    }

    /// A first pass that kept images are of no use without.
    func memory(_ pass: String, of container: String) throws(DriverFailure) -> CheckpointImages {
        guard let memory = images(.sentMemory(pass), of: container) else {
            throw DriverFailure(
                .notFound, "a part of the memory of a checkpoint is gone",
                cause: "there is no \(file(.sentMemory(pass), of: container))")
        }
        return memory
    }

    /// Fails where CRIU wrote its images elsewhere than it was led to.
    func require(_ role: Role, of container: String) throws(DriverFailure) {
        let images = file(role, of: container)
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
