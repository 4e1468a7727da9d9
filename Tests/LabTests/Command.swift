import Foundation
import Glibc

/// A program run to its end, within a time.
///
/// Not Foundation's `Process`: that notices the end by a socket that grandchildren inherit, and a host that was started
/// lives on as a grandchild.
struct Command: Sendable {
    var executable: URL
    var arguments: [String]
    var input = ""
    var limit = Duration.seconds(60)
    /// Called once, as soon as its errors contain the text.
    var trigger: Trigger?

    struct Trigger: Sendable {
        let text: String
        let action: @Sendable () -> Void
    }

    /// What is left of a program that has ended.
    struct Ended: Sendable, CustomStringConvertible {
        let words: String
        /// Its exit code; the signal's number plus 128 if one ended it.
        let status: Int32
        let output: String
        let errors: String

        var description: String {
            "$ \(words)\n-> \(status)\n\(output.suffix(4_000))\(errors.suffix(4_000))"
        }
    }

    /// It did not end in time and was killed.
    struct Overdue: Error, CustomStringConvertible {
        let ended: Ended
        let limit: Duration

        var description: String { "not ended within \(limit): \(ended)" }
    }

    /// Runs what may go on for ever, and takes what it has written by the end of its time.
    func outputSoFar() async throws -> String {
        do {
            return try await run().output
        } catch let overdue as Overdue {
            return overdue.ended.output
        }
    }

    /// Runs it. Output goes to files, not pipes: a grandchild that keeps a pipe open would hold up
    /// the reader.
    func run() async throws -> Ended {
        let files = FileManager.default
        let directory = files.temporaryDirectory.appending(path: "huddle-lab-\(UUID().uuidString)")
        try files.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? files.removeItem(at: directory) }
        let standard = ["in", "out", "error"].map { directory.appending(path: $0) }
        for file in standard { try Data().write(to: file) }
        try Data(input.utf8).write(to: standard[0])
        let process = try spawn(standard.map { $0.path() })
        let end = await end(of: process, errors: standard[2])
        let words = ([executable.lastPathComponent] + arguments).joined(separator: " ")
        let ended = Ended(
            words: words, status: end.status, output: try Self.text(standard[1]),
            errors: try Self.text(standard[2]))
        if end.isOverdue { throw Overdue(ended: ended, limit: limit) }
        return ended
    }

    /// Starts it in a process group of its own, with nothing open but the three files.
    private func spawn(_ standard: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, path) in standard.enumerated() {
            let flags = number == 0 ? O_RDONLY : O_WRONLY | O_APPEND
            posix_spawn_file_actions_addopen(&actions, Int32(number), path, flags, 0)
        }
        // Closing what is not open is no failure to glibc.
        for number: Int32 in 3..<256 { posix_spawn_file_actions_addclose(&actions, number) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        let words = ([executable.path()] + arguments).map { strdup($0) }
        let variables = Lab.environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for text in words + variables { free(text) } }
        var process = pid_t()
        let failure = posix_spawn(
            &process, executable.path(), &actions, &attributes, words + [nil], variables + [nil])
        guard failure == 0 else {
            throw Unexpected(
                "\(executable.path()) was not started: \(String(cString: strerror(failure)))")
        }
        return process
    }

    /// Waits for the end by asking, so that no thread is held; kills the whole group when the time
    /// is over, or the test is cancelled.
    private func end(
        of process: pid_t, errors: URL
    ) async -> (status: Int32, isOverdue: Bool) {
        let deadline = ContinuousClock.now.advanced(by: limit)
        var status: Int32 = 0
        var awaited = trigger
        while waitpid(process, &status, WNOHANG) == 0 {
            if let trigger = awaited, let text = try? Self.text(errors), text.contains(trigger.text)
            {
                trigger.action()
                awaited = nil
            }
            let isOver = ContinuousClock.now >= deadline
            guard !isOver, !Task.isCancelled else {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                return (128 + SIGKILL, isOver)
            }
            try? await Task.sleep(for: .milliseconds(awaited == nil ? 10 : 1))
        }
        let signal = status & 0x7F
        return (signal == 0 ? (status >> 8) & 0xFF : 128 + signal, false)
    }

    private static func text(_ file: URL) throws -> String {
        String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }
}
