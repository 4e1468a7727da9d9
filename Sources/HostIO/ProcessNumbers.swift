/// The numbers that one process has in the namespaces it is in.
package enum ProcessNumbers {
    /// What it is in its own namespace, of which the process with the number 1 takes all others with it; `nil` where nobody knows.
    ///
    /// - Source: proc_pid_status(5), `NSpid`: from the namespace of the reader to its own.
    package static func innermost(of process: Int32) -> Int32? {
        guard let status = try? HostFile.text("/proc/\(process)/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") })
        else { return nil }
        return line.split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0) }
    }
}
