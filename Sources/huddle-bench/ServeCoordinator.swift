import ArgumentParser
import Coordinator
import Foundation
import Logging

/// `huddle-bench coordinator`: the coordinator of a fleet, in a process of its own so that it can be measured.
struct ServeCoordinator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator", abstract: "Run a coordinator; fleet does this by itself.",
        shouldDisplay: false)

    @Argument(help: "Directory for what it keeps.")
    var data: String

    @Argument(help: "Port to listen on, at 127.0.0.1.")
    var port: Int

    @Flag(help: "End when standard input does, and take the directory along.")
    var measured = false

    func run() async throws {
        if measured {
            MeasuredProcess.endWithParent { [data] in
                try? FileManager.default.removeItem(atPath: data)
            }
        }
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var log = Logger(label: "coordinator")
        log.logLevel = .error
        try await Coordinator(
            CoordinatorConfiguration(
                dataDirectory: data, listenHost: "127.0.0.1", listenPort: port,
                advertised: ["127.0.0.1:\(port)"]),
            log: log
        ).run()
    }
}
