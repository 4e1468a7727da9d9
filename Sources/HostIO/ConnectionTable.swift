/// What the kernel tells of a process's connections.
package enum ConnectionTable {
    /// Whether the process has an established connection at `port` of this end; `nil` where the kernel does not tell.
    ///
    /// - Source: proc(5), `/proc/net/tcp`; the states of include/net/tcp_states.h.
    package static func isEstablished(at port: UInt16, of process: Int32) -> Bool? {
        guard let table = try? HostFile.text("/proc/\(process)/net/tcp"),
            let files = try? HostFile.names(in: "/proc/\(process)/fd")
        else { return nil }
        let sockets = Set(
            files.compactMap { try? HostFile.destination(of: "/proc/\(process)/fd/\($0)") })
        return established(at: port, in: table).contains { sockets.contains("socket:[\($0)]") }
    }

    /// The sockets of such connections, by their inodes.
    static func established(at port: UInt16, in table: String) -> [Substring] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == established,
                let colon = fields[1].lastIndex(of: ":"),
                UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port
            else { return nil }
            return fields[9]
        }
    }

    private static let established = "01"
}
