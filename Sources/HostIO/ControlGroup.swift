package import ClusterModel
import Glibc

/// One group of processes with its limits, at the same path in every hierarchy.
package struct ControlGroup: Hashable, Sendable {
    /// Relative to the root of every hierarchy, without a slash at its start.
    package let path: String
    package let tree: ControlGroupTree

    /// What holds for all processes of a group together.
    package struct Limits: Hashable, Sendable {
        /// What it gets of a busy host, in proportion to the others.
        package let weight: CPU
        /// The most it gets of any host; `nil` for no cap of its own.
        package let cap: CPU?
        package let memory: Bytes?
        package let processes: UInt64

        package init(weight: CPU, cap: CPU?, memory: Bytes?, processes: UInt64 = 4096) {
            self.weight = weight
            self.cap = cap
            self.memory = memory
            self.processes = processes
        }
    }

    /// Names the group; nothing is made yet.
    package init(_ path: String, in tree: ControlGroupTree) {
        self.path = path
        self.tree = tree
    }

    /// Makes the group with its parents where they are missing, and sets `limits`.
    package func create(_ limits: Limits) throws(FileFailure) {
        for hierarchy in tree.hierarchies {
            if hierarchy.version == .v2 { try enableControllers(in: hierarchy) }
            try HostFile.makeDirectory(directory(in: hierarchy), mode: 0o755)
            switch hierarchy.version {
            case .v1: try set(limits, inFirst: hierarchy)
            case .v2: try set(limits, inSecond: hierarchy)
            }
        }
    }

    /// The files into which a process writes its own number to join.
    package var membershipFiles: [String] {
        tree.hierarchies.map { directory(in: $0) + "/cgroup.procs" }
    }

    /// Puts a process into the group.
    package func add(_ process: Int32) throws(FileFailure) {
        for file in membershipFiles { try HostFile.write("\(process)", into: file) }
    }

    /// Processes of the group, without those of its children.
    package func members() -> [Int32] {
        guard let file = membershipFiles.first, let text = try? HostFile.text(file) else {
            return []
        }
        return text.split(separator: "\n").compactMap { Int32($0) }
    }

    package var exists: Bool {
        tree.hierarchies.contains { HostFile.exists(directory(in: $0)) }
    }

    /// Removes the group from every hierarchy; members that are left are killed.
    ///
    /// The kernel frees a group only once its last member is reaped, which is not ours to wait for
    /// in any other way than asking again: every 20 ms, for `limit` at most.
    package func remove(within limit: Duration = .seconds(5)) async throws(FileFailure) {
        let deadline = ContinuousClock.now + limit
        while true {
            do throws(FileFailure) {
                for hierarchy in tree.hierarchies {
                    let directory = directory(in: hierarchy)
                    guard rmdir(directory) == 0 || errno == ENOENT else {
                        throw FileFailure("rmdir", directory)
                    }
                }
                return
            } catch {
                guard error.code == EBUSY, ContinuousClock.now < deadline else { throw error }
            }
            for process in members() { kill(process, SIGKILL) }
            do { try await Task.sleep(for: .milliseconds(20)) } catch {
                throw FileFailure("rmdir", path, code: ECANCELED)
            }
        }
    }

    func directory(in hierarchy: ControlGroupTree.Hierarchy) -> String {
        hierarchy.mount + "/" + path
    }

    private func set(_ limits: Limits, inFirst hierarchy: ControlGroupTree.Hierarchy)
        throws(FileFailure)
    {
        let directory = directory(in: hierarchy)
        if hierarchy.has("cpu") {
            try HostFile.write("\(limits.weight.shares)", into: directory + "/cpu.shares")
            try setQuota(limits.cap, in: directory)
        }
        if hierarchy.has("memory"), let memory = limits.memory {
            try HostFile.write("\(memory.count)", into: directory + "/memory.limit_in_bytes")
        }
        if hierarchy.has("pids") {
            try HostFile.write("\(limits.processes)", into: directory + "/pids.max")
        }
    }

    /// A group may not have a larger quota than its parent; the kernel says so with EINVAL. Then
    /// the parent's holds, which is the smaller one.
    private func setQuota(_ cap: CPU?, in directory: String) throws(FileFailure) {
        let file = directory + "/cpu.cfs_quota_us"
        guard let cap else { return try HostFile.write("-1", into: file) }
        try HostFile.write("\(CPU.quotaPeriod)", into: directory + "/cpu.cfs_period_us")
        do throws(FileFailure) {
            try HostFile.write("\(cap.quota)", into: file)
        } catch {
            guard error.code == EINVAL else { throw error }
            try HostFile.write("-1", into: file)
        }
    }

    private func set(_ limits: Limits, inSecond hierarchy: ControlGroupTree.Hierarchy)
        throws(FileFailure)
    {
        let directory = directory(in: hierarchy)
        if hierarchy.has("cpu") {
            try HostFile.write("\(limits.weight.weight)", into: directory + "/cpu.weight")
            let quota = limits.cap.map { "\($0.quota)" } ?? "max"
            try HostFile.write("\(quota) \(CPU.quotaPeriod)", into: directory + "/cpu.max")
        }
        if hierarchy.has("memory"), let memory = limits.memory {
            try HostFile.write("\(memory.count)", into: directory + "/memory.max")
        }
        if hierarchy.has("pids") {
            try HostFile.write("\(limits.processes)", into: directory + "/pids.max")
        }
    }
}

extension CPU {
    /// Microseconds over which a cap is accounted; the kernel's own default.
    package static let quotaPeriod: UInt64 = 100_000

    /// Microseconds of processor time in one period; the kernel takes no less than 1 000.
    package var quota: UInt64 {
        let (product, overflow) = millicores.multipliedReportingOverflow(
            by: Self.quotaPeriod / 1000)
        return overflow ? .max : max(1000, product)
    }

    /// Weight on cgroup v1, where 1 024 stands for one core.
    package var shares: UInt64 { min(max(2, millicores.saturatingProduct(1024) / 1000), 262_144) }

    /// Weight on cgroup v2, converted from the shares as container runtimes do.
    /// - Source: crun, runc and Kubernetes KEP-2254: 1 + ((shares − 2) × 9 999) ÷ 262 142.
    package var weight: UInt64 { 1 + ((shares - 2) * 9999) / 262_142 }
}

extension UInt64 {
    fileprivate func saturatingProduct(_ factor: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
