package import ClusterModel
import HostIO
import Ports

/// Where archives of checkpoints are on their way: a directory in memory, of which only so much is
/// used.
///
/// An archive is at most as large as the instance's memory. As long as it is here the instance's
/// reservation pays for it: the plan of a move holds that on both hosts, and the instance's own
/// processes are gone from the source, or not yet at the target. Only for the moment in which
/// Podman reads an archive and the processes come to life are both there; that moment is what the
/// reserve of the host is for, so `bound` is that reserve.
package struct CheckpointArea: Hashable, Sendable {
    package let directory: String
    /// Most bytes of all archives together.
    package let bound: Bytes

    /// An archive that no container belongs to and nobody came for.
    static let patience = Duration.seconds(60 * 60)

    package init(
        directory: String = "/run/huddle/checkpoints", bound: Bytes = .mebibytes(256)
    ) {
        self.directory = directory
        self.bound = bound
    }

    /// What a file here is for.
    enum Role: Hashable, Sendable {
        /// The checkpoint of an instance that is about to leave.
        case kept
        /// The checkpoint that a start of this generation goes on from.
        case adopted(Generation)
        /// Nothing is in it: it says that the kept checkpoint proved to be of no use.
        case useless
    }

    /// The file of one instance in one role; names of instances have no dot in them.
    func file(_ role: Role, of container: String) -> String {
        switch role {
        case .kept: "\(directory)/\(container).kept"
        case .adopted(let generation): "\(directory)/\(container).\(generation.number).adopted"
        case .useless: "\(directory)/\(container).useless"
        }
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

    func remove(_ role: Role, of container: String) async throws(DriverFailure) {
        try await erase(file(role, of: container))
    }

    /// Removes everything of one container.
    func clear(_ container: String) async throws(DriverFailure) {
        for name in try names() where Self.owner(of: name) == container {
            try await erase("\(directory)/\(name)")
        }
    }

    /// Containers of `prefix` whose files have been here for longer than anybody would come for
    /// them.
    func abandoned(prefix: String) throws(DriverFailure) -> Set<String> {
        Set(
            try names().filter { name in
                name.hasPrefix(prefix)
                    && HostFile.age(of: "\(directory)/\(name)").map { $0 > Self.patience } ?? false
            }.map(Self.owner))
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

    /// What may be written now.
    func room() throws(DriverFailure) -> Bytes {
        try attempt { () throws(FileFailure) -> Bytes in
            try HostFile.makeDirectory(directory)
            try HostFile.setPermissions(0o700, of: directory)
            let used = try HostFile.names(in: directory).reduce(Bytes.zero) { sum, name in
                sum + Bytes(HostFile.status(of: "\(directory)/\(name)")?.size ?? 0)
            }
            let free = try HostFile.freeSpace(at: directory)
            return min(bound.subtracting(used) ?? .zero, free)
        }
    }

    /// Writes a file piece by piece under another name, and gives it its own once it is whole.
    func write(
        _ role: Role, of container: String, atMost limit: Bytes,
        _ produce: (Writer) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let path = file(role, of: container)
        let part = path + ".part"
        do throws(DriverFailure) {
            let chunks = try attempt { () throws(FileFailure) in try FileChunks(writing: part) }
            try await produce(Writer(chunks: chunks, limit: limit))
            try attempt { () throws(FileFailure) in try HostFile.move(part, to: path) }
        } catch {
            try? await erase(part)
            throw error
        }
    }

    func open(_ role: Role, of container: String) throws(DriverFailure) -> Reader {
        try attempt { () throws(FileFailure) in
            Reader(chunks: try FileChunks(reading: file(role, of: container)))
        }
    }

    /// Reads a file from its start to its end.
    struct Reader: Sendable {
        fileprivate let chunks: FileChunks

        func next() async throws(DriverFailure) -> [UInt8]? {
            do throws(FileFailure) { return try await chunks.next() } catch {
                throw DriverFailure(area: error)
            }
        }
    }

    /// Appends to a file that must not outgrow its limit; belongs to one task.
    final class Writer {
        private let chunks: FileChunks
        private let limit: Bytes
        private var written = Bytes.zero

        fileprivate init(chunks: FileChunks, limit: Bytes) {
            self.chunks = chunks
            self.limit = limit
        }

        func append(_ bytes: [UInt8]) async throws(DriverFailure) {
            guard !bytes.isEmpty else { return }
            written = written + Bytes(UInt64(bytes.count))
            guard written <= limit else {
                throw DriverFailure(
                    .exhausted, "the checkpoint is larger than this host has room for",
                    cause: "\(limit.mebibytesText) are free for checkpoints")
            }
            do throws(FileFailure) { try await chunks.append(bytes) } catch {
                throw DriverFailure(area: error)
            }
        }
    }

    private func names() throws(DriverFailure) -> [String] {
        try attempt { () throws(FileFailure) in try HostFile.names(in: directory) }
    }

    private static func owner(of name: String) -> String {
        String(name.prefix { $0 != "." })
    }

    private func erase(_ path: String) async throws(DriverFailure) {
        do throws(FileFailure) { try await HostFile.erase(path) } catch {
            throw DriverFailure(area: error)
        }
    }

    private func attempt<Value>(
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
    var mebibytesText: String { "\((count + (1 << 20) - 1) >> 20) MiB" }
}
