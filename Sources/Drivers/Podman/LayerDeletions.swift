import Ports

/// What Podman is to remove once a layer is unpacked above its image, and how large that layer is: without all of it nothing goes on.
struct LayerDeletions: Codable, Hashable, Sendable {
    /// Bytes of the layer's archive.
    let size: UInt64
    /// From the container's root, each with a slash before it.
    let paths: [String]

    /// As another host sent it.
    ///
    /// Podman removes what it is told to, wherever a path leads: one that leads up is none.
    init(size: UInt64, sent: [UInt8]) throws(DriverFailure) {
        self.size = size
        paths = try JSON.decode([String].self, from: sent, of: "the other host")
        for path in paths {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count > 1, parts[0].isEmpty,
                parts.dropFirst().allSatisfy({ !["", ".", ".."].contains($0) })
            else { throw TransferReader.broken("'\(path)' as something to be removed") }
        }
    }

    /// As Podman reads it from an archive.
    func list() throws(DriverFailure) -> [UInt8] { try JSON.encode(paths) }
}
