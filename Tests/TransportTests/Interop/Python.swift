import Foundation
import Testing

/// Programs of the tests' Python, in a folder of these tests.
enum Python {
    static let path = ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"]

    /// Runs a program to its end, without a thread that waits.
    static func run(
        _ script: String, _ arguments: [String], in folder: String = "Interop"
    ) async throws -> (status: Int32, output: String) {
        let child = try Child(script, arguments, in: folder)
        child.endInput()
        return await child.endingWithItsTask {
            var output = ""
            for await text in child.output { output += text }
            return (await child.status(), output)
        }
    }

    /// Runs `body` with what the program says in its first line; the program ends with its input.
    static func serving<Result>(
        _ script: String, _ arguments: [String], _ body: (String) async throws -> Result
    ) async throws -> Result {
        let child = try Child(script, arguments, in: "Interop")
        defer { child.endInput() }
        return try await child.endingWithItsTask {
            var greeting = ""
            for await text in child.output {
                greeting += text
                if greeting.contains("\n") { break }
            }
            let result = try await body(greeting.trimmingCharacters(in: .whitespacesAndNewlines))
            child.endInput()
            #expect(await child.status() == 0)
            return result
        }
    }

    private struct Child {
        let output: AsyncStream<String>
        private let process = Process()
        private let input = Pipe()
        private let ended = Signal()

        init(_ script: String, _ arguments: [String], in folder: String) throws {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().appending(component: folder)
                .appending(component: script)
            process.executableURL = URL(filePath: try #require(Python.path))
            // Nothing is left beside the sources.
            process.arguments = ["-B", file.path(percentEncoded: false)] + arguments
            let pipe = Pipe()
            process.standardInput = input
            process.standardOutput = pipe
            process.standardError = pipe
            let (output, sink) = AsyncStream.makeStream(
                of: String.self, bufferingPolicy: .bufferingOldest(1_000))
            self.output = output
            pipe.fileHandleForReading.readabilityHandler = { handle in
                let data = handle.availableData
                guard data.isEmpty else {
                    sink.yield(String(decoding: data, as: UTF8.self))
                    return
                }
                handle.readabilityHandler = nil
                sink.finish()
            }
            process.terminationHandler = { [ended] _ in ended.set() }
            try process.run()
        }

        /// Ends the program when the task is cancelled, as it is when a test takes too long.
        func endingWithItsTask<Result>(
            _ body: () async throws -> Result
        ) async rethrows -> Result {
            try await withTaskCancellationHandler(operation: body) { process.terminate() }
        }

        /// The second time does nothing.
        func endInput() { try? input.fileHandleForWriting.close() }

        func status() async -> Int32 {
            await ended.wait()
            return process.terminationStatus
        }
    }
}
