import Glibc
import Synchronization

/// Reads all that is below a directory, whatever somebody does to it meanwhile.
///
/// It goes by descriptors and follows no link: nothing outside is read, and what is read is of the very file that was described,
/// under whatever name. What vanishes, becomes something else between two looks, or cannot be opened is left out. Sockets are
/// none of it.
package final class TreeReader: Sendable {
    private let root: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - isStill: whether nobody else does anything there: then what cannot be opened is a failure.
    ///   - opens: asked of each file, by its path and stamp, whether its content and attributes are wanted.
    package init(
        _ root: String, isStill: Bool = false,
        opens: @escaping @Sendable ([UInt8], TreeEntry.Stamp) -> Bool = { _, _ in true }
    ) {
        self.root = root
        state = Mutex(State(root: root, isStill: isStill, opens: opens))
    }

    /// The next thing; directories come before what is in them, beginning with the root itself. `nil` at the end.
    package func next() async throws(FileFailure) -> TreeEntry? {
        try await SlowCalls.run(on: root) { [self] () throws(FileFailure) in
            try state.withLock { (state) throws(FileFailure) in try state.advance() }
        }
    }

    /// The next bytes of the present file, of no more than its size; `nil` at its end, and for what is not open.
    package func content() async throws(FileFailure) -> [UInt8]? {
        try await SlowCalls.run(on: root) { [self] () throws(FileFailure) in
            try state.withLock { (state) throws(FileFailure) in try state.read() }
        }
    }

    /// Whether the present file is as it was described, and all of it was read.
    package func isSteady() async throws(FileFailure) -> Bool {
        try await SlowCalls.run(on: root) { [self] () throws(FileFailure) in
            state.withLock { $0.isSteady }
        }
    }
}

/// Where a reader is: the directories from the root down, and the file that is being read.
private struct State {
    let root: String
    let isStill: Bool
    let opens: @Sendable ([UInt8], TreeEntry.Stamp) -> Bool
    private var levels: [Level] = []
    private var file: OpenFile?
    private var hasBegun = false

    /// A directory and what of it is still to come, last first.
    private final class Level {
        let directory: OpenDirectory
        var rest: [OpenDirectory.Name]

        init(_ directory: consuming OpenDirectory) throws(FileFailure) {
            rest = try directory.names()
            self.directory = directory
        }
    }

    /// A file that is being read.
    private final class OpenFile {
        let descriptor: Int32
        let entry: TreeEntry
        var read: UInt64 = 0

        init(_ descriptor: Int32, _ entry: TreeEntry) {
            self.descriptor = descriptor
            self.entry = entry
        }

        deinit { close(descriptor) }
    }

    init(
        root: String, isStill: Bool,
        opens: @escaping @Sendable ([UInt8], TreeEntry.Stamp) -> Bool
    ) {
        self.root = root
        self.isStill = isStill
        self.opens = opens
    }

    mutating func advance() throws(FileFailure) -> TreeEntry? {
        file = nil
        guard hasBegun else {
            hasBegun = true
            let directory = try OpenDirectory(at: root)
            return try enter(directory)
        }
        while let level = levels.last {
            guard let name = level.rest.popLast() else {
                levels.removeLast()
                continue
            }
            if let entry = try describe(name, in: level) { return entry }
        }
        return nil
    }

    private mutating func enter(
        _ directory: consuming OpenDirectory
    ) throws(FileFailure) -> TreeEntry {
        var status = stat()
        guard fstat(directory.descriptor, &status) == 0 else {
            throw FileFailure("stat", OpenDirectory.told(directory.path))
        }
        let entry = TreeEntry(
            directory.path, status, .directory,
            attributes: try Attributes.read(of: directory.descriptor, directory.path))
        levels.append(try Level(directory))
        return entry
    }

