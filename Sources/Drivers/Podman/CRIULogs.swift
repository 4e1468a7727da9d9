import HostIO
import Ports

/// Where CRIU wrote down how it fared, as an inspection says it.
struct CRIULogs: Decodable {
    let state: State

    struct State: Decodable {
        let checkpoint: String?
        let restore: String?

        enum CodingKeys: String, CodingKey {
            case checkpoint = "CheckpointLog"
            case restore = "RestoreLog"
        }
    }

    enum CodingKeys: String, CodingKey { case state = "State" }

    /// The failure with what CRIU noted of it, where it did: Podman itself only says that crun
    /// failed.
    static func explained(
        _ failure: DriverFailure, _ path: String, _ api: PodmanAPI
    ) async -> DriverFailure {
        guard failure.code == .refused,
            let response = try? await api.send(.get, path + "/json"), response.head.isSuccess,
            let found = try? JSON.decode(CRIULogs.self, from: response.body, of: "Podman")
        else { return failure }
        let reasons = found.reasons
        guard !reasons.isEmpty else { return failure }
        return DriverFailure(
            failure.code, failure.message, cause: "CRIU: " + reasons.joined(separator: "; "))
    }

    /// Lines that say what went wrong, the first ones: the rest follows from them.
    var reasons: [String] {
        for path in [state.restore, state.checkpoint] {
            guard let path, let text = try? HostFile.text(path) else { continue }
            let lines = text.split(separator: "\n").filter { line in
                // CRIU tries to raise its own limit and does without.
                line.contains("Error (") && !line.contains("RLIMIT_NOFILE")
            }
            if !lines.isEmpty { return lines.prefix(DriverLimits.reasonLines).map(Self.plain) }
        }
        return []
    }

    /// Without the time in front, as in `(00.006409) Error (criu/util.c:657): exited, status=1`.
    private static func plain(_ line: Substring) -> String {
        guard line.first == "(", let end = line.firstIndex(of: ")") else { return String(line) }
        return String(line[line.index(after: end)...].drop { $0 == " " })
    }
}
