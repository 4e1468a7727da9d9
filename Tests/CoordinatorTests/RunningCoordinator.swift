import Coordinator
import Foundation
import Logging

/// A whole coordinator on a free port, with a data directory of its own, while a test uses it.
enum RunningCoordinator {
    /// - Parameters:
    ///   - fixed: the port, where agents have to find it by their tokens.
    ///   - kept: a data directory that outlives it.
    ///   - power: the program that switches hosts.
    ///   - body: gets the data directory, which holds the admin's context, and the port.
    static func use(
        at fixed: Int? = nil, in kept: URL? = nil, power: String? = nil,
        _ body: @Sendable @escaping (URL, Int) async throws -> Void
    ) async throws {
        let directory =
            kept
            ?? FileManager.default.temporaryDirectory
            .appending(component: "huddle-coordinator-\(UUID().uuidString)")
        defer { if kept == nil { try? FileManager.default.removeItem(at: directory) } }
        let port = PortSignal()
        let coordinator = Coordinator(
            CoordinatorConfiguration(
                dataDirectory: directory.path(percentEncoded: false), listenHost: "127.0.0.1",
                listenPort: fixed ?? 0, advertised: ["localhost:\(fixed ?? 1)"],
                powerProgram: power),
            log: Logger(label: "test") { _ in port.handler })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await coordinator.run() }
            group.addTask { try await body(directory, try await port.value()) }
            try await group.next()
            group.cancelAll()
        }
    }
}
