import Foundation

/// A program run to its end, within a time.
struct Command: Sendable {
    var executable: URL
    var arguments: [String]
    var input = ""
    var limit = Duration.seconds(60)

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

    /// Runs it. Output goes to files, not pipes: a grandchild that keeps a pipe open would hold up the reader.
    func run() async throws -> Ended {
        let files = FileManager.default
        let directory = files.temporaryDirectory.appending(path: "huddle-lab-\(UUID().uuidString)")
        try files.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? files.removeItem(at: directory) }
        let standard = ["in", "out", "error"].map { directory.appending(path: $0) }
        for file in standard { try Data().write(to: file) }
        try Data(input.utf8).write(to: standard[0])

        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = Lab.environment
        process.standardInput = try FileHandle(forReadingFrom: standard[0])
        process.standardOutput = try FileHandle(forWritingTo: standard[1])
        process.standardError = try FileHandle(forWritingTo: standard[2])
        let (ends, end) = AsyncStream.makeStream(
            of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        process.terminationHandler = { ended in
            let bySignal = ended.terminationReason == .uncaughtSignal
            end.yield(ended.terminationStatus + (bySignal ? 128 : 0))
            end.finish()
        }
        try process.run()
        let number = process.processIdentifier
        let alarm = Task { [limit] in
            try await Task.sleep(for: limit)
            kill(number, SIGKILL)
            return true
        }
        var status: Int32 = -1
        for await value in ends { status = value }
        alarm.cancel()
        // A cancelled test ends the loop before the program has ended.
        if process.isRunning { kill(number, SIGKILL) }
        let words = ([executable.lastPathComponent] + arguments).joined(separator: " ")
        let ended = Ended(
            words: words, status: status, output: try Self.text(standard[1]),
            errors: try Self.text(standard[2]))
        if (try? await alarm.value) == true {
            throw Overdue(ended: ended, limit: limit)
        }
        return ended
    }

    private static func text(_ file: URL) throws -> String {
        String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }
}
