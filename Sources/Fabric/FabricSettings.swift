import Glibc

/// What the devices of a host's end of the network are called, and what tells it from others on the same wire.
///
/// The standard ones serve every host; others are for tests, where several hosts share one machine.
package struct FabricSettings: Hashable, Sendable {
    /// The bridge that instances are ports of; it has the gateway's address.
    package var bridge = "hud0"
    /// The VXLAN device, a port of the bridge.
    package var overlay = "hudvx0"
    /// The host's own end on the network, and its port of the bridge.
    package var hostEnd = "hudh0"
    package var hostPort = "hudh0p"
    /// The VXLAN's number.
    package var identifier = 7440
    /// UDP port of the packets between hosts.
    /// - Source: RFC 7348, section 5: 4789.
    package var port: UInt16 = 4789
    /// What the network namespaces of instances are called before the instance's name.
    package var namespacePrefix = "hud-"
    /// A named network namespace that stands for the host; `nil` is the one of this process.
    package var host: String?
    /// The mount namespace that instances' network namespaces have to be seen in, such as
    /// `/proc/1/ns/mnt`; `nil` is the one of this process.
    ///
    /// A service with a file system view of its own, as systemd gives it for `ProtectSystem`, makes
    /// mounts that nobody else sees, Podman neither.
    package var mounts: String?

    /// How long a port that was put up may take to be ready: much longer than a busy kernel takes for a pair.
    package var portPatience = Duration.milliseconds(500)

    package init() {}

    /// What `mounts` has to be in this process: `nil` where it has the mounts that everybody has, those of the first
    /// process.
    package static func commonMounts() -> String? {
        let first = "/proc/1/ns/mnt"
        guard let everybody = inode(first), let own = inode("/proc/self/ns/mnt"), everybody != own
        else { return nil }
        return first
    }

    private static func inode(_ path: String) -> UInt? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt(status.st_ino) : nil
    }

    /// First letters of the names of taps and of the host's ends of instances' interfaces; rules name devices by
    /// them, so no other device may begin so.
    static let tapPrefix = "hudt"
    static let linkPrefix = "hudn"

    /// Bytes that VXLAN adds to a packet: outer IPv4, UDP and VXLAN headers, and the inner Ethernet header.
    static let overhead = 50

    func namespace(of instance: String) -> String { namespacePrefix + instance }
    func namespacePath(of instance: String) -> String { "/run/netns/" + namespace(of: instance) }

    /// The same, as this process can open it.
    func visiblePath(of instance: String) -> String {
        let path = namespacePath(of: instance)
        guard let mounts, mounts.hasSuffix(Self.mountsSuffix) else { return path }
        return mounts.dropLast(Self.mountsSuffix.count) + "/root" + path
    }

    private static let mountsSuffix = "/ns/mnt"
}
