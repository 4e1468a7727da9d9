import ClusterModel
import HostIO
import Ports

/// Bytes that went through the interfaces of a process's network namespace.
enum InterfaceCounters {
    /// The sum over all interfaces but the loopback, or `nil` when the process is gone.
    ///
    /// - Source: Linux, Documentation/filesystems/proc.rst: two lines of heading, then the name,
    ///   a colon and sixteen numbers, of which the first is bytes received and the ninth bytes sent.
    static func total(ofNamespaceOf process: Int32) -> TrafficCounters? {
        guard let text = try? HostFile.text("/proc/\(process)/net/dev") else { return nil }
        var received: UInt64 = 0
        var sent: UInt64 = 0
        for line in text.split(separator: "\n").dropFirst(2) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].drop { $0 == " " }
            let fields = line[line.index(after: colon)...].split(separator: " ").map {
                UInt64($0) ?? 0
            }
            guard name != "lo", fields.count >= 9 else { continue }
            received = received.saturatingSum(fields[0])
            sent = sent.saturatingSum(fields[8])
        }
        return TrafficCounters(received: Bytes(received), sent: Bytes(sent))
    }
}
