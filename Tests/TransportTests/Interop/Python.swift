import Foundation
import HostIO
import Testing

/// Programs of the tests' Python, in a folder of these tests.
///
/// By the project's own children and not Foundation's: those inherit what other tests have open at that moment, and a pipe
/// that is watched here and open there outlives its watcher.
enum Python {
    static let path = ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"]

    /// Runs a program to its end, without a thread that waits.
    static func run(
        _ script: String, _ arguments: [String], in folder: String = "Interop"
    ) async throws -> (status: Int, output: String) {
        let ended = try await Tool.streaming(
            "/usr/bin/env", try words(script, arguments, in: folder)
        ) { (reader, writer) async throws(ProcessFailure) -> [UInt8] in
            writer.finish()
            return try await rest(of: reader, script)
        }
        return (ended.status.code, ended.text + String(decoding: ended.error, as: UTF8.self))
    }

    /// Runs `body` with what the program says in its first line; the program ends with its input.
    static func serving<Value>(
        _ script: String, _ arguments: [String], _ body: (String) async throws -> Value
    ) async throws -> Value {
        var result: Result<Value, any Error>?
        let ended = try await Tool.streaming(
            "/usr/bin/env", try words(script, arguments, in: "Interop")
        ) { (reader, writer) async throws(ProcessFailure) -> [UInt8] in
            do {
                result = .success(try await body(try await reader.line()))
            } catch {
                result = .failure(error)
            }
            writer.finish()
            return try await rest(of: reader, script)
        }
        let value = try #require(result).get()
        #expect(ended.status.isSuccess, "\(ended)")
        return value
    }

    /// What `env` is told: the tests' own settings, which a child does not inherit, and the program.
    private static func words(
        _ script: String, _ arguments: [String], in folder: String
    ) throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(component: folder)
            .appending(component: script)
        let settings = ProcessInfo.processInfo.environment
            .filter { $0.key.hasPrefix("HUDDLE_TEST_") }.map { "\($0.key)=\($0.value)" }
        // Nothing is left beside the sources.
        return settings + [try #require(path), "-B", file.path(percentEncoded: false)] + arguments
    }

    private static func rest(
        of reader: ByteReader, _ script: String
    ) async throws(ProcessFailure) -> [UInt8] {
        do throws(SocketFailure) {
            return try await reader.prefix(limit: HostIOLimits.toolOutput)
        } catch {
            throw .broken(script, error)
        }
    }
}

extension ByteReader {
    /// What comes until a line has ended, or the input; more than the line may have come.
    fileprivate func line() async throws(SocketFailure) -> String {
        var line = ""
        while !line.contains("\n"), let bytes = try await next() {
            line += String(decoding: bytes, as: UTF8.self)
        }
        return line.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
