/// Stops all processes of a control group where they stand, and lets them go on; of v1, which has a hierarchy for it.
/// - Source: Linux, Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
package struct Freezer: Hashable, Sendable {
    private let file: String

    /// The freezer of the group that `process` is in; `nil` where there is none, or the group is not one whose path has
    /// `name` in it: a group that others share is not to be stopped.
    package init?(of process: Int32, named name: String) {
        guard let mount = Self.mount, let groups = try? HostFile.text("/proc/\(process)/cgroup")
        else { return nil }
        let path = groups.split(separator: "\n").lazy.compactMap { line -> Substring? in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[1].split(separator: ",").contains("freezer") else {
                return nil
            }
            return fields[2]
        }.first
        guard let path, path.contains(name), !path.contains("..") else { return nil }
        file = mount + path + "/freezer.state"
    }

    /// Whether the processes stand still, or are about to.
    package var isFreezing: Bool { state.map { $0 != "THAWED" } ?? false }

    /// Stops them; false, and they go on, when one of them cannot be stopped within `limit`.
    ///
    /// The kernel tells nobody when the last one stands still: asked every millisecond.
    package func freeze(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        guard (try? HostFile.write("FROZEN", into: file)) != nil else { return false }
        while state != "FROZEN" {
            guard ContinuousClock.now < deadline,
                (try? await Task.sleep(for: .milliseconds(1))) != nil
            else {
                thaw()
                return false
            }
        }
        return true
    }

    /// Lets them go on; nothing where the group is gone.
    package func thaw() { try? HostFile.write("THAWED", into: file) }

    private var state: Substring? {
        (try? HostFile.text(file))?.split(separator: "\n").first
    }

    private static var mount: String? {
        guard let mounts = try? HostFile.text("/proc/self/mountinfo") else { return nil }
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let hyphen = fields.firstIndex(of: "-"), fields.count > hyphen + 3, hyphen > 5,
                fields[hyphen + 1] == "cgroup",
                fields[hyphen + 3].split(separator: ",").contains("freezer")
            else { continue }
            return String(fields[4])
        }
        return nil
    }
}
