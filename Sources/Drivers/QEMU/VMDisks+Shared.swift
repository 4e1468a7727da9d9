import ClusterModel
import HostIO
import Ports

extension VMDisks {
    /// Makes the disks that hosts share where nobody has made them yet; those that are there have to fit.
    func prepareShared(_ order: StartOrder) async throws(DriverFailure) {
        for file in SharedDiskFile.all(of: order) {
            try requirePassable(file.path)
            if HostFile.exists(file.path) {
                guard try await !isOpen(file) else {
                    throw DriverFailure(
                        .unavailable, "\(file.path) is in use",
                        cause: "a VM, on this host or another one, has it open")
                }
            } else {
                try await make(file)
            }
            try await requireFitting(file)
            try admit(file)
        }
    }

    /// Fails where this host does not see the very disks that `order`'s instance has open on the host that it runs on.
    ///
    /// QEMU locks what it has open. So a file that nobody has locked is another one, or lies where locks do not reach
    /// from host to host, and there nothing would keep two VMs from writing to it.
    func requireShared(_ order: StartOrder) async throws(DriverFailure) {
        for file in SharedDiskFile.all(of: order) {
            try requirePassable(file.path)
            guard HostFile.exists(file.path) else {
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

    private func isOpen(_ file: SharedDiskFile) async throws(DriverFailure) -> Bool {
        guard HostFile.isPlain(file.path) else {
            throw DriverFailure(.image, "\(file.path) is not a file")
        }
        do throws(FileFailure) {
            return try await HostFile.isLocked(file.path)
        } catch {
            throw DriverFailure(vm: error, doing: "look at \(file.path)")
        }
    }

    /// Under another name until it is whole and its group's.
    private func make(_ file: SharedDiskFile) async throws(DriverFailure) {
        let next = file.path + ".new"
        try await makeImage(next, size: file.disk.size)
        do throws(FileFailure) {
            try handToGroup(next)
            try HostFile.move(next, to: file.path)
        } catch {
            throw DriverFailure(vm: error, doing: "make \(file.path)")
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

    /// One that was copied there, from a backup for instance, belongs to whoever did that.
    private func admit(_ file: SharedDiskFile) throws(DriverFailure) {
        let group = SharedDiskFile.group(of: directory.instance)
        if let status = HostFile.status(of: file.path), status.group == group,
            status.permissions & 0o660 == 0o660
        {
            return
        }
        do throws(FileFailure) {
            try handToGroup(file.path)
        } catch {
            throw DriverFailure(vm: error, doing: "hand \(file.path) to the VM's group")
        }
    }

    private func handToGroup(_ path: String) throws(FileFailure) {
        try HostFile.setGroup(SharedDiskFile.group(of: directory.instance), of: path)
        try HostFile.setPermissions(0o660, of: path)
    }

    /// QEMU runs as a user who is nobody else.
    private func requirePassable(_ path: String) throws(DriverFailure) {
        guard let closed = Self.closedDirectory(above: path) else { return }
        throw DriverFailure(
            .unsupported, "the VM's user may not come to \(path)",
            cause: "\(closed) is closed to others; let them pass with chmod o+x")
    }
}
