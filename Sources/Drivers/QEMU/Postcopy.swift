import ClusterModel
import HostIO

/// Whether a guest may run here before all of its memory has come, and leave like that.
enum Postcopy {
    /// The first release that is trusted with it.
    ///
    /// Before it a QEMU says that its guest has gone on at the target before anything of that was sent, and goes on with it where
    /// that then fails. One that is told to cancel too late does so in any case (7.2, seen).
    ///
    /// Source: QEMU, 10.0, migration/migration.c, `postcopy_start`.
    private static let first = [10, 0]
    /// Where the kernel tells a process of the pages that it lacks; a VM's QEMU opens it as the VM's user.
    private static let device = "/dev/userfaultfd"
    private static let setting = "/proc/sys/vm/unprivileged_userfaultfd"

    static func isTrusted(_ release: [Int]?) -> Bool { release.isAtLeast(first) }

    /// Parameters as those of ``Streams/capability(of:running:)``.
    static func capability(
        of version: Capability, running: [InstanceID: [Int]?]
    ) -> Capability {
        let mode = HostFile.status(of: device)?.permissions ?? 0
        let isAllowed = (try? HostFile.text(setting)).map { $0.hasPrefix("1") } ?? false
        return capability(
            of: version, running: running, isOpen: isAllowed || mode & 0o006 == 0o006)
    }

    /// - Parameter isOpen: whether the users of VMs may be told of such pages.
    static func capability(
        of version: Capability, running: [InstanceID: [Int]?], isOpen: Bool
    ) -> Capability {
        let obstacle =
            version.obstacle(
                to: first, running: running, danger: "may let a guest run at both ends")
            ?? (isOpen ? nil : "\(device) is not open to the users of VMs")
        return Capability(
            .postcopy, available: obstacle == nil, detail: obstacle ?? version.releaseWords)
    }
}
