import ClusterModel

extension CapacityReader {
    /// Sockets of the largest machine whose energy counters are looked for.
    private static let mostPackages = 16

    /// Whether the kernel keeps pressure for each instance, or why not.
    func instancePressure() -> Capability {
        func no(_ reason: String) -> Capability {
            Capability(.instancePressure, available: false, detail: reason)
        }
        guard let hierarchy = groups.hierarchy(of: .cpuacct) else {
            return no("no control groups are mounted")
        }
        guard hierarchy.version == .two else {
            return no("control groups are version 1, only version 2 keeps pressure for each")
        }
        guard files.exists("/proc/pressure/cpu") else {
            return no("the kernel keeps no pressure (built without PSI or booted with psi=0)")
        }
        guard files.exists(hierarchy.directory(of: group) + "/cpu.pressure") else {
            return no("the kernel keeps pressure for the machine only (cgroup_disable=pressure)")
        }
        return Capability(.instancePressure, available: true, detail: "cgroup v2")
    }

    /// Whether the energy counters are there, may be read and are this host's, or why not.
    func energy() -> Capability {
        func no(_ reason: String) -> Capability {
            Capability(.energy, available: false, detail: reason)
        }
        let zones = (0..<Self.mostPackages).map { "/sys/class/powercap/intel-rapl:\($0)" }
            .filter { files.exists($0 + "/energy_uj") }
        guard !zones.isEmpty else {
            return no("the kernel shows no RAPL zone under /sys/class/powercap")
        }
        guard !groups.isPartOfMachine(group, files: files) else {
            return no("the counters are the whole machine's, of which this host is a part")
        }
        guard zones.allSatisfy({ files.number(in: $0 + "/energy_uj") != nil }) else {
            return no("energy_uj cannot be read, which takes root")
        }
        return Capability(.energy, available: true, detail: "RAPL, \(zones.count) package(s)")
    }
}
