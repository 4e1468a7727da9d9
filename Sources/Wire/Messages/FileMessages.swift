package import ClusterModel

/// Asks for the content of one file of an image.
package struct FetchFileRequest: Hashable, Sendable {
    /// Lower-case hexadecimal SHA-256 of the content.
    package let digest: String

    package init(digest: String) {
        self.digest = digest
    }
}

/// Asks for the files of a stopped instance that is moving to the caller.
package struct FetchInstanceRequest: Hashable, Sendable {
    package let instance: InstanceID
    package let move: MoveID
    /// The caller can read chunks that are zstd.
    package let acceptsZstd: Bool
    /// What is wanted of the instance's files.
    package let part: Part

    package enum Part: Hashable, Sendable {
        case all
        /// What it has while it still runs; what changes is asked for when it does not.
        ///
        /// With what a container changed of its image's files, and with what it has in memory, where the caller keeps that for its
        /// start.
        case ahead(withLayer: Bool, withMemory: Bool)
        /// What has changed since the pass of that name, which the caller has.
        case rest(after: String)

        package var isAhead: Bool {
            if case .ahead = self { true } else { false }
        }
    }

    package init(
        instance: InstanceID, move: MoveID, acceptsZstd: Bool = false, part: Part = .all
    ) {
        self.instance = instance
        self.move = move
        self.acceptsZstd = acceptsZstd
        self.part = part
    }
}

/// The next bytes of a file.
package struct Chunk: Hashable, Sendable {
    package let bytes: [UInt8]
    /// They are the next bytes of one zstd frame, which has the content; all chunks of a stream are of it, or none.
    package let isZstd: Bool

    package init(bytes: [UInt8], isZstd: Bool = false) {
        self.bytes = bytes
        self.isZstd = isZstd
    }
}

/// One message of a user who adds an image.
package enum AddImageRequest: Hashable, Sendable {
    /// The first message of a stream.
    case header(AddImageHeader)
    /// The next bytes of the image's files, one after the other.
    case bytes([UInt8])
}

/// Names the image that is being added and says how its bytes divide into files.
package struct AddImageHeader: Hashable, Sendable {
    package let id: ImageID
    package let format: Image.Format
    /// Kernel command line; empty for other formats.
    package let append: String
    /// Size of each file, in the order of the bytes.
    package let sizes: [Bytes]

    package init(id: ImageID, format: Image.Format, append: String = "", sizes: [Bytes]) {
        self.id = id
        self.format = format
        self.append = append
        self.sizes = sizes
    }
}

/// Asks to forget an image.
package struct RemoveImageRequest: Hashable, Sendable {
    package let id: ImageID

    package init(id: ImageID) {
        self.id = id
    }
}

/// The images that the coordinator holds.
package struct ListImagesReply: Hashable, Sendable {
    package let images: [Image]

    package init(images: [Image]) {
        self.images = images
    }
}
