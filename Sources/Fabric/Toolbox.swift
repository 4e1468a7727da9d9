import HostIO
import Ports

/// The tools that change a host's network, each called with a batch of lines on its input.
struct Toolbox: Sendable {
    /// A named network namespace to work in; `nil` is the one of this process.
    let host: String?
    /// The mount namespace in which network namespaces are named; `nil` is the one of this process.
    let mounts: String?

    /// Sixty thousand entries take a second; a host that is busy a few more.
    private static let patience: Duration = .seconds(120)
    /// The entries of sixty thousand instances are some 4 MB of text.
    private static let longestAnswer = 64 << 20

    /// Runs `ip` with `lines` as a batch, in `namespace` or else at the host, and returns what it printed.
    @discardableResult
    func ip(
        _ lines: [String], options: [String] = [], in namespace: String? = nil
    ) async throws(NetworkFailure) -> String {
        guard !lines.isEmpty else { return "" }
        let place = (namespace ?? host).map { ["-n", $0] } ?? []
        return try await batch(["ip"] + place + options + ["-batch", "-"], lines)
    }

    /// Runs `bridge` with `lines` as a batch.
    @discardableResult
    func bridge(_ lines: [String]) async throws(NetworkFailure) -> String {
        guard !lines.isEmpty else { return "" }
        let place = host.map { ["-n", $0] } ?? []
        return try await batch(["bridge"] + place + ["-batch", "-"], lines)
    }

    /// Hands `text` to `nft`, which does all of it at once or nothing.
    @discardableResult
    func rules(_ text: String, in namespace: String? = nil) async throws(NetworkFailure) -> String {
        guard !text.isEmpty else { return "" }
        return try await run(entering(namespace) + ["nft", "-f", "-"], input: text)
    }

    /// Runs a tool at the host.
    func here(_ words: [String], input: String = "") async throws(NetworkFailure) -> String {
        try await run(entering(nil) + words, input: input)
    }

    func makeNamespace(_ name: String) async throws(NetworkFailure) {
        _ = try await run(outside + ["ip", "netns", "add", name])
    }

    func removeNamespace(_ name: String) async throws(NetworkFailure) {
        _ = try await run(outside + ["ip", "netns", "del", name])
    }

    private var outside: [String] { mounts.map { ["nsenter", "--mount=" + $0] } ?? [] }

    private func entering(_ namespace: String?) -> [String] {
        (namespace ?? host).map { ["ip", "netns", "exec", $0] } ?? []
    }

    private func batch(_ words: [String], _ lines: [String]) async throws(NetworkFailure) -> String
    {
        let outcome = try await start(words, input: lines.joined(separator: "\n") + "\n")
        guard outcome.status.isSuccess else {
            let line = Self.refusedLine(of: lines, outcome.complaint)
            throw NetworkFailure(
                "`\(words[0]) \(line ?? "-batch")` was refused", cause: outcome.complaint)
        }
        return outcome.text
    }

    private func run(_ words: [String], input: String = "") async throws(NetworkFailure) -> String {
        let outcome = try await start(words, input: input)
        guard outcome.status.isSuccess else {
            throw NetworkFailure(
                "`\(words.joined(separator: " "))` failed", cause: outcome.complaint)
        }
        return outcome.text
    }

    private func start(
        _ words: [String], input: String
    ) async throws(NetworkFailure) -> Tool.Outcome {
        do throws(ProcessFailure) {
            return try await Tool.run(
                Self.program(words[0]), Array(words.dropFirst()), input: Array(input.utf8),
                within: Self.patience,
                outputLimit: Self.longestAnswer)
        } catch {
            throw NetworkFailure("\(words[0]) could not be run", cause: error.description)
        }
    }

    /// Where a tool is: in the directory of system tools on every distribution, else wherever it is found.
    private static func program(_ name: String) -> String {
        ["/usr/sbin/", "/usr/bin/", "/sbin/"].map { $0 + name }.first(where: HostFile.exists)
            ?? name
    }

    /// The line that a batch ended at, as iproute2 names it: `Command failed -:3`.
    static func refusedLine(of lines: [String], _ complaint: String) -> String? {
        guard let last = complaint.split(separator: "\n").last, last.hasPrefix("Command failed"),
            let number = last.split(separator: ":").last.flatMap({ Int($0) }),
            lines.indices.contains(number - 1)
        else { return nil }
        return lines[number - 1]
    }
}
