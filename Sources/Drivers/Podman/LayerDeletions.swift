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
            // By bytes, as Podman takes them: a slash may be part of a larger character.
            let parts = path.utf8.split(
                separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
            ).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count > 1, parts[0].isEmpty, !path.utf8.contains(0),
                parts.dropFirst().allSatisfy({ !["", ".", ".."].contains($0) })
            else { throw TransferReader.broken("'\(path)' as something to be removed") }
        }
    }

    /// As Podman reads it from an archive.
    func list() throws(DriverFailure) -> [UInt8] { try JSON.encode(paths) }
}
