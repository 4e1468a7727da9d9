/// Reads the counters of one control group in the hierarchies that account for it.
package struct GroupReader: Hashable, Sendable {
    /// Whose counters these are, relative to the root of each hierarchy.
    package let group: String
    private let files: KernelFiles
    // Whole paths: they are used every second and putting them together would cost more than
    // reading.
    private let usage: Source?
    private let quota: Source?
    private let memory: Memory?
    private let disk: Source?

    private enum Source: Hashable, Sendable {
        case one(String)
        case two(String)
    }

    private struct Memory: Hashable, Sendable {
        let usage: String
        let statistics: String
        let inactiveFile: String
    }

    /// Looks for `group`, which starts with a slash, in each of `groups`' hierarchies; it may not
    /// exist yet.
    package init(files: KernelFiles, groups: ControlGroups, group: String) {
        self.files = files
        self.group = group
        usage = Self.source("/cpuacct.usage", "/cpu.stat", groups.hierarchy(of: .cpuacct), group)
        quota = Self.source("/cpu.stat", "/cpu.stat", groups.hierarchy(of: .cpu), group)
        disk = Self.source(
            "/blkio.throttle.io_service_bytes_recursive", "/io.stat", groups.hierarchy(of: .blkio),
            group)
        memory = groups.hierarchy(of: .memory).map { hierarchy in
            let directory = hierarchy.directory(of: group)
            return switch hierarchy.version {
            case .one:
                // `total_` is with the groups below, as usage is.
                Memory(
                    usage: directory + "/memory.usage_in_bytes",
                    statistics: directory + "/memory.stat",
                    inactiveFile: "total_inactive_file")
            case .two:
                Memory(
                    usage: directory + "/memory.current", statistics: directory + "/memory.stat",
                    inactiveFile: "inactive_file")
            }
        }
    }

    /// The counters now; `nil` when there is no such group.
    package func read(_ disks: inout Disks) -> GroupCounters? {
        guard let (used, throttled) = readProcessor() else { return nil }
        return GroupCounters(
            cpuNanoseconds: used, throttledMicroseconds: throttled, memory: readMemory(),
            disk: readDisk(&disks))
    }

    /// Processor time in nanoseconds and throttled microseconds.
    /// - Source: Linux, Documentation/admin-guide/cgroup-v1/cpuacct.rst and cgroup-v2.rst
    ///   (`cpu.stat`); Documentation/scheduler/sched-bwc.rst: `throttled_time` in nanoseconds.
    private func readProcessor() -> (UInt64, UInt64?)? {
        switch usage {
        case .one(let path):
            guard let used = files.number(in: path) else { return nil }
            return (used, readThrottled())
        case .two(let path):
            let counted = files.read(path) { text -> (UInt64, UInt64?)? in
                guard let used = text.value(of: "usage_usec") else { return nil }
                return (used.saturatingProduct(1000), text.value(of: "throttled_usec"))
            }
            guard let counted else { return nil }
            // Both figures stand in one file, unless the controller of quotas is on the other
            // version.
            return quota == usage ? counted : (counted.0, readThrottled())
        case nil:
            return nil
        }
    }

    private func readThrottled() -> UInt64? {
        switch quota {
        case .one(let path): files.read(path) { $0.value(of: "throttled_time") }.map { $0 / 1000 }
        case .two(let path): files.read(path) { $0.value(of: "throttled_usec") }
        case nil: nil
        }
    }

    private func readMemory() -> UInt64? {
        guard let memory, let used = files.number(in: memory.usage) else { return nil }
        let inactive = files.read(memory.statistics) { $0.value(of: memory.inactiveFile) } ?? 0
        // Both are read at different moments: the statistics may be ahead.
        return used - min(used, inactive)
    }

    private func readDisk(_ disks: inout Disks) -> UInt64? {
        switch disk {
        // Its last line is the sum over all devices and directions.
        case .one(let path): files.read(path) { $0.value(of: "Total") }
        case .two(let path): disks.bytes(inGroupFile: path)
        case nil: nil
        }
    }

    private static func source(
        _ first: String, _ second: String, _ hierarchy: ControlGroups.Hierarchy?, _ group: String
    ) -> Source? {
        guard let hierarchy else { return nil }
        let directory = hierarchy.directory(of: group)
        return switch hierarchy.version {
        case .one: .one(directory + first)
        case .two: .two(directory + second)
        }
    }
}
