import Foundation

/// The lab on this machine, and the program that users run.
enum Lab {
    static let isWanted = variable("HUDDLE_TEST_LAB") == "1"
    /// Whether there is time for every case of what else is tried in some.
    static let isLong = variable("HUDDLE_TEST_LONG") == "1"
    /// The hosts that `scripts/lab up --hosts 3` makes; each has one core and 2 GiB, and a zone: a, b, c.
    static let hosts = ["lab-1", "lab-2", "lab-3"]
    static let hostCores = 1_000

    /// The checkout, also when these sources are seen through a link.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let program =
        variable("HUDDLE_BINARY").map { URL(fileURLWithPath: $0) }
        ?? root.appending(path: ".build/debug/huddle")
    static let context = root.appending(path: ".build-lab/context.yaml")
    static let guest = root.appending(path: ".build-lab/guest")

    static let environment = ProcessInfo.processInfo.environment.merging(
        ["HUDDLE_CONTEXT": context.path(), "NO_COLOR": "1"], uniquingKeysWith: { _, ours in ours })

    static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    /// Runs the user's program, whatever its exit code.
    static func huddle(
        _ arguments: [String], input: String = "", within limit: Duration = .seconds(60)
    ) async throws -> Command.Ended {
        try await Command(executable: program, arguments: arguments, input: input, limit: limit)
            .run()
    }

    /// Runs `scripts/lab`, which has to succeed.
    @discardableResult
    static func script(
        _ arguments: String..., within limit: Duration = .seconds(60)
    ) async throws -> String {
        try await succeed(root.appending(path: "scripts/lab"), arguments, within: limit)
    }

    /// Runs shell text in a lab machine, which has to succeed.
    @discardableResult
    static func inside(_ machine: String, _ text: String) async throws -> String {
        try await script("shell", machine, "bash", "-c", text)
    }

    /// The last lines that a machine's services printed; they log to standard error.
    static func log(of machine: String) async throws -> String {
        let ended = try await Command(
            executable: root.appending(path: "scripts/lab"),
            arguments: ["logs", machine, "--tail", "20"]
        ).run()
        return ended.output + ended.errors
    }

    /// Runs a tool of this machine, found on the path, which has to succeed.
    @discardableResult
    static func tool(
        _ arguments: String..., within limit: Duration = .seconds(60)
    ) async throws -> String {
        try await succeed(URL(fileURLWithPath: "/usr/bin/env"), arguments, within: limit)
    }

    private static func succeed(
        _ executable: URL, _ arguments: [String], within limit: Duration
    ) async throws -> String {
        let ended = try await Command(executable: executable, arguments: arguments, limit: limit)
            .run()
        guard ended.status == 0 else { throw Unexpected("failed: \(ended)") }
        return ended.output
    }
}

/// Something outside did not do what the test needs.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
