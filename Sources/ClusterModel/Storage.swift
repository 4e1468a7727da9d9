/// Disks of a VM, volumes of a container, and what a VM is told at its first boot.
package struct Storage: Hashable, Sendable {
    /// Sizes of further disks of a VM, in the order the guest sees them.
    package let disks: [Bytes]
    package let volumes: [Volume]
    /// NoCloud user data; `nil` gives no seed.
    package let cloudInit: String?

    package static let none = Storage()

    /// A named directory that outlives the instance.
    package struct Volume: Hashable, Sendable {
        package let name: String
        /// Absolute path inside the container.
        package let path: String
        /// Where the operator has mounted it on every host; `nil` is a directory of the host's own, which moves carry
        /// along.
        package let shared: String?

        package init(name: String, path: String, shared: String? = nil) throws(InvalidValue) {
            guard ID<Volume>.isName(name) else {
                throw InvalidValue("volumes.name", "'\(name)' is not a name")
            }
            guard path.hasPrefix("/"), !path.contains("..") else {
                throw InvalidValue("volumes.path", "'\(path)' is not an absolute path")
            }
            self.name = name
            self.path = path
            self.shared = try shared.map { (place) throws(InvalidValue) in
                try SharedDirectory.checked(place)
            }
        }
    }

    package init(disks: [Bytes] = [], volumes: [Volume] = [], cloudInit: String? = nil) {
        self.disks = disks
        self.volumes = volumes
        self.cloudInit = cloudInit
    }

    /// The volumes that are their host's own.
    package var localVolumes: [Volume] { volumes.filter { $0.shared == nil } }

    /// Directories that hosts share, in the order of their volumes.
    package var sharedDirectories: [String] { volumes.compactMap(\.shared) }

    /// Names of all that an instance leaves on its host: a container's local volumes, and a VM's further disks as
    /// `disk0`, `disk1`…. What hosts share is nobody's to carry or to remove.
    package var lasting: [String] {
        localVolumes.map(\.name) + disks.indices.map { "disk\($0)" }
    }
}

extension Workload {
    /// Whether a stopped instance has something on its host that is nowhere else: a guest its disks, a container its local
    /// volumes. All that is left of any other is what its image gives again.
    package var leavesFiles: Bool { kind == .vm || !storage.localVolumes.isEmpty }
}
