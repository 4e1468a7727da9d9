package import ClusterModel

/// The cgroup hierarchies of this host as this process sees them: v1 controllers, v2, or both.
///
/// A group has one path, relative to the root of every hierarchy and without a slash at its start.
package struct ControlGroupTree: Hashable, Sendable {
    /// Hierarchies in which a workload needs a group of its own.
    package let hierarchies: [Hierarchy]

    /// One mounted hierarchy.
    package struct Hierarchy: Hashable, Sendable {
        /// Where it is mounted.
        package let mount: String
        package let version: Version
        /// Controllers it has, in ascending order; of v2 those that its root offers.
        package let controllers: [String]

        package enum Version: Hashable, Sendable { case v1, v2 }

        package init(mount: String, version: Version, controllers: [String]) {
            self.mount = mount
            self.version = version
            self.controllers = controllers.sorted()
        }

        func has(_ controller: String) -> Bool { controllers.contains(controller) }
    }

    /// Controllers that account for or limit a workload; a hierarchy with none of them is left
    /// alone.
    static let wanted = ["cpu", "cpuacct", "memory", "pids", "io", "blkio"]

    package init(hierarchies: [Hierarchy]) {
        self.hierarchies = hierarchies.filter { hierarchy in
            Self.wanted.contains { hierarchy.has($0) }
        }
    }

    /// What is mounted now.
    package static func mounted() throws(FileFailure) -> ControlGroupTree {
        let mounts = try HostFile.text("/proc/self/mountinfo")
        return ControlGroupTree(hierarchies: mounts.split(separator: "\n").compactMap(hierarchy))
    }

    /// The cap that holds for everything on this host; `nil` where there is none.
    ///
    /// Inside a container host this is the container's own, seen at the root of its cgroup
    /// namespace.
    package var processorCap: CPU? {
        for hierarchy in hierarchies where hierarchy.has("cpu") {
            switch hierarchy.version {
            case .v1:
                guard let quota = Self.number(in: hierarchy.mount + "/cpu.cfs_quota_us"),
                    let period = Self.number(in: hierarchy.mount + "/cpu.cfs_period_us")
                else { continue }
                return CPU(millicores: quota * 1000 / max(1, period))
            case .v2:
                let fields = (try? HostFile.text(hierarchy.mount + "/cpu.max"))?.split {
                    $0 == " " || $0 == "\n"
                }
                guard let fields, fields.count == 2, let quota = UInt64(fields[0]),
                    let period = UInt64(fields[1])
                else { continue }
                return CPU(millicores: quota * 1000 / max(1, period))
            }
        }
        return nil
    }

    /// Where the process is accounted; `nil` when it is gone or in the root.
    package func path(of process: Int32) -> String? {
        guard let text = try? HostFile.text("/proc/\(process)/cgroup") else { return nil }
        var unified: String?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let path = String(fields[2].drop { $0 == "/" })
            guard !path.isEmpty, !path.hasPrefix("..") else { continue }
            let controllers = fields[1].split(separator: ",").map(String.init)
            if controllers.contains("cpuacct") || controllers.contains("cpu") { return path }
            if controllers.isEmpty { unified = path }
        }
        return unified
    }

    /// A line of mountinfo: optional fields end at a lone hyphen, then come type, source and super
    /// options.
    /// - Source: Linux, Documentation/filesystems/proc.rst, section 3.5.
    private static func hierarchy(_ line: Substring) -> Hierarchy? {
        let fields = line.split(separator: " ").map(String.init)
        guard let hyphen = fields.firstIndex(of: "-"), fields.count > hyphen + 3, fields.count > 4
        else {
            return nil
        }
        let mount = fields[4]
        switch fields[hyphen + 1] {
        case "cgroup":
            let options = fields[hyphen + 3].split(separator: ",").map(String.init)
            return Hierarchy(mount: mount, version: .v1, controllers: options)
        case "cgroup2":
            let offered = (try? HostFile.text(mount + "/cgroup.controllers")) ?? ""
            return Hierarchy(
                mount: mount, version: .v2,
                controllers: offered.split { $0 == " " || $0 == "\n" }.map(String.init))
        default: return nil
        }
    }

    private static func number(in path: String) -> UInt64? {
        guard let text = try? HostFile.text(path) else { return nil }
        return UInt64(text.prefix { $0.isNumber })
    }
}
