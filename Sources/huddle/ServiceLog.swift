import Foundation
import Logging

/// How services speak to their operator: log lines and three-line failures, both on standard error.
enum ServiceLog {
    /// A log of the service; the level is taken from HUDDLE_LOG (`debug`, `info`, `warning`).
    static func start(_ service: String) -> Logger {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var log = Logger(label: service)
        let level = ProcessInfo.processInfo.environment["HUDDLE_LOG"].flatMap {
            Logger.Level(rawValue: $0)
        }
        log.logLevel = level ?? .info
        return log
    }

    static func fail(_ what: String, why: String, try attempt: String) {
        FileHandle.standardError.write(
            Data("error: \(what)\nwhy:   \(why)\ntry:   \(attempt)\n".utf8))
    }
}
