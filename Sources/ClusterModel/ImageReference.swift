/// What an instance starts from.
package enum ImageReference: Hashable, Sendable {
    /// An image given to the coordinator, or an OCI reference that hosts pull.
    case named(String)
    /// A Linux kernel, an initial RAM disk and the kernel's command line, each an image of its own.
    case kernel(kernel: String, initrd: String, append: String)
}

/// An image that the coordinator holds and hosts hand to one another.
package struct Image: Hashable, Sendable {
    package let id: ImageID
    package let format: Format
    /// Parts in the order of their format: a single file, or kernel and initrd.
    package let files: [File]
    /// Kernel command line; empty for other formats.
    package let append: String

    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// An OCI or Docker archive, as `podman save` writes it.
        case archive
        /// A bootable disk.
        case qcow2
        /// Kernel and initial RAM disk.
        case kernel
    }

    /// One stored file, found by its content.
    package struct File: Hashable, Sendable {
        /// Lower-case hexadecimal SHA-256 of the content.
        package let digest: String
        package let size: Bytes

        package init(digest: String, size: Bytes) throws(InvalidValue) {
            let hexadecimal = Set("0123456789abcdef".utf8)
            guard digest.utf8.count == 64, digest.utf8.allSatisfy(hexadecimal.contains) else {
                throw InvalidValue(
                    "digest", "'\(digest)' is not a SHA-256 in lower-case hexadecimal")
            }
            self.digest = digest
            self.size = size
        }
    }

    package init(id: ImageID, format: Format, files: [File], append: String = "")
        throws(InvalidValue)
    {
        guard ImageID.isName(id.rawValue) else {
            throw InvalidValue(
                "name", "'\(id)' is not a name",
                suggestion: "use lower-case letters, digits and inner hyphens")
        }
        let wanted = format == .kernel ? 2 : 1
        guard files.count == wanted else {
            throw InvalidValue(
                "files", "a \(format.rawValue) image has \(wanted) file(s), not \(files.count)")
        }
        self.id = id
        self.format = format
        self.files = files
        self.append = append
    }

    package var size: Bytes { files.reduce(.zero) { $0 + $1.size } }
}
