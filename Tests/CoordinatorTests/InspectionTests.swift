import Foundation
import Testing

/// gRPC's own reflection client against a coordinator as operators run it, over mutual TLS.
@Suite(.timeLimit(.minutes(2))) struct InspectionTests {
    static let python = ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"]

    @Test(
        "huddle.v1 is listed and called without a proto file, and health is told",
        .enabled(if: python != nil, "HUDDLE_TEST_PYTHON names no python with grpcio-reflection"))
    func reflection() async throws {
        try await RunningCoordinator.use { directory, port in
            let ended = try await Script.run(
                try #require(Self.python), "inspection_client.py", "localhost:\(port)",
                directory.appending(component: "admin.yaml").path(percentEncoded: false))
            #expect(ended.status == 0, "\(ended.output)")
        }
    }
}

/// A Python program beside this file.
enum Script {
    /// Runs it to its end, without a thread that waits.
    static func run(
        _ python: String, _ name: String, _ arguments: String...
    ) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: python)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(component: name)
        process.arguments = [script.path(percentEncoded: false)] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let (ends, ended) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        process.terminationHandler = { _ in ended.finish() }
        try process.run()
        for await _ in ends {}
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        return (process.terminationStatus, text)
    }
}
