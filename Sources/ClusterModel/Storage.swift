/// Disks of a VM, volumes of a container, and what a VM is told at its first boot.
package struct Storage: Hashable, Sendable {
    /// Sizes of further disks of a VM that are its host's own, in the order the guest sees them.
    package let disks: [Bytes]
    /// Further disks of a VM whose files lie where all hosts see them; the guest sees them behind the others.
    package let sharedDisks: [SharedDisk]
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

    /// A disk whose file lies in a directory that the operator has mounted on every host: no move copies it.
    package struct SharedDisk: Hashable, Sendable {
        /// The guest knows it by this serial number, and its file has it in its name.
        package let name: String
        /// What the guest sees of it, at least 1 MiB.
        package let size: Bytes
        /// Where the file is made if there is none yet.
        package let directory: String

        /// Bytes of a virtio disk's serial number.
        /// - Source: virtio 1.2, 5.2.6, `VIRTIO_BLK_T_GET_ID`.
        private static let longestName = 20

        /// Fails for a name that is none, is longer than a serial number or is that of another disk, and for a directory that
        /// cannot be shared.
        package init(name: String, size: Bytes, directory: String) throws(InvalidValue) {
            guard ID<SharedDisk>.isName(name) else {
                throw InvalidValue("disks.name", "'\(name)' is not a name")
            }
            guard name.utf8.count <= Self.longestName else {
                throw InvalidValue(
                    "disks.name", "'\(name)' is longer than a disk's serial number",
                    suggestion: "write at most \(Self.longestName) characters")
            }
            let number = name.hasPrefix("disk") ? name.dropFirst(4) : ""
            guard name != "root", name != "seed", UInt64(number) == nil else {
                throw InvalidValue(
                    "disks.name", "'\(name)' is the name of a disk of the host's own",
                    suggestion: "write another one, such as data")
            }
            guard directory.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                throw InvalidValue("disks.shared", "it has control characters")
            }
            self.name = name
            self.size = size
            self.directory = try SharedDirectory.checked(directory, "disks.shared")
        }
    }

    package init(
        disks: [Bytes] = [], sharedDisks: [SharedDisk] = [], volumes: [Volume] = [],
        cloudInit: String? = nil
    ) {
        self.disks = disks
        self.sharedDisks = sharedDisks
        self.volumes = volumes
        self.cloudInit = cloudInit
    }

    /// The volumes that are their host's own.
    package var localVolumes: [Volume] { volumes.filter { $0.shared == nil } }

    /// What an instance has in directories that hosts share, under the name by which users know it.
    ///
    /// What is a disk needs locks that all hosts see, `needsLocks`: two guests that write to one destroy it.
    package var sharedPlaces: [(name: String, directory: String, needsLocks: Bool)] {
        let inVolumes = volumes.compactMap { volume in
            volume.shared.map {
                (name: "volume \(volume.name)", directory: $0, needsLocks: false)
            }
        }
        return inVolumes
            + sharedDisks.map {
                (name: "disk \($0.name)", directory: $0.directory, needsLocks: true)
            }
    }

    /// Names of all that an instance leaves on its host: a container's local volumes, and a VM's own further disks as
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
