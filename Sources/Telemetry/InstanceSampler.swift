package import ClusterModel

/// Measures what one instance uses, once for every call.
package struct InstanceSampler: Sendable {
    private let files: KernelFiles
    private let reader: GroupReader
    /// `nil` where the kernel keeps pressure for no group.
    private let pressure: PressureFiles?
    /// Directory of the group in the hierarchy that lists its processes.
    private let directory: String?
    private var disks: Disks
    private var rates = SampleRates()
    private var witness: Witness?

    /// Where the figures of an instance's network come from.
    package enum Traffic: Hashable, Sendable {
        /// Nobody knows them.
        case unknown
        /// Somebody else counted them: bytes received and sent since the instance started.
        case counted(Bytes)
        /// The network namespace of the instance's processes, where that is not the host's own.
        case ofProcesses
    }

    /// The process through which a network namespace is read, and that namespace.
    private struct Witness: Hashable, Sendable {
        let process: UInt64
        let namespace: String?
        /// An instance in the host's own namespace, or in one that may not be looked at, would be
        /// given the traffic of others.
        let isHosts: Bool
    }

    /// Levels of groups below the instance's in which its processes are looked for.
    ///
    /// An init system in a container has them in slices and services.
    private static let deepest = 3

    /// Measures the group at `controlGroup`, a path relative to the root of each of `groups`'
    /// hierarchies.
    package init(files: KernelFiles = KernelFiles(), groups: ControlGroups, controlGroup: String) {
        self.files = files
        reader = GroupReader(files: files, groups: groups, group: controlGroup)
        let hierarchy = groups.hierarchy(of: .cpuacct)
        directory = hierarchy?.directory(of: controlGroup)
        pressure = hierarchy.flatMap {
            $0.version == .two ? .group($0.directory(of: controlGroup)) : nil
        }
        disks = Disks(files: files)
    }

    /// The sample at a moment of the monotonic clock; `nil` when the instance's group has vanished.
    package mutating func sample(
        atNanoseconds now: UInt64, traffic: Traffic = .unknown
    ) -> Sample? {
        guard let counters = reader.read(&disks) else { return nil }
        return rates.sample(
            counters, network: bytes(of: traffic), pressure: pressure?.read(files),
            atNanoseconds: now)
    }

    private mutating func bytes(of traffic: Traffic) -> UInt64? {
        switch traffic {
        case .unknown:
            return nil
        case .counted(let bytes):
            return bytes.count
        case .ofProcesses:
            let current = witness.flatMap(stillThere) ?? findWitness()
            if current != witness { rates.restartNetwork() }
            witness = current
            guard let current, !current.isHosts else { return nil }
            return NetworkInterfaces.bytes(ofProcess: current.process, files: files)
        }
    }

    /// The same process in the same namespace: a process number is used again, a namespace's is not
    /// soon.
    private func stillThere(_ witness: Witness) -> Witness? {
        files.destination(of: Self.link(witness.process)) == witness.namespace
            && files.exists("/proc/\(witness.process)/net/dev") ? witness : nil
    }

    private func findWitness() -> Witness? {
        guard let directory, let process = process(in: directory, deepest: Self.deepest) else {
            return nil
        }
        let namespace = files.destination(of: Self.link(process))
        let own = files.destination(of: "/proc/self/ns/net")
        let isHosts = own != nil && (namespace == nil || namespace == own)
        return Witness(process: process, namespace: namespace, isHosts: isHosts)
    }

    private func process(in directory: String, deepest: Int) -> UInt64? {
        let own = files.read(directory + "/cgroup.procs") { text -> UInt64? in
            repeat {
                // Zero stands for a process outside this process-number namespace.
                if let process = text.number(), process > 0 { return process }
            } while text.nextLine()
            return nil
        }
        if let own { return own }
        guard deepest > 0 else { return nil }
        for name in files.directories(in: directory) {
            if let found = process(in: directory + "/" + name, deepest: deepest - 1) {
                return found
            }
        }
        return nil
    }

    private static func link(_ process: UInt64) -> String { "/proc/\(process)/ns/net" }
}
