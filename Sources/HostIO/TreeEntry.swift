/// One thing in a directory that is read as a whole, as it was when it was looked at.
package struct TreeEntry: Hashable, Sendable {
    /// Names from the directory down, with slashes between; none for the directory itself. Bytes, because a name may be any.
    package let path: [UInt8]
    package let kind: Kind
    package let stamp: Stamp
    /// Bytes of a file.
    package let size: UInt64
    /// Permissions, with the bits for other users and sticky directories.
    package let mode: UInt32
    package let user: UInt32
    package let group: UInt32
    package let modified: Time
    /// How many names it has.
    package let links: UInt64
    /// Which device it stands for.
    package let device: Device
    /// Where a symbolic link leads, as it says it.
    package let destination: [UInt8]
    /// Extended attributes of files and directories, access lists among them.
    package let attributes: [Attribute]

    package init(
        path: [UInt8], kind: Kind, stamp: Stamp, size: UInt64 = 0, mode: UInt32, user: UInt32 = 0,
        group: UInt32 = 0, modified: Time, links: UInt64 = 1, device: Device = Device(number: 0),
        destination: [UInt8] = [], attributes: [Attribute] = []
    ) {
        self.path = path
        self.kind = kind
        self.stamp = stamp
        self.size = size
        self.mode = mode
        self.user = user
        self.group = group
        self.modified = modified
        self.links = links
        self.device = device
        self.destination = destination
        self.attributes = attributes
    }

    /// The same with these attributes.
    package func with(attributes: [Attribute]) -> TreeEntry {
        TreeEntry(
            path: path, kind: kind, stamp: stamp, size: size, mode: mode, user: user, group: group,
            modified: modified, links: links, device: device, destination: destination,
            attributes: attributes)
    }

    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case file = 0x66, directory = 0x64, link = 0x6C, fifo = 0x70, character = 0x63,
            block = 0x62
    }

    /// What tells a file from another one that has its path since, and from itself once it was changed.
    package struct Stamp: Hashable, Sendable {
        /// The file itself, whatever it is called.
        package let file: File
        /// When its content or anything else of it last changed, in nanoseconds since 1970.
        package let changed: Int64

        package struct File: Hashable, Sendable {
            package let device: UInt64
            package let inode: UInt64

            package init(device: UInt64, inode: UInt64) {
                self.device = device
                self.inode = inode
            }
        }

        package init(file: File, changed: Int64) {
            self.file = file
            self.changed = changed
        }
    }

    package struct Device: Hashable, Sendable {
        package let major: UInt32
        package let minor: UInt32

        /// - Source: Linux, include/linux/kdev_t.h, as glibc's `gnu_dev_major` and `gnu_dev_minor` read it.
        package init(number: UInt64) {
            major = UInt32(truncatingIfNeeded: number >> 8 & 0xFFF | number >> 32 & ~0xFFF)
            minor = UInt32(truncatingIfNeeded: number & 0xFF | number >> 12 & ~0xFF)
        }
    }

    package struct Time: Hashable, Sendable {
        package let seconds: Int64
        package let nanoseconds: Int64

        package init(seconds: Int64, nanoseconds: Int64) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }
    }

    package struct Attribute: Hashable, Sendable {
        package let name: [UInt8]
        package let value: [UInt8]

        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }
}
