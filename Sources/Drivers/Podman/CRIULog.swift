import ClusterModel
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

        /// What CRIU writes last when it gave up.
        fileprivate var end: String {
            switch self {
            case .checkpoint: "Dumping FAILED"
            case .restore: "Restoring FAILED"
            }
        }

        fileprivate var verdict: CheckpointVerdict.Work {
            switch self {
            case .checkpoint: .checkpoint
            case .restore: .restore
            }
        }
    }

    /// Removes what CRIU noted of an earlier attempt, before the next one: Podman can fail before it asks CRIU, and what
    /// lies there is then no word about it.
    static func clear(_ work: Work, in directory: String?) async throws(DriverFailure) {
        guard let directory else { return }
        do throws(FileFailure) { try await HostFile.erase("\(directory)/\(work.rawValue)") } catch {
            throw DriverFailure(area: error)
        }
    }

    /// The failure of `work` with what CRIU noted of it, where it did and can be read from here.
    static func explained(
        _ failure: DriverFailure, of work: Work, _ path: String, _ api: PodmanAPI
    ) async -> DriverFailure {
        guard failure.code == .refused,
            let response = try? await api.send(.get, path + "/json"), response.head.isSuccess,
            let found = try? JSON.decode(CRIULog.self, from: response.body, of: "Podman")
        else { return failure }
        let noted = found.errors(of: work)
        let reasons = noted.prefix(DriverLimits.reasonLines)
        guard !reasons.isEmpty else { return failure }
        return DriverFailure(
            failure.code, failure.message, cause: "CRIU: " + reasons.joined(separator: "; "),
            verdict: verdict(on: work, noted))
    }

    /// What CRIU says of the program, if that is what it says: it has to have given up by itself, and not for want of something
    /// that may be there the next time.
    static func verdict(on work: Work, _ errors: [String]) -> CheckpointVerdict? {
        guard let first = errors.first, errors.contains(where: { $0.contains(work.end) }),
            !errors.contains(where: { line in (passing + broken).contains { line.contains($0) } })
        else { return nil }
        // Behind the place in CRIU's source.
        let words = first.firstRange(of: "): ").map { first[$0.upperBound...] } ?? first[...]
        return CheckpointVerdict(work.verdict, reason: String(words))
    }

    /// What the kernel says of a host that is busy or full, or of processes that ended meanwhile; and CRIU of one that is slow.
    private static let passing = [
        "No space left on device", "Disk quota exceeded", "Cannot allocate memory",
        "Too many open files", "Resource temporarily unavailable", "Device or resource busy",
        "Interrupted system call", "Input/output error", "No such process", "Timeout reached",
        "Address already in use", "Cannot assign requested address", "Read-only file system",
    ]

    /// Where CRIU reads what it wrote: an archive that is not whole says nothing of the program.
    private static let broken = ["(criu/image.c:", "(criu/protobuf.c:"]

    /// Lines that say what went wrong: all follows from the first ones.
    private func errors(of work: Work) -> [String] {
        guard let text = try? HostFile.text("\(directory)/\(work.rawValue)") else { return [] }
        let lines = text.split(separator: "\n").filter { line in
            // CRIU tries to raise its own limit and does without.
            line.contains("Error (") && !line.contains("RLIMIT_NOFILE")
        }
        return lines.map(Self.plain)
    }

    /// Without the time in front, as in `(00.006409) Error (criu/util.c:657): exited, status=1`.
    private static func plain(_ line: Substring) -> String {
        guard line.first == "(", let end = line.firstIndex(of: ")") else { return String(line) }
        return String(line[line.index(after: end)...].drop { $0 == " " })
    }
}
