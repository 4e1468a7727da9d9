import ArgumentParser
import Foundation

/// `huddle-bench idle`: what a connection costs that is open and says nothing, as most agents' are.
struct Idle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Measure the memory of idle connections.",
        discussion:
            "The server runs in a process of its own. Each connection is under mutual TLS and has one call open. The figure is the server's proportional set size with them, after the time, less that without them, for each."
    )

    @Option(help: "Connections to hold.")
    var connections = 1_000

    @Option(help: "How long they are idle before the second look.")
    var seconds = 60

    @Option(name: .shortAndLong, help: "text or json.")
    var output = Fleet.Form.text

    @Option(help: "Port of the server; it takes the next one too.")
    var port = 18_750

    func validate() throws {
        guard (1...15_000).contains(connections) else {
            throw ValidationError("--connections: 1 to 15000; a server holds 16384")
        }
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds: 1 to 3600") }
    }

    func run() async throws {
        let result = try await IdleRun(
            connections: connections, seconds: seconds, port: port
        ).run()
        switch output {
        case .json:
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(result), as: UTF8.self))
        case .text:
            let each = String(format: "%.1f", result.kibibytesPerConnection)
            print("\(each) KiB for each of \(connections) connections, idle for \(seconds) s")
        }
    }
}
