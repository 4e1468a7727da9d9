import ArgumentParser
import Foundation

/// `huddle-bench fleet`: what a fleet of reporting agents costs a real coordinator, over real sockets and mutual TLS.
struct Fleet: AsyncParsableCommand {
    enum Form: String, ExpressibleByArgument { case text, json }

    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "Measure a coordinator under a fleet of reporting agents.",
        discussion:
            "The coordinator runs in a process and on a core of its own. All agents are this process: each joins with a token, has its certificate, its connection and its control stream. Where an interval is longer than the run, they connect and stay silent."
    )

    @Option(help: "Agents, each with a connection of its own.")
    var agents = 1_000

    @Option(help: "Time between an agent's reports, such as 5s or 500ms.")
    var interval = "5s"

    @Option(help: "How long to measure.")
    var seconds = 60

    @Option(name: .shortAndLong, help: "text or json.")
    var output = Form.text

    @Option(help: "Port of the coordinator.")
    var port = 18_740

    func validate() throws {
        guard (1...15_000).contains(agents) else {
            throw ValidationError("--agents: 1 to 15000; a coordinator holds 16384 connections")
        }
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds: 1 to 3600") }
        _ = try period()
    }

    func run() async throws {
        let result = try await FleetRun(
            agents: agents, interval: try period(), seconds: seconds, port: port
        ).run()
        switch output {
        case .json: print(try result.json())
        case .text: print(result.text)
        }
    }

    private func period() throws -> Duration {
        let isMilliseconds = interval.hasSuffix("ms")
        let digits = interval.dropLast(isMilliseconds ? 2 : 1)
        guard interval.hasSuffix("s"), let number = Int64(digits), number > 0 else {
            throw ValidationError("--interval: '\(interval)' is not a number of s or ms")
        }
        return isMilliseconds ? .milliseconds(number) : .seconds(number)
    }
}
