import Foundation
import RPC
import Testing
import Transport

/// gRPC's own implementation as our client.
@Suite(.timeLimit(.minutes(2))) struct InteropTests {
    static let python = ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"]

    @Test(
        "grpcio speaks to our server over TLS",
        .enabled(if: python != nil, "HUDDLE_TEST_PYTHON names no python with grpcio"))
    func grpcio() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        let stage = Stage()
        try await serving(stage, tls: cast.server) { _, port in
            let process = Process()
            process.executableURL = URL(filePath: try #require(Self.python))
            let script = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(component: "interop_client.py")
            process.arguments = [
                script.path, "localhost:\(port)", cast.certificates.file("ca.pem").path,
                cast.certificates.file("agent.pem").path, cast.certificates.file("agent.key").path,
            ]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            let ended = Signal()
            process.terminationHandler = { _ in ended.set() }
            try process.run()
            await ended.wait()
            let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            #expect(process.terminationStatus == 0, "\(text)")
            await stage.cancelled.wait()
        }
    }
}
