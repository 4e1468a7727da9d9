import HostIO
import Ports

/// What an instance has changed of its image's files: the upper directory of an overlay, above those of the image.
///
/// - Source: Linux, Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
struct ContainerLayer: Hashable, Sendable {
    let upper: String
    /// The image's, the uppermost first.
    let lower: [String]

    /// What programs see of an entry of the upper directory; `nil` where that only says that something is gone.
    ///
    /// Without what overlay notes for itself, and what a host says of a file for itself, such as its label.
    @Sendable static func seen(_ entry: TreeEntry) -> TreeEntry? {
        isWhiteout(entry) ? nil : entry.with(attributes: entry.attributes.compactMap(seen))
    }

    /// The same, for what something follows: a directory comes once more then, with its attributes, which what is made in it until
    /// then would inherit; and a link that Podman would not unpack may be gone.
    @Sendable static func seenAhead(_ entry: TreeEntry) -> TreeEntry? {
        entry.kind == .link && leadsOut(entry) ? nil : seenBefore(entry)
    }

    /// The same, where all is to be there in the end, so no link is left out.
    @Sendable static func seenBefore(_ entry: TreeEntry) -> TreeEntry? {
        entry.kind == .directory ? entry.with(attributes: []) : seen(entry)
    }

    static func isWhiteout(_ entry: TreeEntry) -> Bool {
        entry.kind == .character && entry.device.major == 0 && entry.device.minor == 0
    }

    /// Whether nothing of the image shows through the directory.
    static func isOpaque(_ entry: TreeEntry) -> Bool {
        entry.attributes.contains { $0.name == opaque && $0.value == [UInt8(ascii: "y")] }
    }

    private static let own = Array("trusted.overlay.".utf8)
    private static let opaque = own + Array("opaque".utf8)
    /// What a program notes under overlay's own names: an overlay within this one.
    /// - Source: Linux, Documentation/filesystems/overlayfs.rst, "Nesting overlayfs mounts".
    private static let escaped = own + Array("overlay.".utf8)
    private static let foreign = ["redirect", "metacopy"].map { own + Array($0.utf8) }
    private static let security = Array("security.".utf8)
    private static let capability = Array("security.capability".utf8)

    private static func seen(_ attribute: TreeEntry.Attribute) -> TreeEntry.Attribute? {
        if attribute.name.starts(with: escaped) {
            let name = own + attribute.name.dropFirst(escaped.count)
            return TreeEntry.Attribute(name: name, value: attribute.value)
        }
        if attribute.name.starts(with: own) { return nil }
        if attribute.name.starts(with: security), attribute.name != capability { return nil }
        return attribute
    }

    /// Whether a link leads out of the root by more `..` than there are directories above it: to the kernel that is the root, and
    /// Podman refuses to unpack it.
    static func leadsOut(_ entry: TreeEntry) -> Bool {
        // One that begins at the root, too: Podman puts it behind the directory that the link is in.
        let slash = UInt8(ascii: "/")
        var depth = entry.path.count { $0 == slash }
        for part in entry.destination.split(separator: slash) {
            if part.elementsEqual("..".utf8) {
                depth -= 1
            } else if !part.elementsEqual(".".utf8) {
                depth += 1
            }
            if depth < 0 { return true }
        }
        return false
    }

    /// What can be made of a layer.
    enum Look: Hashable, Sendable {
        case readable
        /// Not all of it can be told from what is in the upper directory, or it has more names than can be kept in mind.
        case foreign
        /// It has this link, which no Podman unpacks.
        case unpackable(String)
    }

    /// Whether all of it can be told from what is in the upper directory: no file of which only the description was copied, no
    /// directory that stands for one of the image under another name, by the mount that is or one before.
    func look(underProcess process: Int32) async -> Look {
        guard Self.isPlain(underProcess: process) else { return .foreign }
        return await look()
    }

    func look() async -> Look {
        let reader = TreeReader(upper)
        var bytes = 0
        var unpackable: String?
        do throws(FileFailure) {
            while let entry = try await reader.next() {
                bytes += entry.path.count + TreeNames.overhead
                let isForeign = entry.attributes.contains { Self.foreign.contains($0.name) }
                // What comes until it stands still is to have room, too.
                guard !isForeign, bytes < TreePass.mostBytes / 2 else { return .foreign }
                if entry.kind == .link, Self.leadsOut(entry), unpackable == nil {
                    unpackable = "/" + String(decoding: entry.path, as: UTF8.self)
                }
            }
            return unpackable.map(Look.unpackable) ?? .readable
        } catch {
            return .foreign
        }
    }

    /// Whether the process' own root is mounted so that nothing of that kind comes to be.
    ///
    /// - Source: Linux, fs/overlayfs/params.c: what is not as the module has it stands among the mount's options.
    static func isPlain(underProcess process: Int32) -> Bool {
        guard let mounts = try? HostFile.text("/proc/\(process)/mountinfo"),
            isPlain(mountsOfProcess: mounts)
        else { return false }
        return ["redirect_dir", "metacopy"].allSatisfy {
            let value = try? HostFile.text("/sys/module/overlay/parameters/\($0)")
            return value?.hasPrefix("N") ?? false
        }
    }

    static func isPlain(mountsOfProcess mounts: String) -> Bool {
        let root = mounts.split(separator: "\n").map { $0.split(separator: " ") }
            .last { $0.count > 4 && $0[4] == "/" }
        guard let root, let separator = root.firstIndex(of: "-"), root.count > separator + 3,
            root[separator + 1] == "overlay"
        else { return false }
        return root[separator + 3].split(separator: ",").allSatisfy {
            !["metacopy=on", "redirect_dir=on", "userxattr"].contains($0)
        }
    }
}
