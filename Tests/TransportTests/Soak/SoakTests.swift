import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(15))) struct SoakTests {
    @Test("what connects, calls, cancels and dies leaves nothing behind")
    func soak() async throws {
        let log = FileManager.default.temporaryDirectory.appending(path: "soak-\(UUID()).txt")
        defer { try? FileManager.default.removeItem(at: log) }
        // In a process of its own: what other tests hold would be counted too.
        await #expect(processExitsWith: .success) { [path = log.path as String] in
            // What such a process says is thrown away otherwise, the reason of a trap with it.
            dup2(open(path, O_WRONLY | O_CREAT, 0o600), STDERR_FILENO)
            try await Soak.run()
        }
        print(String(decoding: try Data(contentsOf: log), as: UTF8.self).prefix(8_000))
    }
}
