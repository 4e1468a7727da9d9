import Glibc

extension ControlGroup {
    /// Passes the controllers of a v2 hierarchy down to the group's parent, level by level.
    ///
    /// A group with processes of its own may not do that, unless it is the machine's root. In a
    /// container host its init and this agent live in the root of the namespace: they move into a
    /// child first, as Podman does.
    func enableControllers(in hierarchy: ControlGroupTree.Hierarchy) throws(FileFailure) {
        let wanted = ["cpu", "memory", "pids", "io"].filter(hierarchy.has)
        let change = wanted.map { "+\($0)" }.joined(separator: " ")
        var directory = hierarchy.mount
        for component in path.split(separator: "/") {
            let file = directory + "/cgroup.subtree_control"
            do throws(FileFailure) {
                try HostFile.write(change, into: file)
            } catch {
                guard error.code == EBUSY else { throw error }
                try Self.evacuate(directory)
                try HostFile.write(change, into: file)
            }
            directory += "/" + component
            try HostFile.makeDirectory(directory, mode: 0o755)
        }
    }

    /// Moves every process of `directory` into its child `huddle-host`; those that end meanwhile
    /// are no loss.
    private static func evacuate(_ directory: String) throws(FileFailure) {
        let refuge = directory + "/huddle-host"
        try HostFile.makeDirectory(refuge, mode: 0o755)
        for process in try HostFile.text(directory + "/cgroup.procs").split(separator: "\n") {
            do throws(FileFailure) {
                try HostFile.write(String(process), into: refuge + "/cgroup.procs")
            } catch {
                guard error.code == ESRCH else { throw error }
            }
        }
    }
}
