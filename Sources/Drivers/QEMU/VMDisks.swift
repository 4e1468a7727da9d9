import ClusterModel
import HostIO
import Ports

/// Makes the files that a VM starts from, with qemu-img.
struct VMDisks: Sendable {
    let tool: String
    let directory: VMDirectory
    let user: UInt32

    private struct Information: Decodable {
        let virtualSize: UInt64
        let backing: String?
        let specific: Specific?

        struct Specific: Decodable {
            let data: Data?

            struct Data: Decodable {
                let file: String?

                enum CodingKeys: String, CodingKey { case file = "data-file" }
            }
        }

        enum CodingKeys: String, CodingKey {
            case virtualSize = "virtual-size"
            case backing = "backing-filename"
            case specific = "format-specific"
        }
    }

    /// Makes what `order` needs and is not there; `keepOverlay` when the overlay has the right
    /// base.
    func prepare(_ order: StartOrder, keepOverlay: Bool) async throws(DriverFailure) {
        switch order.image {
        case .qcow2(let base):
            try await requireReadable([base])
            let size = try await virtualSize(ofBase: base)
            if !keepOverlay || !HostFile.exists(directory.overlay) {
                try await makeOverlay(on: base, size: max(size, rootSize(of: order.workload)))
            }
        case .kernel(let kernel, let initrd, _): try await requireReadable([kernel, initrd])
        case .reference, .archive:
            throw DriverFailure(
                .unsupported, "QEMU boots disks and kernels, not images of containers")
        }
        for (index, size) in order.workload.storage.disks.enumerated() {
            try await makeDisk(directory.disk(index), size: size)
        }
        if let userData = order.workload.storage.cloudInit {
            let seed = NoCloudSeed(
                instance: order.instance, userData: userData, network: order.network)
            try await write(seed.image, to: directory.seed)
        }
    }

    /// Has the overlay, which came from elsewhere, stand on the base that this host has.
    func rebase(onto base: String) async throws(DriverFailure) {
        try await requireReadable([base])
        _ = try await virtualSize(ofBase: base)
        try await run(
            ["rebase", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b", base, directory.overlay],
            doing: "put the disk onto its base")
        try own(directory.overlay)
    }

    /// Refuses a disk that refers to files of its own choice; who wrote it chose them.
    func requirePlain(
        _ path: String, allowingBacking: Bool, whileOpen: Bool = false
    ) async throws(DriverFailure) -> UInt64 {
        let outcome = try await run(
            ["info", "--output=json"] + (whileOpen ? ["--force-share"] : [])
                + ["-f", "qcow2", path], doing: "read \(path)", code: .image)
        let found = try JSON.decode(Information.self, from: outcome.output, of: "qemu-img")
        guard found.specific?.data?.file == nil, allowingBacking || found.backing == nil else {
            throw DriverFailure(
                .image, "\(path) refers to other files",
                cause: "a disk image has to stand for itself: convert it with qemu-img convert")
        }
        return found.virtualSize
    }

    func own(_ path: String) throws(DriverFailure) {
        do throws(FileFailure) {
            try HostFile.setOwner(user, of: path)
        } catch {
            throw DriverFailure(vm: error, doing: "hand \(path) to the VM's user")
        }
    }

    private func virtualSize(ofBase base: String) async throws(DriverFailure) -> UInt64 {
        try await requirePlain(base, allowingBacking: false)
    }

    /// The reserved disk belongs to the root disk as far as further disks leave any.
    private func rootSize(of workload: Workload) -> UInt64 {
        let others = workload.storage.disks.reduce(Bytes.zero) { $0 + $1 }
        let rest = workload.size.disk.subtracting(others) ?? .zero
        return rest.count & ~511
    }

    private func makeOverlay(on base: String, size: UInt64) async throws(DriverFailure) {
        try await run(
            [
                "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, directory.overlay,
                "\(size)",
            ],
            doing: "make the disk of \(directory.instance)")
        try own(directory.overlay)
    }

    private func makeDisk(_ path: String, size: Bytes) async throws(DriverFailure) {
        guard !HostFile.exists(path) else { return }
        try await makeImage(path, size: size)
        try own(path)
    }

    /// An empty disk; what is at `path` is gone.
    func makeImage(_ path: String, size: Bytes) async throws(DriverFailure) {
        try await run(
            ["create", "-q", "-f", "qcow2", path, "\(size.count & ~511)"],
            doing: "make a disk of \(directory.instance)")
    }

    private func write(_ content: [UInt8], to path: String) async throws(DriverFailure) {
        do throws(FileFailure) {
            try await HostFile.save(content, to: path)
        } catch {
            throw DriverFailure(vm: error, doing: "write \(path)")
        }
        try own(path)
    }

    /// QEMU opens these as the VM's user, who is nobody else: all the world has to be able to read
    /// them.
    private func requireReadable(_ paths: [String]) async throws(DriverFailure) {
        for path in paths {
            guard let file = HostFile.status(of: path), !file.isDirectory else {
                throw DriverFailure(.image, "the image's file is missing", cause: path)
            }
            guard file.permissions & 0o004 != 0 else {
                throw DriverFailure(.image, "the VM's user may not read the image", cause: path)
            }
            let closed: String?
            do throws(FileFailure) {
                closed = try await HostFile.closedDirectory(above: path)
            } catch {
                throw DriverFailure(vm: error, doing: "look at \(path)")
            }
            if let closed {
                throw DriverFailure(
                    .image, "the VM's user may not read the image",
                    cause: "\(closed) is closed to others")
            }
        }
    }

    @discardableResult
    private func run(
        _ arguments: [String], doing: String, code: DriverFailure.Code = .refused
    ) async throws(DriverFailure) -> Tool.Outcome {
        let outcome: Tool.Outcome
        do throws(ProcessFailure) {
            outcome = try await Tool.run(tool, arguments)
        } catch {
            throw DriverFailure(tool: error, doing: doing)
        }
        guard outcome.status.isSuccess else {
            let full = outcome.complaint.contains("No space left on device")
            throw DriverFailure(
                full ? .exhausted : code, "could not \(doing)", cause: outcome.complaint)
        }
        return outcome
    }
}
