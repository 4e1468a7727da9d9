import Foundation

/// What of files on a lab host is still in memory alone.
enum DirtyPages {
    /// Pages of the one file on `host` that `pattern`, a path with `*`, leads to; `nil` where the kernel, before 6.5, does not tell.
    static func count(of pattern: String, on host: String) async throws -> Int? {
        let names = try await Lab.inside(host, "ls -d \(pattern)").split(separator: "\n")
        guard let name = names.first, names.count == 1 else {
            throw Unexpected("\(pattern) on \(host) is \(names)")
        }
        let first = try await Lab.tool(
            "podman", "inspect", "--format", "{{.State.Pid}}", "huddle-\(host)"
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        let ended = try await Command(
            executable: URL(fileURLWithPath: "/usr/bin/python3"),
            arguments: [
                Lab.root.appending(path: "Tests/LabTests/dirty_pages.py").path(),
                "/proc/\(first)/root\(name)",
            ],
            limit: .seconds(10)
        ).run()
        let word = ended.output.trimmingCharacters(in: .whitespacesAndNewlines)
        guard ended.status == 0, word != "unknown" else {
            if ended.status == 0 { return nil }
            throw Unexpected("\(ended)")
        }
        guard let count = Int(word) else { throw Unexpected("\(ended)") }
        return count
    }
}
