import Foundation
import Testing

/// A peer that is to be refused, played by `bad_peer.py` with what a host of the lab has on its disk.
struct BadPeer: Sendable {
    static let isPossible = Lab.variable("HUDDLE_TEST_PYTHON") != nil
    static let needs: Comment =
        "needs HUDDLE_TEST_PYTHON, a Python with grpcio and grpcio-tools: scripts/bootstrap makes one"

    /// Certificate, authority and key, as an agent keeps them.
    let identity: String

    init(_ identity: String) { self.identity = identity }

    init(of host: String) async throws {
        self.init(try await Lab.inside(host, "cat /var/lib/huddle/agent/identity.pem"))
    }

    /// Tries it, at the coordinator or at the agent of `host`; fails unless the answers are as they have to be.
    func tries(_ attempt: String..., at host: String = "coordinator") async throws {
        let python = try #require(Lab.variable("HUDDLE_TEST_PYTHON"))
        let address = try await Lab.script("address", host).trimmingCharacters(in: .newlines)
        let isCoordinator = host == "coordinator"
        let file = FileManager.default.temporaryDirectory
            .appending(path: "bad-peer-\(UUID().uuidString).pem")
        try identity.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let ended = try await Command(
            executable: URL(fileURLWithPath: python),
            arguments: [
                Lab.root.appending(path: "Tests/LabTests/bad_peer.py").path(),
                Lab.root.appending(path: "proto").path(),
                "\(address):\(isCoordinator ? 7440 : 7441)", isCoordinator ? address : host,
                file.path(),
            ] + attempt,
            limit: .seconds(60)
        ).run()
        guard ended.status == 0 else { throw Unexpected("\(ended)") }
    }
}
