import ClusterModel
import HostIO
import Ports

/// The arguments of one VM's QEMU.
struct QEMUCommandLine: Hashable, Sendable {
    /// The newest machine that QEMU of Debian 12 and of Debian 13 both have: a move needs the same
    /// on both sides.
    static let machine = "pc-q35-7.2"

    let order: StartOrder
    let directory: VMDirectory
    let acceleration: Acceleration
    /// Whether the VM arrives by a move instead of booting.
    var isIncoming = false

    /// What executes the guest's instructions.
    enum Acceleration: String, Hashable, Sendable {
        /// The processor itself.
        case kvm
        /// QEMU's translator.
        case tcg
    }

    /// Translated code that TCG may keep; without a bound it takes up to an eighth of the host's
    /// memory.
    static let translation = Bytes.mebibytes(64)

    /// What a move takes on either side: a mirror's 16 MiB for each of a few disks, and what the
    /// sockets and TLS hold.
    static let move = Bytes.mebibytes(64)

    /// Room for QEMU besides guest and translation: the reservation's 64 MiB + 2 %, as much as
    /// slirp, disk caches and the waiting shell were seen to take at the worst, and a move.
    static func memoryCap(guest: Bytes) -> Bytes {
        guest + guest.scaled(by: .percent(2)) + .mebibytes(64) + translation + .mebibytes(128)
            + move
    }

    /// Memory the guest sees.
    static func memory(of workload: Workload) -> Bytes {
        workload.limit.memory ?? workload.size.memory
    }

    /// Processors the guest sees: enough for its cap, else for its size.
    static func processors(of workload: Workload) -> UInt64 {
        let wanted = (workload.limit.cpu ?? workload.size.cpu).millicores
        return max(1, min(255, wanted / 1000 + (wanted % 1000 == 0 ? 0 : 1)))
    }

    var arguments: [String] {
        let workload = order.workload
        // QEMU counts memory in whole MiB; what is left over is lost to the guest.
        let mebibytes = Self.memory(of: workload).count >> 20
        var list = [
            "-name", order.instance.rawValue, "-nodefaults", "-no-user-config", "-display", "none",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-msg", "timestamp=on", "-machine", Self.machine, "-rtc", "base=utc",
            "-smp", "\(Self.processors(of: workload))", "-m", "\(mebibytes)M",
        ]
        switch acceleration {
        case .kvm: list += ["-accel", "kvm", "-cpu", "host"]
        case .tcg:
            // Nehalem is x86-64-v2, which current distributions ask for, and all of it is emulated.
            list += [
                "-accel", "tcg,thread=multi,tb-size=\(Self.translation.count >> 20)", "-cpu",
                "Nehalem",
            ]
        }
        list += [
            "-chardev", "socket,id=monitor,path=\(escaped(directory.monitor)),server=on,wait=off",
            "-mon", "chardev=monitor,mode=control",
            "-chardev",
            "socket,id=console,path=\(escaped(directory.console)),server=on,wait=off"
                + ",logfile=\(escaped(directory.log)),logappend=on",
            "-device", "isa-serial,chardev=console", "-device", "virtio-rng-pci",
        ]
        return list + disks + network + boot + balloon + (isIncoming ? ["-incoming", "defer"] : [])
    }

    /// Names of the disks that are the VM's own, as QEMU and a move know them.
    static func diskNames(of order: StartOrder) -> [String] {
        var names: [String] = []
        if case .qcow2 = order.image { names.append(rootName) }
        return names + order.workload.storage.disks.indices.map { "disk\($0)" }
    }

    private static let rootName = "root"

    private var disks: [String] {
        let storage = order.workload.storage
        var list: [String] = []
        if case .qcow2 = order.image {
            list += disk(Self.rootName, at: directory.overlay, boots: true)
        }
        for index in storage.disks.indices {
            list += disk("disk\(index)", at: directory.disk(index))
        }
        for file in SharedDiskFile.all(of: order) { list += disk(file) }
        if storage.cloudInit != nil {
            list += [
                "-blockdev",
                blockDevice("seed", driver: "raw", path: directory.seed, readOnly: true),
                "-device", "virtio-blk-pci,drive=seed",
            ]
        }
        return list
    }

