import ClusterModel
import HostIO
import Ports

extension VMDisks {
    /// Makes the disks that hosts share where nobody has made them yet; those that are there have to fit.
    ///
    /// - Parameter previous: what this host knows of the VM. One that had a disk, or that came with all it has, has lost it
    ///   where it is not there: something else is mounted then.
    func prepareShared(
        _ order: StartOrder, previous: VMRecord?
    ) async throws(DriverFailure) {
        for file in SharedDiskFile.all(of: order) {
            try await requirePassable(file.path)
            if try await !isThere(file) {
                guard previous?.knew(file) != true else {
                    throw DriverFailure(
                        .unsupported, "this host does not see \(file.path)",
                        cause:
                            "\(order.instance) had it before: what is mounted here is something else"
                    )
                }
                try await make(file)
            }
            guard try await !isOpen(file) else {
                throw DriverFailure(
                    .unavailable, "\(file.path) is in use",
                    cause: "a VM, on this host or another one, has it open")
            }
            try await requireFitting(file)
            try await doing("hand \(file.path) to the VM's group") { () throws(FileFailure) in
                try await SharedFile.give(
                    file.path, to: SharedDiskFile.group(of: directory.instance),
                    mode: SharedDiskFile.rights)
            }
        }
    }

    /// Refuses what `prepareShared` would refuse of the disks that are there, also while they are open.
    func requireShared(_ order: StartOrder) async throws(DriverFailure) {
        for file in SharedDiskFile.all(of: order) {
            try await requirePassable(file.path)
            if try await isThere(file) { try await requireFitting(file, whileOpen: true) }
        }
    }

    /// Fails where nobody has the disks open that `order`'s instance has open on the host that it runs on.
    ///
    /// QEMU locks what it has open. So a file that nobody has locked is another one, or lies where locks do not reach
    /// from host to host, and there nothing would keep two VMs from writing to it.
    func requireSharedOpen(_ order: StartOrder) async throws(DriverFailure) {
        for file in SharedDiskFile.all(of: order) {
            try await requirePassable(file.path)
            guard try await isThere(file) else {
                throw DriverFailure(
                    .unsupported, "this host does not see \(file.path)",
                    cause: "\(order.instance) has it open: what is mounted here is something else")
            }
            guard try await isOpen(file) else {
                throw DriverFailure(
                    .unsupported,
                    "this host does not see that \(order.instance) has \(file.path) open",
                    cause: "it is another file, or its file system has no locks for all hosts")
            }
            try await requireFitting(file, whileOpen: true)
        }
    }

    private func isThere(_ file: SharedDiskFile) async throws(DriverFailure) -> Bool {
        try await look(at: file) != .missing
    }

    private func isOpen(_ file: SharedDiskFile) async throws(DriverFailure) -> Bool {
        try await look(at: file) == .file(isLocked: true)
    }

    private func look(at file: SharedDiskFile) async throws(DriverFailure) -> SharedFile.Look {
        let look = try await doing("look at \(file.path)") { () throws(FileFailure) in
            try await SharedFile.look(at: file.path)
        }
        guard look != .noFile else {
            throw DriverFailure(.refused, "\(file.path) is not a file")
        }
        return look
    }

    /// In the VM's own directory first, where no other host and no link can be in the way of the tool that makes it.
    private func make(_ file: SharedDiskFile) async throws(DriverFailure) {
        let draft = directory.path + "/draft.qcow2"
        try await makeImage(draft, size: file.disk.size)
        _ = try await doing("make \(file.path)") { () throws(FileFailure) -> Bool in
            let content = try HostFile.read(draft)
            try await HostFile.erase(draft)
            // One that came meanwhile is looked at as any other.
            return try await SharedFile.publish(
                content, as: file.path, group: SharedDiskFile.group(of: directory.instance),
                mode: SharedDiskFile.rights)
        }
    }

    /// Neither what is there nor what is asked for may be lost unseen.
    private func requireFitting(
        _ file: SharedDiskFile, whileOpen: Bool = false
    ) async throws(DriverFailure) {
        let found = try await requirePlain(
            file.path, allowingBacking: false, whileOpen: whileOpen)
        guard found == file.disk.size.count & ~511 else {
            throw DriverFailure(
                .refused, "\(file.path) is there with another size",
                cause: "it has \(found) bytes, and the spec says \(file.disk.size.count)")
        }
    }

    /// QEMU runs as a user who is nobody else.
    private func requirePassable(_ path: String) async throws(DriverFailure) {
        let closed = try await doing("look at \(path)") { () throws(FileFailure) in
            try await HostFile.closedDirectory(above: path)
        }
        guard let closed else { return }
        throw DriverFailure(
            .unsupported, "the VM's user may not come to \(path)",
            cause: "\(closed) is closed to others; let them pass with chmod o+x")
    }

    private func doing<Outcome>(
        _ what: String, _ work: () async throws(FileFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        do throws(FileFailure) { return try await work() } catch {
            throw DriverFailure(vm: error, doing: what)
        }
    }
}
