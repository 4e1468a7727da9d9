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
        isWhiteout(entry) ? nil : entry.with(attributes: entry.attributes.filter(isOfInstance))
    }

    /// The same, for a pass that another one follows: a directory comes in each, and would keep what it has lost meanwhile.
    @Sendable static func seenAhead(_ entry: TreeEntry) -> TreeEntry? {
        entry.kind == .directory ? entry.with(attributes: []) : seen(entry)
    }

    static func isWhiteout(_ entry: TreeEntry) -> Bool {
        entry.kind == .character && entry.device.major == 0 && entry.device.minor == 0
    }

    /// Whether nothing of the image shows through the directory.
    static func isOpaque(_ entry: TreeEntry) -> Bool {
        entry.attributes.contains {
            opaqueNames.contains($0.name) && $0.value == [UInt8(ascii: "y")]
        }
    }

    private static let opaqueNames = ["trusted.overlay.opaque", "user.overlay.opaque"]
        .map { Array($0.utf8) }
    private static let ownPrefixes = ["trusted.overlay.", "user.overlay."].map { Array($0.utf8) }
    private static let security = Array("security.".utf8)
    private static let capability = Array("security.capability".utf8)

    private static func isOfInstance(_ attribute: TreeEntry.Attribute) -> Bool {
        if attribute.name.starts(with: security) { return attribute.name == capability }
        return !ownPrefixes.contains { attribute.name.starts(with: $0) }
    }

    /// Whether all of it can be told from what is in the upper directory: no file of which only the description was copied, no
    /// directory that stands for one of the image under another name, by the mount that is or one before; and no more than can be
    /// kept in mind.
    func isReadable(underProcess process: Int32) async -> Bool {
        guard Self.isPlain(underProcess: process) else { return false }
        return await hasNoForeignNotes()
    }

    func hasNoForeignNotes() async -> Bool {
        let reader = TreeReader(upper)
        var bytes = 0
        do throws(FileFailure) {
            while let entry = try await reader.next() {
                bytes += entry.path.count + TreeNames.overhead
                let isForeign = entry.attributes.contains { Self.foreignNames.contains($0.name) }
                // What comes until it stands still is to have room, too.
                guard !isForeign, bytes < TreePass.mostBytes / 2 else { return false }
            }
            return true
        } catch {
            return false
        }
    }

    private static let foreignNames = ["trusted.overlay", "user.overlay"].flatMap { prefix in
        ["redirect", "metacopy"].map { Array("\(prefix).\($0)".utf8) }
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
            $0 != "metacopy=on" && $0 != "redirect_dir=on"
        }
    }
}
