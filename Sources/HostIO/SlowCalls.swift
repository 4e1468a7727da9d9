import Glibc
import NIOPosix

/// Where calls go that wait for a disk.
///
/// Tasks share as many threads as the host has cores: on a host of two, two calls that wait for a
/// busy disk on their tasks' own threads would stop every other task, heartbeats too.
enum SlowCalls {
    static func run<Value: Sendable>(
        on path: String, _ work: @escaping @Sendable () throws(FileFailure) -> Value
    ) async throws(FileFailure) -> Value {
        let result: Result<Value, FileFailure>
        do {
            result = try await NIOThreadPool.singleton.runIfActive {
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
}
