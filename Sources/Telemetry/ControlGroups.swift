/// Where each controller of this host is mounted, and in which version.
///
/// The kernel has a controller in exactly one hierarchy. A hybrid system mounts most on version 1
/// and an almost empty version 2 beside them, whose `cpu.stat` and `cpu.pressure` are there all the
/// same: version 2 is believed for a controller only where version 1 does not have it.
package struct ControlGroups: Hashable, Sendable {
    private let hierarchies: [Controller: Hierarchy]

    /// What a hierarchy accounts or limits.
    package enum Controller: String, Hashable, Sendable, CaseIterable {
        /// Time used; part of every group in version 2.
        case cpuacct
        /// Quota and throttling.
        case cpu
        case cpuset
        case memory
        /// Disk traffic; `io` in version 2.
        case blkio
    }

    /// Version of the kernel's interface.
    package enum Version: Hashable, Sendable { case one, two }

    /// One mounted tree of groups.
    package struct Hierarchy: Hashable, Sendable {
        /// Decides what its files are called.
        package let version: Version
        /// Path of its root as this process sees it, which is the cgroup namespace's root.
        package let mount: String

        /// The directory of `group`, a path relative to the root that starts with a slash.
        package func directory(of group: String) -> String { group == "/" ? mount : mount + group }
    }

    /// Reads the mounts of this process.
    package init(files: KernelFiles) {
        var first: [Controller: Hierarchy] = [:]
        var unified: String?
        _ = files.read("/proc/self/mounts", upTo: KernelFiles.tableSize) { text in
            repeat {
                text.skip(words: 1)
                guard let mount = text.word(), let type = text.word(), let options = text.word()
                else { continue }
                if type == "cgroup2" { unified = unified ?? mount }
                guard type == "cgroup" else { continue }
                for option in options.split(separator: ",") {
                    guard let controller = Controller(rawValue: String(option)) else { continue }
                    first[controller] = first[controller] ?? Hierarchy(version: .one, mount: mount)
                }
            } while text.nextLine()
            return true
        }
        if let unified {
            let offered = Self.controllers(offeredAt: unified, files)
            for controller in Controller.allCases where first[controller] == nil {
                // Without any version 1 controller the files themselves say what a group has.
                guard
                    first.values.allSatisfy({ $0.version == .two }) || offered.contains(controller)
                else { continue }
                first[controller] = Hierarchy(version: .two, mount: unified)
            }
        }
        hierarchies = first
    }

    /// Where `controller` is; `nil` when this host has it in no version.
    package func hierarchy(of controller: Controller) -> Hierarchy? { hierarchies[controller] }

    /// Whether `group` is only a part of the machine, rather than the real root of its hierarchies.
    ///
    /// The files themselves tell, whatever namespaces say: a container may see the real root, and a
    /// cgroup namespace's root has everything that other groups have.
    /// - Source: Linux, Documentation/admin-guide/cgroup-v2.rst: `cgroup.events` "exists on
    ///   non-root cgroups"; Documentation/admin-guide/cgroup-v1/cgroups.rst: `release_agent`
    ///   "exists in the top cgroup only".
    package func isPartOfMachine(_ group: String, files: KernelFiles) -> Bool {
        guard group == "/" else { return true }
        guard let hierarchy = hierarchy(of: .cpuacct) ?? hierarchy(of: .cpu) else { return false }
        return switch hierarchy.version {
        case .one: !files.exists(hierarchy.mount + "/release_agent")
        case .two: files.exists(hierarchy.mount + "/cgroup.events")
        }
    }

    /// `group` and the groups it is in, up to the root: a limit of any of them holds for it.
    package static func lineage(of group: String) -> [String] {
        var lineage = ["/"]
        var path = ""
        for name in group.split(separator: "/") {
            path += "/" + name
            lineage.append(path)
        }
        return lineage
    }

    private static func controllers(
        offeredAt mount: String, _ files: KernelFiles
    ) -> Set<Controller> {
        let offered = files.read(mount + "/cgroup.controllers") { text in
            var offered: Set<Controller> = []
            while let name = text.word() {
                switch name {
                case "io": offered.insert(.blkio)
                // Accounting of time has no controller of its own in version 2.
                case "cpu": offered.formUnion([.cpu, .cpuacct])
                default: Controller(rawValue: name).map { _ = offered.insert($0) }
                }
            }
            return offered
        }
        return offered ?? []
    }
}
