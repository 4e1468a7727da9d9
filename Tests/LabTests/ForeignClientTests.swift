import Foundation
import Testing

extension LabTests {
    /// Python's gRPC with code it makes itself from our proto files: neither shares a line with ours.
    @Test(
        "a foreign gRPC client lists hosts, and its bad values are refused by field",
        .timeLimit(.minutes(2)),
        .enabled(
            if: Lab.variable("HUDDLE_TEST_PYTHON") != nil,
            "needs HUDDLE_TEST_PYTHON, a Python with grpcio and grpcio-tools: scripts/bootstrap makes one"
        ))
    func foreignClient() async throws {
        let python = try #require(Lab.variable("HUDDLE_TEST_PYTHON"))
        let script = Lab.root.appending(path: "Tests/LabTests/foreign_client.py")
        let ended = try await Command(
            executable: URL(fileURLWithPath: python),
            arguments: [
                script.path(), Lab.root.appending(path: "proto").path(), Lab.context.path(),
            ],
            limit: .seconds(90)
        ).run()
        #expect(ended.status == 0, "\(ended)")
        // Nothing of what was refused is there, and what was accepted was removed again.
        try await cluster.must("no workload left") { try await cluster.workloads().isEmpty }
        try await cluster.hostsReady()
    }
}