    /// What is called so; `nil` where it is gone, was exchanged for something else just now, or is a socket.
    private mutating func describe(
        _ name: OpenDirectory.Name, in level: Level
    ) throws(FileFailure) -> TreeEntry? {
        guard let status = try level.directory.status(of: name), let kind = status.kind else {
            return nil
        }
        let path = level.directory.pathOf(name)
        // No other program could open it by its path, nor tar unpack it.
        guard path.count < Int(PATH_MAX) else {
            throw FileFailure("read", root, code: ENAMETOOLONG)
        }
        do throws(FileFailure) {
            switch kind {
            case .directory:
                let directory = try OpenDirectory(name, in: level.directory, path: path)
                return try enter(directory)
            case .file:
                guard opens(path, status.stamp) else { return TreeEntry(path, status, kind) }
                return try open(name, path, in: level)
            case .link: return try link(name, path, status, in: level)
            case .fifo, .character, .block: return TreeEntry(path, status, kind)
            }
        } catch {
            // It is no more what it just was, somebody holds it by a lease, or it has more attributes than can be told.
            let isLeftOut = [ENOENT, ENOTDIR, ELOOP, ENXIO, EAGAIN, E2BIG].contains(error.code)
            if isLeftOut, !isStill { return nil }
            throw error
        }
    }

    private mutating func open(
        _ name: OpenDirectory.Name, _ path: [UInt8], in level: Level
    ) throws(FileFailure) -> TreeEntry? {
        let descriptor = openat(
            level.directory.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", OpenDirectory.told(path)) }
        // Waits for whoever is writing through the page cache just now: the time of a long write is set when it begins.
        // - Source: Linux, fs/ext4/file.c, `ext4_llseek` takes the inode's lock for SEEK_HOLE; XFS takes one for each read.
        lseek(descriptor, 0, Self.seekHole)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.kind == .file else {
            close(descriptor)
            return nil
        }
        let entry: TreeEntry
        do throws(FileFailure) {
            entry = TreeEntry(
                path, status, .file, attributes: try Attributes.read(of: descriptor, path))
        } catch {
            close(descriptor)
            throw error
        }
        file = OpenFile(descriptor, entry)
        return entry
    }

    /// unistd.h has it for `_GNU_SOURCE` alone.
    private static let seekHole: Int32 = 4

    private func link(
        _ name: OpenDirectory.Name, _ path: [UInt8], _ status: stat, in level: Level
    ) throws(FileFailure) -> TreeEntry? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(level.directory.descriptor, name, &bytes, bytes.count)
        guard count >= 0 else {
            // A file by now.
            if errno == EINVAL { return nil }
            throw FileFailure("readlink", OpenDirectory.told(path))
        }
        // A link never changes where it leads; another one may have its name.
        guard let later = try level.directory.status(of: name), later.stamp == status.stamp else {
            return nil
        }
        return TreeEntry(
            path, status, .link, destination: bytes.prefix(count).map { UInt8(bitPattern: $0) })
    }

    func read() throws(FileFailure) -> [UInt8]? {
        guard let file, file.read < file.entry.size else { return nil }
        let wanted = Int(min(UInt64(FileChunks.size), file.entry.size - file.read))
        var (outcome, reason) = (0, Int32(0))
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            repeat {
                outcome = pread(
                    file.descriptor, buffer.baseAddress, buffer.count, off_t(file.read))
                reason = errno
            } while outcome < 0 && reason == EINTR
            filled = max(0, outcome)
        }
        guard outcome >= 0 else {
            throw FileFailure("read", OpenDirectory.told(file.entry.path), code: reason)
        }
        file.read += UInt64(outcome)
        return bytes.isEmpty ? nil : bytes
    }

    var isSteady: Bool {
        guard let file else { return false }
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else { return false }
        return status.stamp == file.entry.stamp && file.read == file.entry.size
    }
}

extension TreeEntry {
    fileprivate init(
        _ path: [UInt8], _ status: stat, _ kind: Kind, destination: [UInt8] = [],
        attributes: [Attribute] = []
    ) {
        self.init(
            path: path, kind: kind, stamp: status.stamp,
            size: kind == .file ? UInt64(max(0, status.st_size)) : 0, mode: status.st_mode & 0o7777,
            user: status.st_uid, group: status.st_gid,
            modified: Time(
                seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec)),
            links: UInt64(status.st_nlink), device: Device(number: UInt64(status.st_rdev)),
            destination: destination, attributes: attributes)
    }
}
