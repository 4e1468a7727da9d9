import Foundation

/// What a fleet's run has shown.
struct FleetResult: Codable, Sendable {
    let agents: Int
    let intervalSeconds: Double
    let seconds: Double
    let reports: Int
    let reportsPerSecond: Double
    /// From a report's sending to its acknowledgement, as the agents saw it.
    let p50Milliseconds: Double
    let p99Milliseconds: Double
    let mostMilliseconds: Double
    /// How late an agent began to report: what the machine, and not the coordinator, took.
    let p99LateMilliseconds: Double
    /// Of one core, that the coordinator used, and all agents together.
    let coordinatorCores: Double
    let agentsCores: Double
    /// Proportional set size of the coordinator for each agent: with them at the end, less without them.
    let kibibytesPerAgent: Double
    /// Sessions that ended before the run did.
    let lost: Int
    /// Until the last had joined and connected.
    let readySeconds: Double
    /// What kept the run from being more, or another.
    let limits: [String]

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        """
        \(agents) agents, a report each \(intervalSeconds) s, for \(seconds) s
        reports/s        \(rounded(reportsPerSecond))
        p50, p99, most   \(rounded(p50Milliseconds)), \(rounded(p99Milliseconds)), \
        \(rounded(mostMilliseconds)) ms
        late, p99        \(rounded(p99LateMilliseconds)) ms
        coordinator      \(rounded(coordinatorCores * 100)) % of a core
        agents           \(rounded(agentsCores * 100)) % of a core
        memory           \(rounded(kibibytesPerAgent)) KiB for each agent
        sessions lost    \(lost)
        joined and connected in \(rounded(readySeconds)) s
        \(limits.map { "limit: \($0)" }.joined(separator: "\n"))
        """
    }

    private func rounded(_ number: Double) -> String { String(format: "%.1f", number) }
}
