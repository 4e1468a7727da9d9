package import ClusterModel
import HostIO
package import Ports

extension QEMUDriver: TransferringDriver {
    package func export(
        _ instance: InstanceID, into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await turns.holding(instance) { () async throws(DriverFailure) in
            let directory = directory(of: instance)
            guard try VMRecord.read(from: directory) != nil else { throw Self.unknown(instance) }
            guard handle(of: directory) == nil else {
                throw DriverFailure(
                    .refused, "\(instance) still runs: its disks would not fit together")
            }
            try await sink(TransferFrame.version(TransferFrame.current).bytes)
            for name in try diskNames(directory) {
                try await send(name, of: directory, into: sink)
            }
            try await sink(TransferFrame.end.bytes)
        }
    }

    package func adopt(
        _ order: StartOrder, from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        try await turns.holding(order.instance) { () async throws(DriverFailure) in
            let directory = directory(of: order.instance)
            let previous = try VMRecord.read(from: directory)
            try await refuseIfNewer(order, directory, previous: previous)
            do throws(DriverFailure) {
                let user = try await user(for: directory, previous: previous)
                try await VMLog(directory).clear()
                let disks = VMDisks(tool: settings.imageTool, directory: directory, user: user)
                try await receive(order, disks, from: source)
                var base: String?
                if case .qcow2(let path) = order.image { base = path }
                let record = VMRecord(
                    instance: order.instance, generation: order.generation, user: user, base: base)
                try await record.write(to: directory)
                do throws(FileFailure) { try directory.process.clear() } catch {
                    throw DriverFailure(vm: error, doing: "adopt \(order.instance)")
                }
            } catch {
                // Half a set of disks is worth nothing; the whole one is still where it came from.
                try? await discard(directory)
                throw error
            }
        }
    }

    /// Of disks that came from QEMU to QEMU most is there already: it flushes both sides when it stops the guest.
    /// - Source: QEMU, system/cpus.c, `do_vm_stop`, and block/io.c, `bdrv_flush_all`, as read; that the other end of a mirror is
    ///   among all was not traced, so nothing here relies on it.
    package func flush(_ instance: InstanceID) async throws(DriverFailure) {
        let directory = directory(of: instance)
        guard try VMRecord.read(from: directory) != nil else { throw Self.unknown(instance) }
        for name in try diskNames(directory) {
            try await DriverFailure.onFiles("bring \(name) of \(instance) to the disk") {
                () async throws(FileFailure) in
                try await HostFile.flush(directory.run + "/" + name)
            }
        }
        try await DriverFailure.onFiles("bring the names of \(instance)'s disks to the disk") {
            () async throws(FileFailure) in
            try await HostFile.synchronize(directory.run)
        }
    }

    /// What is here may be replaced by what comes only if it is older and does not run; what waits
    /// for a move is ended.
    func refuseIfNewer(
        _ order: StartOrder, _ directory: VMDirectory, previous: VMRecord?
    ) async throws(DriverFailure) {
        guard let previous else { return }
        if previous.isReceiving, previous.order <= order.generation,
            try await !guestIsHere(directory)
        {
            return try await clear(directory)
        }
        guard handle(of: directory) == nil else {
            throw DriverFailure(.refused, "\(order.instance) runs on this host")
        }
        let ran = previous.order == order.generation && directory.process.identity != nil
        guard previous.order <= order.generation, !ran else {
            throw DriverFailure(
                .refused, "\(order.instance) has generation \(previous.generation) here",
                cause: "the order is of generation \(order.generation.number)")
        }
    }

    private func diskNames(_ directory: VMDirectory) throws(DriverFailure) -> [String] {
        do throws(FileFailure) {
            return try HostFile.names(in: directory.run).filter { $0.hasSuffix(".qcow2") }
        } catch {
            throw DriverFailure(vm: error, doing: "list the disks of \(directory.instance)")
        }
    }

    private func send(
        _ name: String, of directory: VMDirectory,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await sink(TransferFrame.entry(name).bytes)
        do {
            let file = try FileChunks(reading: directory.run + "/" + name, trusted: false)
            while let bytes = try await file.next() {
                try await TransferFrame.write(data: bytes, into: sink)
            }
        } catch let failure as DriverFailure {
            throw failure
        } catch {
            throw DriverFailure(
                .refused, "could not read \(name) of \(directory.instance)", cause: "\(error)")
        }
        try await sink(TransferFrame.endOfEntry.bytes)
    }

    /// Writes the disks that `order` has, and no other file, and makes them this host's own.
    private func receive(
        _ order: StartOrder, _ disks: VMDisks,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let directory = disks.directory
        var expected = order.workload.storage.disks.indices.map { directory.disk($0) }
        if case .qcow2 = order.image { expected.append(directory.overlay) }
        var reader = TransferReader()
        try await reader.open(source)
        while true {
            switch try await reader.next(source) {
            case .end: return try await reader.requireEnd(source)
            case .entry(let name):
                let path = directory.run + "/" + name
                guard expected.contains(path) else {
                    throw TransferReader.broken("a file called '\(name)'")
                }
                try await receive(path, &reader, from: source)
                try disks.own(path)
                if path == directory.overlay, case .qcow2(let base) = order.image {
                    _ = try await disks.requirePlain(path, allowingBacking: true)
                    try await disks.rebase(onto: base)
                } else {
                    _ = try await disks.requirePlain(path, allowingBacking: false)
                }
            case .version, .data, .endOfEntry: throw TransferReader.broken("a frame out of place")
            }
        }
    }

    private func receive(
        _ path: String, _ reader: inout TransferReader,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        do {
            try await HostFile.erase(path)
            let file = try FileChunks(writing: path)
            while true {
                switch try await reader.next(source) {
                case .data(let bytes): try await file.append(bytes)
                case .endOfEntry: return
                case .version, .entry, .end: throw TransferReader.broken("a frame out of place")
                }
            }
        } catch let failure as DriverFailure {
            throw failure
        } catch let failure as FileFailure {
            throw DriverFailure(vm: failure, doing: "write \(path)")
        } catch {
            throw DriverFailure(.refused, "could not write \(path)", cause: "\(error)")
        }
    }
}
