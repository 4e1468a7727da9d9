import ClusterModel
import HostIO
import Identity
import Wire

/// What an agent keeps of the certificates that it has to refuse: one a line, `SERIAL END`.
extension RevocationList {
    init(_ revocations: Revocations) {
        self.init(
            revocations.certificates.map {
                Entry(serial: SerialNumber(bytes: $0.serial), notAfter: $0.notAfter)
            })
    }

    /// The list of the last time; empty where there was none.
    ///
    /// A line that cannot be read is passed over: the coordinator says all of it again with the next connection.
    static func kept(in directory: String) throws(FileFailure) -> RevocationList {
        let path = path(in: directory)
        guard HostFile.exists(path) else { return .empty }
        let entries = try HostFile.text(path).split(separator: "\n").compactMap { line -> Entry? in
            let words = line.split(separator: " ")
            guard words.count == 2, let serial = SerialNumber(hexadecimal: String(words[0])),
                let end = Int64(words[1])
            else { return nil }
            return Entry(serial: serial, notAfter: Instant(milliseconds: end))
        }
        return RevocationList(entries)
    }

    func keep(in directory: String) throws(FileFailure) {
        let lines = entries.map { "\($0.serial) \($0.notAfter.milliseconds)\n" }
        try HostFile.replace(Self.path(in: directory), with: Array(lines.joined().utf8))
    }

    private static func path(in directory: String) -> String { "\(directory)/revoked" }
}
