/// A process as nothing else ever was: its number, when it started, and in which boot.
package struct ProcessIdentity: Hashable, Sendable {
    package let process: Int32
    /// Clock ticks between the boot and its start.
    package let startTicks: UInt64
    package let bootID: String

    package init(process: Int32, startTicks: UInt64, bootID: String) {
        self.process = process
        self.startTicks = startTicks
        self.bootID = bootID
    }

    /// The process that has this number now; `nil` when there is none or it is a zombie.
    package static func current(of process: Int32) -> ProcessIdentity? {
        guard let stat = try? HostFile.text("/proc/\(process)/stat"),
            let boot = try? HostFile.text("/proc/sys/kernel/random/boot_id"),
            // The second field is the command in parentheses and may hold anything, parentheses
            // too.
            let end = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        // Source: proc(5). Field 3 is the state, field 22 the start time.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let ticks = UInt64(fields[19])
        else {
            return nil
        }
        return ProcessIdentity(
            process: process, startTicks: ticks, bootID: boot.filter { !$0.isWhitespace })
    }

    /// Whether it still runs.
    package var isRunning: Bool { Self.current(of: process) == self }
}
