package import ClusterModel
import HostIO
import Ports

/// Where checkpoints are on their way: in memory those for which there is room, on disk the others.
///
/// A checkpoint is a directory of images, about as large as the instance's memory, and an archive that
/// describes the container. As long as it is here the instance's reservation pays for it: the plan of
/// a move holds that on both hosts, and the instance's own processes are gone from the source, or not
/// yet at the target. Only for the moments in which CRIU writes the images and reads them are both
/// there; those are what the reserve of the host is for, so `bound` is that reserve. On disk the page
/// cache has them for that moment, and the kernel takes it back when it must.
package struct CheckpointArea: Sendable {
    /// In memory; small marks beside the archives too.
    package let directory: String
    /// On disk.
    package let overflow: String
    /// Most bytes of all checkpoints in memory together.
    package let bound: Bytes

    /// What checkpoints leave free of the disk: other things write there too.
    package let diskReserve: Bytes

    /// Most files of one checkpoint; CRIU writes some ten for each process.
    package let mostFiles: Int

    /// Whoever begins one is promised its room.
    let promises = CheckpointPromises()

    /// A checkpoint that no container belongs to and nobody came for.
    static let patience = Duration.seconds(60 * 60)
    /// A first pass of memory that went and that nothing followed.
    static let memoryPatience = Duration.seconds(10 * 60)

    package init(
        directory: String = "/run/huddle/checkpoints",
        overflow: String = "/var/lib/huddle/checkpoints", bound: Bytes = .mebibytes(256),
        diskReserve: Bytes = .mebibytes(512), mostFiles: Int = 1 << 16
    ) {
        self.directory = directory
        self.overflow = overflow
        self.bound = bound
        self.diskReserve = diskReserve
        self.mostFiles = mostFiles
    }

    /// What a file or a directory here is for.
    enum Role: Hashable, Sendable {
        /// The description of an instance that is about to leave.
        case kept
        /// The same, without what the instance changed of its image's files. Versions before do not know it, and are not to take it
        /// for whole.
        case keptBare
        /// What CRIU wrote of its processes: a directory.
        case keptImages
        /// The description that a start of this generation goes on from; it comes last, so that with it all is there.
        case adopted(Generation)
        /// The images that belong to it.
        case adoptedImages(Generation)
        /// A description that nothing goes on from without the layer that came beside it.
        case adoptedBare(Generation)
        /// What came of an instance's layer while it ran.
        case aheadLayer
        /// What CRIU wrote of an instance's memory while it ran, in the pass of that name for another host: a directory.
        case sentMemory(String)
        /// The name of the pass of the memory which the kept images are of no use without.
        case keptAfter
        /// The same, as it came.
        case aheadMemory
        /// Memory that the images which a start of this generation goes on from lead to.
        case adoptedMemory(Generation)
        /// A layer that belongs to what a start of this generation goes on from.
        case adoptedLayer(Generation)
        /// What is gone of the image then.
        case adoptedDeletions(Generation)
        /// Nothing is in it: it says that the kept checkpoint proved to be of no use.
        case useless
    }

    func name(_ role: Role, of container: String) -> String {
        switch role {
        case .kept: "\(container).kept"
        case .keptImages: "\(container).kept.images"
        case .adopted(let generation): "\(container).\(generation.number).adopted"
        case .adoptedImages(let generation): "\(container).\(generation.number).adopted.images"
        case .keptBare: "\(container).kept.bare"
        case .adoptedBare(let generation): "\(container).\(generation.number).adopted.bare"
        case .aheadLayer: "\(container).ahead.layer"
        case .sentMemory(let pass): "\(container)\(Self.sent)\(pass)"
        case .keptAfter: "\(container).kept.after"
        case .aheadMemory: "\(container).ahead.memory"
        case .adoptedMemory(let generation): "\(container).\(generation.number).adopted.memory"
        case .adoptedLayer(let generation): "\(container).\(generation.number).adopted.layer"
        case .adoptedDeletions(let generation):
            "\(container).\(generation.number).adopted.deletions"
        case .useless: "\(container).useless"
        }
    }

    /// The file, wherever it is; in memory where it is not yet.
    func file(_ role: Role, of container: String) -> String {
        let name = name(role, of: container)
        let onDisk = "\(overflow)/\(name)"
        return HostFile.exists(onDisk) ? onDisk : "\(directory)/\(name)"
    }

    func has(_ role: Role, of container: String) -> Bool {
        HostFile.exists(file(role, of: container))
    }

    func note(_ role: Role, of container: String) throws(DriverFailure) {
        try attempt { () throws(FileFailure) in
            try HostFile.makeDirectory(directory)
            try HostFile.replace(file(role, of: container), with: [])
        }
    }

    /// The description of an instance that is about to leave, as what it is kept; `nil` when there is none.
    func kept(of container: String) -> Role? {
        [.kept, .keptBare].first { has($0, of: container) }
    }

    /// What a start of this generation goes on from, as what it is kept; `nil` when there is nothing.
    func adopted(_ generation: Generation, of container: String) -> Role? {
        [.adopted(generation), .adoptedBare(generation)].first { has($0, of: container) }
    }

    func content(_ role: Role, of container: String) throws(DriverFailure) -> [UInt8] {
        try attempt { () throws(FileFailure) in try HostFile.read(file(role, of: container)) }
    }

    /// Gives a file another role where it is; returns its path.
    func rename(
        _ role: Role, to other: Role, of container: String
    ) throws(DriverFailure) -> String {
        let path = file(role, of: container)
        let next = path.dropLast(name(role, of: container).count) + name(other, of: container)
        try attempt { () throws(FileFailure) in try HostFile.move(path, to: String(next)) }
        return String(next)
    }

    func erase(_ role: Role, of container: String) async throws(DriverFailure) {
        try await erase(file(role, of: container))
    }

    /// Removes everything of one container, but for what has these roles.
    ///
    /// - Parameter waits: whether its room is free when this returns.
    func clear(
        _ container: String, sparing roles: [Role] = [], waits: Bool = true
    ) async throws(DriverFailure) {
        let spared = roles.map { "/" + name($0, of: container) }
        for path in try files() where Self.owner(of: path) == container {
            guard !spared.contains(where: path.hasSuffix) else { continue }
            if waits {
                try await erase(path)
            } else {
                do throws(FileFailure) { try await HostFile.eraseNames(path) } catch {
                    throw DriverFailure(area: error)
                }
            }
        }
    }

    /// Before the name of a pass.
    private static let sent = ".sent.memory."

    /// Containers of `prefix` whose memory went ahead so long ago that nothing follows it any more.
    func overdueMemory(prefix: String) throws(DriverFailure) -> Set<String> {
        Set(
            try files().filter { path in
                path.contains(Self.sent) && Self.owner(of: path).hasPrefix(prefix)
                    && Self.age(of: path).map { $0 > Self.memoryPatience } ?? false
            }.map(Self.owner))
    }

    /// Removes memory of the container that went; kept images that lead to it are of no use then.
    func eraseMemory(of container: String) async throws(DriverFailure) {
        for path in try files()
        where Self.owner(of: path) == container && path.contains(Self.sent) {
            try await erase(path)
        }
    }

    /// The pass of the memory which the kept images are of no use without.
    func keptAfter(of container: String) throws(DriverFailure) -> String? {
        guard has(.keptAfter, of: container) else { return nil }
        return String(decoding: try content(.keptAfter, of: container), as: UTF8.self)
    }

    /// Removes what can be removed of one container, but for what is of a later generation.
    func clear(_ container: String, upTo generation: Generation) async {
        for path in (try? files()) ?? [] where Self.owner(of: path) == container {
            let name = path.dropFirst((path.lastIndex(of: "/").map { path[...$0] } ?? "").count)
            let parts = name.split(separator: ".").dropFirst()
            if let number = parts.first.flatMap({ UInt64($0) }), number > generation.number {
                continue
            }
            try? await erase(path)
        }
    }

    /// Containers of `prefix` whose files have been here for longer than anybody would come for
    /// them.
    func abandoned(prefix: String) throws(DriverFailure) -> Set<String> {
        Set(
            try files().filter { path in
                Self.owner(of: path).hasPrefix(prefix)
                    && Self.age(of: path).map { $0 > Self.patience } ?? false
            }.map(Self.owner))
    }

    /// For how long nothing came to it; a directory is no older than the youngest file in it.
    private static func age(of path: String) -> Duration? {
        let within = HostFile.isPlain(path) ? [] : (try? HostFile.names(in: path)) ?? []
        return ([path] + within.map { "\(path)/\($0)" }).compactMap { HostFile.age(of: $0) }.min()
    }

    /// With which versions a trial last worked in this boot.
    var lastTrial: String? { try? HostFile.text(trialFile) }

    func noteTrial(_ verdict: String) throws(DriverFailure) {
        try attempt { () throws(FileFailure) in
            try HostFile.makeDirectory(directory)
            try HostFile.replace(trialFile, with: Array(verdict.utf8))
        }
    }

    private var trialFile: String { directory + "/trial" }

    /// Writes a file piece by piece under another name, and gives it its own once it is whole.
    func write(
        _ role: Role, in room: Room,
        _ produce: (Writer) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let path = "\(room.directory)/\(name(role, of: room.container))"
        let part = path + ".part"
        do throws(DriverFailure) {
            try await erase(part)
            let writer = try Writer(room)
            try await writer.begin(part)
            try await produce(writer)
            try await writer.end()
            try attempt { () throws(FileFailure) in try HostFile.move(part, to: path) }
        } catch {
            try? await erase(part)
            throw error
        }
    }

    /// Bytes of what is here.
    func size(_ role: Role, of container: String) throws(DriverFailure) -> Bytes {
        let images = CheckpointImages(directory: file(role, of: container))
        return try attempt { () throws(FileFailure) in try images.size }
    }

    func open(_ role: Role, of container: String) throws(DriverFailure) -> Reader {
        try Reader(file(role, of: container))
    }

    /// Reads a file from its start to its end.
    struct Reader: Sendable {
        private let chunks: FileChunks

        init(_ path: String) throws(DriverFailure) {
            do throws(FileFailure) { chunks = try FileChunks(reading: path) } catch {
                throw DriverFailure(area: error)
            }
        }

        func next() async throws(DriverFailure) -> [UInt8]? {
            do throws(FileFailure) { return try await chunks.next() } catch {
                throw DriverFailure(area: error)
            }
        }
    }

    /// All there are, by their paths.
    private func files() throws(DriverFailure) -> [String] {
        try attempt { () throws(FileFailure) -> [String] in
            var found: [String] = []
            for place in [directory, overflow] {
                found += try HostFile.names(in: place).map { "\(place)/\($0)" }
            }
            return found
        }
    }

    /// Names of instances have no dot in them.
    static func owner(of path: String) -> String {
        String((path.split(separator: "/").last ?? "").prefix { $0 != "." })
    }

    func erase(_ path: String) async throws(DriverFailure) {
        do throws(FileFailure) { try await HostFile.erase(path) } catch {
            throw DriverFailure(area: error)
        }
    }

    func attempt<Value>(
        _ work: () throws(FileFailure) -> Value
    ) throws(DriverFailure) -> Value {
        do throws(FileFailure) { return try work() } catch { throw DriverFailure(area: error) }
    }
}

extension DriverFailure {
    /// A file of a checkpoint that cannot be had.
    init(area failure: FileFailure) {
        self.init(
            failure.isFull ? .exhausted : .refused, "a checkpoint cannot be kept on this host",
            cause: "\(failure)")
    }
}

extension Bytes {
    /// For people: whole mebibytes, rounded up.
    var mebibytesText: String { "\((count >> 20) + (count % (1 << 20) == 0 ? 0 : 1)) MiB" }
}
