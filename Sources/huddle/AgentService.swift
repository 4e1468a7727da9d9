import Agent
import ArgumentParser
import ClusterModel
import Foundation
import Logging
import Specs

/// `huddle agent`.
struct AgentService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Run the agent of this host.",
        discussion: "Joins the cluster with the token when this host is not a member yet.")

    @Option(help: "Directory for everything that outlives the process.")
    var data = "/var/lib/huddle/agent"

    @Option(help: "This host's name in the cluster (default: its host name).")
    var name: String?

    @Option(help: "File that holds the join token; not needed once the host is a member.")
    var tokenFile: String?

    @Option(help: "A label of this host, NAME=VALUE; may be given more than once.")
    var label: [String] = []

    @Option(
        help:
            "Address at which other hosts reach this one; without it nothing is handed from it to them."
    )
    var address: String?

    @Option(help: "Port that other hosts reach this one by.")
    var port = 7441

    @Option(help: "Podman's API socket.")
    var podmanSocket = "/run/podman/podman.sock"

    @Option(
        help: "Control group under which workloads run, relative to the root of each hierarchy.")
    var workloadsGroup = "/"

    @Option(
        help:
            "How long this host takes from being woken until this agent reports, such as 90s; without it no reserve counts on it."
    )
    var wakeTime: String?

    func validate() throws {
        _ = try readyAfter()
        guard HostID.isName(hostName) else {
            throw ValidationError(
                "--name: '\(hostName)' is not a name of lower-case letters, digits and inner hyphens"
            )
        }
        for text in label where !text.contains("=") {
            throw ValidationError("--label: '\(text)' is not NAME=VALUE")
        }
    }

    func run() async throws {
        let configuration = AgentConfiguration(
            dataDirectory: data, host: HostID(hostName), labels: labels, token: try token(),
            listenPort: port, address: address, podmanSocket: podmanSocket,
            workloadsGroup: workloadsGroup, wakeTime: try readyAfter())
        do {
            try await Agent(configuration, log: ServiceLog.start("agent")).run()
        } catch let failure as AgentFailure {
            ServiceLog.fail(failure.what, why: failure.why, try: failure.attempt)
            throw ExitCode.failure
        }
    }

    private var hostName: String {
        name ?? String(ProcessInfo.processInfo.hostName.lowercased().prefix { $0 != "." })
    }

    private var labels: Labels {
        Labels(
            label.map { text in
                let parts = text.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return Label(name: String(parts[0]), value: String(parts[1]))
            })
    }

    private func readyAfter() throws -> Duration? {
        guard let wakeTime else { return nil }
        do throws(NotationFailure) {
            return try Duration(notation: wakeTime)
        } catch {
            let advice = error.suggestion.map { "; \($0)" } ?? ""
            throw ValidationError("--wake-time: \(error.problem)\(advice)")
        }
    }

    private func token() throws -> String? {
        guard let tokenFile, FileManager.default.fileExists(atPath: tokenFile) else { return nil }
        return try String(contentsOfFile: tokenFile, encoding: .utf8)
    }
}
