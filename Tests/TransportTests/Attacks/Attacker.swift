import Foundation
import Testing

/// Runs `attacker.py`, and reads what it says.
enum Attacker {
    /// What became of the connections of one attack.
    struct Outcome: Decodable, Sendable {
        let cut: Int
        let held: Int
        /// Seconds until the server cut one off.
        let longest: Double
        let shortest: Double
        /// Seconds at most from the attack's first byte.
        let borne: Double
        let sent: Int
        let errors: [String: Int]
    }

    /// Attacks until all connections are cut off or the time is over.
    static func run(
        _ attacks: [String], port: Int, connections: Int? = nil, seconds: Double,
        options: [String] = []
    ) async throws -> [String: Outcome] {
        let (status, output) = try await Python.run(
            "attacker.py",
            [attacks.joined(separator: ","), "\(port)", "\(connections ?? attacks.count)"]
                + ["\(seconds)"] + options, in: "Attacks")
        try #require(status == 0, "the attacker failed: \(output)")
        // What Python complains of a connection that was cut while it ends comes after it.
        let line = try #require(
            output.split(separator: "\n").last { $0.hasPrefix("{") }, "\(output)")
        return try JSONDecoder().decode([String: Outcome].self, from: Data(line.utf8))
    }

    /// Those that end as soon as their rate is seen.
    static let floods = [
        "rapid-reset", "made-you-reset", "made-you-cut", "continuation", "empty-continuation",
        "ping",
        "ping-unread", "settings", "settings-unread", "empty-data", "padded-data", "byte-data",
        "priority", "window", "dribble", "unknown", "unknown-large", "goaway", "header-bomb",
        "long-headers", "garbage", "inner-garbage",
    ]

    /// Those for which it matters that there is TLS in between.
    static let floodsWithinTLS = [
        "ping", "ping-unread", "settings-unread", "empty-data", "unknown-large", "garbage",
        "inner-garbage",
    ]
}