    private func disk(_ name: String, at path: String, boots: Bool = false) -> [String] {
        [
            "-blockdev", blockDevice(name, driver: "qcow2", path: path),
            "-device",
            "virtio-blk-pci,drive=\(name),serial=\(name)" + (boots ? ",bootindex=1" : "")
                // The source writes the last of the disk while the device is already there.
                + (isIncoming ? ",share-rw=on" : ""),
        ]
    }

    /// One that waits for its guest leaves it alone until then: QEMU hands it from one to the other.
    private func disk(_ file: SharedDiskFile) -> [String] {
        [
            "-blockdev",
            blockDevice(file.node, driver: "qcow2", path: file.path, isShared: true),
            "-device", file.device,
        ]
    }

    /// - Parameter isShared: past the page cache, in which a host would find what it read before another one wrote; never
    ///   without locks; and on no base, whatever its header says by the time it is opened.
    private func blockDevice(
        _ name: String, driver: String, path: String, readOnly: Bool = false, isShared: Bool = false
    ) -> String {
        let quoted = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let cache = isShared ? "\"cache\":{\"direct\":true}," : ""
        let (alone, locks) = isShared ? ("\"backing\":null,", "\"locking\":\"on\",") : ("", "")
        return "{\"driver\":\"\(driver)\",\"node-name\":\"\(name)\",\"read-only\":\(readOnly),"
            + "\"discard\":\"unmap\",\(cache)\(alone)\"file\":{\"driver\":\"file\",\(cache)\(locks)"
            + "\"filename\":\"\(quoted)\"}}"
    }

    private var network: [String] {
        switch order.network {
        case .published(let ports):
            let forwards = ports.map {
                ",hostfwd=\($0.transport.rawValue)::\($0.host)-:\($0.instance)"
            }
            return [
                "-netdev", "user,id=net" + forwards.joined(),
                "-device", "virtio-net-pci,netdev=net,mac=\(address)",
            ]
        case .tap(let name, let identity):
            return [
                "-netdev", "tap,id=net,ifname=\(name),script=no,downscript=no",
                "-device",
                "virtio-net-pci,netdev=net,mac=\(identity.address.hardware)"
                    + ",host_mtu=\(identity.largestPacket)",
            ]
        // A VM has no use for a namespace; the driver refuses it before it comes to this.
        case .namespace: return []
        }
    }

    /// Behind all other devices, so that those have the same slots without it: a guest that was started before its spec had
    /// a balloon can arrive here.
    private var balloon: [String] {
        order.workload.move.balloon ? ["-device", Self.balloonDevice] : []
    }

    static let balloonName = "balloon"

    /// A guest that runs out of memory takes from the balloon instead of ending something.
    static let balloonDevice = "virtio-balloon-pci,id=\(balloonName),deflate-on-oom=on"

    private var boot: [String] {
        switch order.image {
        case .kernel(let kernel, let initrd, let append):
            return ["-kernel", kernel, "-initrd", initrd, "-append", append + addressWords]
        case .qcow2, .archive, .reference: return []
        }
    }

    /// Tells a guest that boots from a kernel its address, as that of a root over NFS.
    /// - Source: Linux, Documentation/admin-guide/nfs/nfsroot.rst.
    private var addressWords: String {
        guard case .tap(_, let identity) = order.network else { return "" }
        let network = identity.network
        return " ip=\(identity.address)::\(network.gateway):\(IPv4Address(bits: network.mask))"
            + ":\(order.instance):eth0:off"
    }

    /// The guest's hardware address: the same wherever and whenever it starts, so that guests know
    /// their card.
    private var address: String {
        let mark = order.instance.mark
        let octets = [0x52, 0x54, 0x00] + (0..<3).map { (mark >> (UInt64($0) * 8)) & 0xff }
        return octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }

    /// In QEMU's option lists a comma ends a value unless it is doubled.
    private func escaped(_ path: String) -> String { path.replacing(",", with: ",,") }
}
