import HostIO
import Ports

/// What CRIU noted about one container; Podman itself only says that crun failed.
struct CRIULog: Decodable {
    /// Podman's own directory of the container.
    let directory: String

    enum CodingKeys: String, CodingKey { case directory = "StaticDir" }

    /// Which of its works CRIU writes about.
    enum Work: String, Hashable, Sendable {
        case checkpoint = "dump.log"
        case restore = "restore.log"
    }

    /// The failure of `work` with what CRIU noted of it, where it did and can be read from here.
    static func explained(
        _ failure: DriverFailure, of work: Work, _ path: String, _ api: PodmanAPI
    ) async -> DriverFailure {
        guard failure.code == .refused,
            let response = try? await api.send(.get, path + "/json"), response.head.isSuccess,
            let found = try? JSON.decode(CRIULog.self, from: response.body, of: "Podman")
        else { return failure }
        let reasons = found.reasons(of: work)
        guard !reasons.isEmpty else { return failure }
        return DriverFailure(
            failure.code, failure.message, cause: "CRIU: " + reasons.joined(separator: "; "))
    }

    /// Lines that say what went wrong, the first ones: the rest follows from them.
    private func reasons(of work: Work) -> [String] {
        guard let text = try? HostFile.text("\(directory)/\(work.rawValue)") else { return [] }
        let lines = text.split(separator: "\n").filter { line in
            // CRIU tries to raise its own limit and does without.
            line.contains("Error (") && !line.contains("RLIMIT_NOFILE")
        }
        return lines.prefix(DriverLimits.reasonLines).map(Self.plain)
    }

    /// Without the time in front, as in `(00.006409) Error (criu/util.c:657): exited, status=1`.
    private static func plain(_ line: Substring) -> String {
        guard line.first == "(", let end = line.firstIndex(of: ")") else { return String(line) }
        return String(line[line.index(after: end)...].drop { $0 == " " })
    }
}
