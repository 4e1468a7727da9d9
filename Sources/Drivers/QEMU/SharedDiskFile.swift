import ClusterModel
import Ports

/// The file of one disk that hosts share.
///
/// Its name is the same on every host and at any time, so that a VM of this name finds it again wherever it starts.
struct SharedDiskFile: Hashable, Sendable {
    let disk: Storage.SharedDisk
    let path: String

    /// As QEMU knows it; no name of a disk of the host's own begins so.
    var node: String { Self.nodePrefix + disk.name }

    static let nodePrefix = "shared-"

    /// The guest's device.
    var device: String { "virtio-blk-pci,drive=\(node),serial=\(disk.name)" }

    static func all(of order: StartOrder) -> [SharedDiskFile] {
        order.workload.storage.sharedDisks.map { disk in
            SharedDiskFile(
                disk: disk,
                path: "\(disk.directory)/\(order.instance.rawValue).\(disk.name).qcow2")
        }
    }

    /// The group that may open the files: each host has users of its own for its VMs, and during a live move two of
    /// them have a file open.
    ///
    /// From the instance's name alone, so that all hosts agree without asking each other. Two VMs that have one group could open
    /// each other's disks, where one of them was taken over: no more than that.
    static func group(of instance: InstanceID) -> UInt32 {
        let mark = instance.mark
        return 1 << 30 | UInt32(truncatingIfNeeded: mark ^ mark >> 32) & (1 << 30 - 1)
    }

    static let rights: UInt32 = 0o660
}

extension InstanceID {
    /// The name in 64 bits that are the same wherever and whenever they are asked for.
    var mark: UInt64 {
        var hash = FNV1a()
        hash.add(rawValue.utf8)
        return hash.value
    }
}
