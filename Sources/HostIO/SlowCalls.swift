import Glibc
import NIOPosix
import Synchronization

/// Where calls go that wait for a disk, or keep a processor busy.
///
/// Tasks share as many threads as the host has cores: on a host of two, two calls that wait for a
/// busy disk on their tasks' own threads would stop every other task, heartbeats too.
enum SlowCalls {
    /// Threads for files of other machines: one that is away keeps them, and nobody else's.
    static let elsewhere: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    /// The thread for what waits for a disk to have written something: minutes of a slow one. Each file system has its own,
    /// so that one whose disk has died keeps nobody else's waiting, and one for all that it has, so that single files do not wait
    /// for that.
    static func flushes(of device: dev_t, whole: Bool) -> NIOThreadPool {
        flushing.withLock { pools in
            let queue = FlushQueue(device: device, isWhole: whole)
            if let pool = pools[queue] { return pool }
            let pool = NIOThreadPool(numberOfThreads: 1)
            pool.start()
            pools[queue] = pool
            return pool
        }
    }

    private struct FlushQueue: Hashable {
        let device: dev_t
        let isWhole: Bool
    }

    private static let flushing = Mutex<[FlushQueue: NIOThreadPool]>([:])

    static func run<Value: Sendable>(
        on path: String, by pool: NIOThreadPool = .singleton,
        _ work: @escaping @Sendable () throws(FileFailure) -> Value
    ) async throws(FileFailure) -> Value {
        let result: Result<Value, FileFailure>
        do {
            result = try await pool.runIfActive {
                do throws(FileFailure) { return .success(try work()) } catch {
                    return .failure(error)
                }
            }
        } catch {
            // Only a pool that was shut down or a cancelled task is refused.
            throw FileFailure("use", path, code: ECANCELED)
        }
        return try result.get()
    }

    /// Runs what keeps a processor busy rather than a disk. A cancelled task waits for it: it takes milliseconds.
    static func run<Value: Sendable, Failure>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            NIOThreadPool.singleton.submit { _ in
                do throws(Failure) { continuation.resume(returning: .success(try work())) } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

extension HostFile {
    /// What `replace` does, on a thread that may wait for the disk.
    package static func save(
        _ content: [UInt8], to path: String, mode: UInt32 = 0o600
    ) async throws(FileFailure) {
        try await SlowCalls.run(on: path) { () throws(FileFailure) in
            try replace(path, with: content, mode: mode)
        }
    }

    /// What `remove` does, on a thread that may wait for the disk: the file system frees a large
    /// disk slowly.
    package static func erase(_ path: String) async throws(FileFailure) {
        try await SlowCalls.run(on: path) { () throws(FileFailure) in try remove(path) }
    }

    /// Writes all of the file at `path` that is not yet on its disk, whoever wrote it.
    package static func flush(_ path: String) async throws(FileFailure) {
        let device = try await FileSystem.device(of: path)
        try await SlowCalls.run(on: path, by: SlowCalls.flushes(of: device, whole: false)) {
            () throws(FileFailure) in
            let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileFailure("open", path) }
            defer { close(descriptor) }
            guard fdatasync(descriptor) == 0 else { throw FileFailure("fdatasync", path) }
        }
    }

    /// What `erase` does, without waiting for the room that large files take.
    ///
    /// They have no name any more when this returns, and are held open until a thread that may wait lets go of them.
    /// Nothing stays of them if this process ends first, or the host: then the kernel frees them, or the file system
    /// when it is next mounted.
    /// - Source: unlink(2): a file that is open lives until it is closed; Linux, ext4, its orphan list.
    package static func eraseNames(_ path: String) async throws(FileFailure) {
        let nameless = try await SlowCalls.run(on: path) { () throws(FileFailure) -> [Int32] in
            var nameless: [Int32] = []
            do throws(FileFailure) {
                try unname(path, holding: &nameless)
            } catch {
                letGo(nameless)
                throw error
            }
            return nameless
        }
        guard !nameless.isEmpty else { return }
        NIOThreadPool.singleton.submit { _ in letGo(nameless) }
    }

    /// Removes what is at `path`, and holds open what is large of it.
    private static func unname(
        _ path: String, holding nameless: inout [Int32]
    ) throws(FileFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw FileFailure("lstat", path)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in try names(in: path) { try unname(path + "/" + name, holding: &nameless) }
        } else if status.st_mode & S_IFMT == S_IFREG, status.st_blocks > HostIOLimits.freedAtOnce {
            // Without one it is freed here and now.
            let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            if descriptor >= 0 { nameless.append(descriptor) }
        }
        try remove(path)
    }

    private static func letGo(_ descriptors: [Int32]) {
        for descriptor in descriptors { close(descriptor) }
    }
}
