package import ClusterModel
import Glibc

/// Reads what this host can give: the machine's hardware as far as its control group may use it.
package struct CapacityReader: Sendable {
    let files: KernelFiles
    let groups: ControlGroups
    let group: String
    private let disk: String
    private let wakeTime: Duration?

    /// Reads for workloads that run under `group`, relative to the root of each hierarchy, and
    /// whose files are in the directory `disk`; how long the host takes to wake, no file says.
    package init(
        files: KernelFiles = KernelFiles(), group: String = "/", disk: String,
        wakeTime: Duration? = nil
    ) {
        self.files = files
        self.group = group
        self.disk = disk
        self.wakeTime = wakeTime
        groups = ControlGroups(files: files)
    }

    /// The capacity now, with what drivers found out about themselves added to what the kernel
    /// says.
    package func read(adding probed: [Capability] = []) throws(TelemetryFailure) -> Capacity {
        let total = Resources(
            cpu: try readProcessors(), memory: try readMemory(), disk: try readDisk(),
            network: BytesPerSecond(NetworkInterfaces(files: files).speed() ?? .max))
        return Capacity(
            total: total, hostReserve: Capacity.standardReserve(of: total),
            architecture: readArchitecture(), features: readFeatures(),
            kernel: files.word(in: "/proc/sys/kernel/osrelease") ?? "", bootID: try readBootID(),
            capabilities: probed + [instancePressure(), energy()], wakeTime: wakeTime)
    }

    /// The least of the processors that run, those the group may run on, and the quota of any group
    /// above it.
    /// - Source: Linux, Documentation/scheduler/sched-bwc.rst; cgroup-v2.rst, `cpu.max`.
    private func readProcessors() throws(TelemetryFailure) -> CPU {
        let online = "/sys/devices/system/cpu/online"
        guard let count = files.read(online, Self.countOfList), count > 0 else {
            throw TelemetryFailure(online, "The list of processors cannot be read.")
        }
        var limits = [count.saturatingProduct(1000)]
        if let hierarchy = groups.hierarchy(of: .cpuset) {
            let name =
                hierarchy.version == .one ? "/cpuset.effective_cpus" : "/cpuset.cpus.effective"
            let allowed = files.read(hierarchy.directory(of: group) + name, Self.countOfList) ?? 0
            if allowed > 0 { limits.append(allowed.saturatingProduct(1000)) }
        }
        if let hierarchy = groups.hierarchy(of: .cpu) {
            limits += ControlGroups.lineage(of: group).compactMap { quota(hierarchy, $0) }
        }
        return CPU(millicores: limits.min() ?? 0)
    }

    /// Millicores that the quota of one group allows; `nil` when it has none.
    private func quota(_ hierarchy: ControlGroups.Hierarchy, _ group: String) -> UInt64? {
        let directory = hierarchy.directory(of: group)
        let microseconds: (quota: UInt64, period: UInt64)?
        switch hierarchy.version {
        case .one:
            // No quota is -1, which is no number here.
            let quota = files.number(in: directory + "/cpu.cfs_quota_us")
            let period = files.number(in: directory + "/cpu.cfs_period_us")
            microseconds = quota.flatMap { quota in period.map { (quota, $0) } }
        case .two:
            // No quota is `max`.
            microseconds = files.read(directory + "/cpu.max") { text in
                guard let quota = text.number(), let period = text.number() else { return nil }
                return (quota, period)
            }
        }
        guard let (quota, period) = microseconds, period > 0 else { return nil }
        return quota.saturatingProduct(1000) / period
    }

    /// How many numbers a list such as `0-3,8` names.
    private static func countOfList(_ text: inout KernelText) -> UInt64? {
        var count: UInt64 = 0
        while let first = text.number() {
            let last = text.skip("-") ? text.number() ?? first : first
            guard last >= first else { return nil }
            count = count.saturatingSum((last - first).saturatingSum(1))
            guard text.skip(",") else { break }
        }
        return count
    }

    /// The least of the machine's memory and the limit of any group above.
    private func readMemory() throws(TelemetryFailure) -> Bytes {
        let table = "/proc/meminfo"
        guard let total = files.read(table, { $0.value(of: "MemTotal") }) else {
            throw TelemetryFailure(table, "It does not say how much memory the machine has.")
        }
        var limits = [total.saturatingProduct(1024)]
        if let hierarchy = groups.hierarchy(of: .memory) {
            let name = hierarchy.version == .one ? "/memory.limit_in_bytes" : "/memory.max"
            limits += ControlGroups.lineage(of: group).compactMap {
                files.number(in: hierarchy.directory(of: $0) + name)
            }
        }
        return Bytes(limits.min() ?? 0)
    }

    private func readDisk() throws(TelemetryFailure) -> Bytes {
        guard let size = files.fileSystemSize(of: disk) else {
            throw TelemetryFailure(disk, "Its file system cannot be asked for its size.")
        }
        return Bytes(size)
    }

    private func readArchitecture() -> String {
        // A file since Linux 6.1; before that only the system call says it.
        if let name = files.word(in: "/proc/sys/kernel/arch") { return name }
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        return withUnsafeBytes(of: &names.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Features of the first processor, which are `flags` on x86 and `Features` on ARM.
    private func readFeatures() -> [String] {
        files.read("/proc/cpuinfo") { text in
            repeat {
                guard let key = text.word(), key == "flags" || key == "Features" else { continue }
                guard text.word() == ":" else { continue }
                var names: Set<String> = []
                while let name = text.word() { names.insert(name) }
                return names.sorted()
            } while text.nextLine()
            return nil
        } ?? []
    }

    /// Kernel boot and start of the first process of this process-number namespace.
    ///
    /// Hosts that are containers share the machine's kernel and so its boot; their reboot is a new
    /// first process, whose start the kernel counts in ticks since the boot.
    /// - Source: proc_pid_stat(5), field 22.
    private func readBootID() throws(TelemetryFailure) -> String {
        let boot = "/proc/sys/kernel/random/boot_id"
        let first = "/proc/1/stat"
        guard let id = files.word(in: boot) else {
            throw TelemetryFailure(boot, "The identifier of this boot cannot be read.")
        }
        let start = files.read(first) { text in
            // The second field is the program's name and may have blanks and brackets in it.
            guard text.skip(pastLast: ") ") else { return UInt64?.none }
            text.skip(words: 19)
            return text.number()
        }
        guard let start else {
            throw TelemetryFailure(first, "The start of the first process cannot be read.")
        }
        return "\(id)/\(start)"
    }
}
