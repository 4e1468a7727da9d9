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

        package init(name: String, path: String) throws(InvalidValue) {
            guard ID<Volume>.isName(name) else {
                throw InvalidValue("volumes.name", "'\(name)' is not a name")
            }
            guard path.hasPrefix("/"), !path.contains("..") else {
                throw InvalidValue("volumes.path", "'\(path)' is not an absolute path")
            }
            self.name = name
            self.path = path
        }
    }

    package init(disks: [Bytes] = [], volumes: [Volume] = [], cloudInit: String? = nil) {
        self.disks = disks
        self.volumes = volumes
        self.cloudInit = cloudInit
    }

    /// Names of all that outlives an instance on its host: a container's named volumes, and a VM's further disks as
    /// `disk0`, `disk1`….
    package var lasting: [String] { volumes.map(\.name) + disks.indices.map { "disk\($0)" } }
}
