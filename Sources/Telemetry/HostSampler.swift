import ClusterModel
import Glibc

/// Measures what this host uses, once for every call.
///
/// A host is the control group under which its workloads run. Where that is the real root, the host
/// is the machine, and /proc says what is used; otherwise the group's own counters do, because
/// /proc is then about a machine of which the host is a part.
package struct HostSampler: Sendable {
    private let files: KernelFiles
    /// `nil` when the host is the machine.
    private let group: GroupReader?
    private let pressure: PressureFiles
    private var disks: Disks
    private var interfaces: NetworkInterfaces
    private var rates = SampleRates()
    /// Nanoseconds of one tick of /proc/stat.
    private let tick: UInt64

    /// Measures `group`, a path relative to the root of each hierarchy, such as `/` or
    /// `/huddle.slice`.
    package init(files: KernelFiles = KernelFiles(), group: String = "/") {
        self.files = files
        let groups = ControlGroups(files: files)
        let isPart = groups.isPartOfMachine(group, files: files)
        self.group = isPart ? GroupReader(files: files, groups: groups, group: group) : nil
        pressure = Self.pressure(of: isPart ? group : nil, groups, files)
        disks = Disks(files: files)
        interfaces = NetworkInterfaces(files: files)
        tick = 1_000_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Whether what is measured is the whole machine rather than a control group.
    package var isMachine: Bool { group == nil }

    /// The sample at a moment of the monotonic clock.
    package mutating func sample(atNanoseconds now: UInt64) -> Sample {
        let counters = if let group { readGroup(group) } else { readMachine() }
        let before = interfaces.counted
        let traffic = interfaces.bytes()
        if interfaces.counted != before { rates.restartNetwork() }
        return rates.sample(
            counters, network: traffic, pressure: pressure.read(files), atNanoseconds: now)
    }

    private mutating func readGroup(_ group: GroupReader) -> GroupCounters {
        let own = group.read(&disks) ?? .unknown
        // A group without the memory controller may use all of the machine's, and that is its
        // capacity too.
        return GroupCounters(
            cpuNanoseconds: own.cpuNanoseconds, throttledMicroseconds: own.throttledMicroseconds,
            memory: own.memory ?? memoryInUse(), disk: own.disk)
    }

    private mutating func readMachine() -> GroupCounters {
        GroupCounters(
            cpuNanoseconds: busyTicks().map { $0.saturatingProduct(tick) },
            throttledMicroseconds: nil,
            memory: memoryInUse(), disk: disks.bytesOfMachine())
    }

    /// Ticks in which a processor of this machine did something.
    ///
    /// Neither idle, nor waiting for a disk, nor taken by a hypervisor; a guest's time is in its
    /// thread's.
    /// - Source: Linux, Documentation/filesystems/proc.rst, 1.7.
    private func busyTicks() -> UInt64? {
        files.read("/proc/stat") { text in
            guard text.skip("cpu "), let user = text.number(), let nice = text.number(),
                let system = text.number()
            else { return nil }
            text.skip(words: 2)
            guard let interrupts = text.number(), let softInterrupts = text.number() else {
                return nil
            }
            return [nice, system, interrupts, softInterrupts].reduce(user) { $0.saturatingSum($1) }
        }
    }

    private func memoryInUse() -> UInt64? {
        files.read("/proc/meminfo") { text in
            guard let total = text.value(of: "MemTotal"),
                let available = text.value(of: "MemAvailable")
            else { return nil }
            return (total - min(total, available)).saturatingProduct(1024)
        }
    }

    private static func pressure(
        of group: String?, _ groups: ControlGroups, _ files: KernelFiles
    ) -> PressureFiles {
        guard let group, let hierarchy = groups.hierarchy(of: .cpuacct), hierarchy.version == .two
        else { return .machine }
        let own = PressureFiles.group(hierarchy.directory(of: group))
        return own.read(files) == nil ? .machine : own
    }
}
