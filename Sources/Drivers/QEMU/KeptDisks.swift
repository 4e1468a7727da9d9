import ClusterModel
import HostIO
import Ports

/// The further disks of a VM that was removed, until one of its name comes to this host.
///
/// They lie in a directory of root's own beside those of the VMs. A VM that comes first shares them by a second name
/// of the same file: whatever becomes of its start, nothing is lost. Once it runs they are its own.
struct KeptDisks: Sendable {
    private let path: String
    private let instance: InstanceID

    init(of instance: InstanceID, in parent: String) {
        self.instance = instance
        path = parent + "/" + instance.rawValue
    }

    /// Takes over what the VM in `directory`, which does not run, has, but for the disks of these names; one of an
    /// earlier VM is set aside.
    func take(from directory: VMDirectory, but unwanted: [String]) async throws(DriverFailure) {
        do throws(FileFailure) {
            let found = try wanted(of: directory, but: unwanted)
            guard !found.isEmpty else { return }
            try HostFile.makeDirectory(path)
            for name in found {
                try setAside(name)
                try HostFile.move(directory.run + "/" + name, to: path + "/" + name)
                try HostFile.setOwner(0, of: path + "/" + name)
            }
            // A delete that was answered keeps them over a power cut.
            try await HostFile.synchronize(path)
        } catch {
            throw failure(error, "keep")
        }
    }

    /// Whether `take` would find anything.
    func wouldTake(
        from directory: VMDirectory, but unwanted: [String]
    ) throws(DriverFailure) -> Bool {
        do throws(FileFailure) {
            return try !wanted(of: directory, but: unwanted).isEmpty
        } catch {
            throw failure(error, "look for")
        }
    }

    private func wanted(
        of directory: VMDirectory, but unwanted: [String]
    ) throws(FileFailure) -> [String] {
        let doomed = Set(unwanted.map { $0 + Self.suffix })
        return try disks(in: directory.run).filter { !doomed.contains($0) }
    }

    /// Path of the disk with this number; `nil` when there is none.
    func path(of number: Int) -> String? {
        let file = path + "/" + Self.name(number)
        return HostFile.exists(file) ? file : nil
    }

    /// Gives up what the VM in `directory` shares: it runs, and has it now.
    func handOver(to directory: VMDirectory) async throws(DriverFailure) {
        do throws(FileFailure) {
            for name in try disks(in: path)
            where HostFile.areSame(path + "/" + name, directory.run + "/" + name) {
                try await HostFile.erase(path + "/" + name)
            }
            try removeIfEmpty()
        } catch {
            throw failure(error, "hand over")
        }
    }

    /// Removes those of them that `names` has.
    func remove(_ names: [String]) async throws(DriverFailure) {
        let doomed = Set(names.map { $0 + Self.suffix })
        do throws(FileFailure) {
            for name in try disks(in: path) where doomed.contains(name) {
                try await HostFile.erase(path + "/" + name)
            }
            try removeIfEmpty()
        } catch {
            throw failure(error, "remove")
        }
    }

    /// A VM that came by a move never had what one of its name left here earlier: nobody said that it may go.
    private func setAside(_ name: String) throws(FileFailure) {
        guard HostFile.exists(path + "/" + name) else { return }
        var number = 1
        while HostFile.exists("\(path)/earlier.\(number).\(name)") { number += 1 }
        try HostFile.move(path + "/" + name, to: "\(path)/earlier.\(number).\(name)")
    }

    private static let suffix = ".qcow2"

    private static func name(_ number: Int) -> String { "disk\(number)" + suffix }

    /// Names of the files in `directory` that are disks; QEMU's user may have put anything there.
    private func disks(in directory: String) throws(FileFailure) -> [String] {
        try HostFile.names(in: directory).filter { name in
            name.hasPrefix("disk") && name.hasSuffix(Self.suffix)
                && UInt16(name.dropFirst(4).dropLast(Self.suffix.count)) != nil
                && HostFile.isPlain(directory + "/" + name)
        }
    }

    private func removeIfEmpty() throws(FileFailure) {
        if try HostFile.names(in: path).isEmpty { try HostFile.remove(path) }
    }

    private func failure(_ failure: FileFailure, _ doing: String) -> DriverFailure {
        DriverFailure(vm: failure, doing: "\(doing) the disks of \(instance)")
    }
}

extension VMDisks {
    /// Has the VM share what an earlier one of its name left, where it has no such disk yet.
    ///
    /// Refused where the spec says another size: neither what is kept nor what is asked for may be lost unseen.
    func takeBack(_ kept: KeptDisks, for workload: Workload) async throws(DriverFailure) {
        for (number, size) in workload.storage.disks.enumerated() {
            let own = directory.disk(number)
            guard !HostFile.exists(own), let old = kept.path(of: number) else { continue }
            let found = try await requirePlain(old, allowingBacking: false)
            guard found == size.count & ~511 else {
                throw DriverFailure(
                    .refused, "disk \(number) of \(directory.instance) was kept with another size",
                    cause: "it has \(found) bytes, and its spec says \(size.count)")
            }
            do throws(FileFailure) {
                try HostFile.link(old, as: own)
            } catch {
                throw DriverFailure(vm: error, doing: "take back a disk of \(directory.instance)")
            }
            try self.own(own)
        }
    }
}

extension QEMUDriver: VolumeDriver {}
