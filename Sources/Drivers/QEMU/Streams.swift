import ClusterModel

/// Whether a QEMU is to send and await a guest's memory over several streams.
enum Streams {
    /// The first release that is trusted with it; each end may be of another.
    ///
    /// An older one that gives such a move up while its streams are still being made may crash, and with it the guest; and
    /// what one before 9.0 sends, some later ones do not read. 9.1 leaves room for what was mended in 9.0's own time.
    ///
    /// Source: QEMU, 9.0, "migration/multifd: Join the TLS thread" and "Add a synchronization point for channel creation"; 10.0,
    /// "migration/multifd: Fix compat with QEMU < 9.0".
    private static let first = [9, 1]

    static func isTrusted(_ release: [Int]?) -> Bool { release.isAtLeast(first) }

    /// - Parameters:
    ///   - version: what the QEMU says of itself that VMs are started by now.
    ///   - running: what each VM that runs was started by; `nil` where an older agent did that.
    static func capability(
        of version: Capability, running: [InstanceID: [Int]?]
    ) -> Capability {
        let obstacle = version.obstacle(
            to: first, running: running,
            danger: "may crash where a move over several streams is undone")
        return Capability(
            .multifd, available: obstacle == nil, detail: obstacle ?? version.releaseWords)
    }
}
