import Glibc
import HostIO
import Testing

/// A file system of its own at a new directory, as an operator mounts one; all of it is gone afterwards.
func withMount(
    at directory: String, size: String, _ body: (String) async throws -> Void
) async throws {
    try HostFile.makeDirectory(directory, mode: 0o755)
    let mounted = await outcome {
        try await runTool(
            ["mount", "-t", "tmpfs", "-o", "size=\(size),mode=0755", "tmpfs", directory])
        let result = await outcome { try await body(directory) }
        // Also when the test's time is over and its task cancelled.
        try await Task { try await runTool(["umount", "--lazy", directory]) }.value
        try result.get()
    }
    // Never what is in it, should it still be mounted.
    #expect(rmdir(directory) == 0)
    try mounted.get()
}

/// What came of `body`, for those who have something to do in either case.
func outcome(_ body: () async throws -> Void) async -> Result<Void, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}

/// Runs a tool of the system that has to succeed.
func runTool(_ words: [String]) async throws {
    let outcome = try await Tool.run("/usr/bin/env", words)
    try #require(outcome.status.isSuccess, "\(words): \(outcome.complaint)")
}
