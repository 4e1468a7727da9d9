package import ClusterModel
import HostIO
package import Ports

/// Volumes go in two passes: all that is there while the container runs, then what has changed since and what is gone.
///
/// What changed is told by the times of files. A file system that does not set them for mapped memory, and a volume that is
/// called as an earlier version did, go in one pass.
extension PodmanDriver: AheadTransferringDriver {
    package func exportAhead(
        _ instance: InstanceID, into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        // Not in the instance's turn: it is to be stopped, looked at and removed while that goes on.
        guard try await inspect(instance) != nil else { throw Self.unknown(instance) }
        let name = String(UInt64.random(in: 0 ... .max), radix: 16)
        try await sink(TransferFrame.version(TransferFrame.current).bytes)
        try await sink(TransferFrame.entry(Self.passName + name).bytes)
        try await sink(TransferFrame.endOfEntry.bytes)
        var went: [String: VolumePass] = [:]
        for volume in try await volumes(of: instance).mounted(by: path(instance, "json"))
        where volume.isOwn {
            guard var pass = try await begin(with: volume) else { continue }
            try await sink(TransferFrame.entry(volume.name).bytes)
            var sender = TreeSender()
            let isWhole = try await sender.send(volume.directory, noting: &pass, into: sink)
            try await sink(TransferFrame.endOfEntry.bytes)
            // One that has more than can be kept in mind comes once more, and whole.
            if isWhole { went[volume.name] = pass }
        }
        try await sink(TransferFrame.end.bytes)
        passes.note(VolumePasses.Sent(name: name, volumes: went), of: instance)
    }

    private func begin(
        with volume: PodmanVolumes.Mounted
    ) async throws(DriverFailure) -> VolumePass? {
        do throws(FileFailure) {
            guard try FileSystem.notesEveryChange(at: volume.directory) else { return nil }
            let began = VolumePass.Moment.now()
            try await FileSystem.flush(volume.directory)
            return VolumePass(began: began)
        } catch {
            throw DriverFailure(vm: error, doing: "begin with volume \(volume.name)")
        }
    }

    package func exportRest(
        _ instance: InstanceID, after pass: String,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await export(instance, after: pass, into: sink)
    }

    package func adoptAhead(
        _ order: StartOrder, in move: MoveID,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        try await turns.holding(order.instance) { () async throws(DriverFailure) in
            try await forgetArrivals(of: order.instance)
            do throws(DriverFailure) {
                let come = try await takeAhead(order, in: move, from: source)
                passes.note(come, of: order.instance)
            } catch {
                try? await forgetArrivals(of: order.instance)
                throw error
            }
        }
    }

    private func takeAhead(
        _ order: StartOrder, in move: MoveID,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) -> VolumePasses.Come {
        let local = order.workload.storage.localVolumes.map(\.name)
        var reader = TransferReader()
        var come: Set<String> = []
        try await reader.open(source)
        guard case .entry(let first) = try await reader.next(source),
            first.hasPrefix(Self.passName), try await reader.nextButEnd(source) == nil
        else { throw TransferReader.broken("a pass without a name") }
        while true {
            switch try await reader.next(source) {
            case .end:
                try await reader.requireEnd(source)
                return VolumePasses.Come(
                    name: String(first.dropFirst(Self.passName.count)), move: move, volumes: come)
            case .entry(let name):
                guard local.contains(name), come.insert(name).inserted else {
                    throw TransferReader.broken("a volume called '\(name)'")
                }
                let incoming = try await volumes(of: order.instance).prepareIncoming(name)
                try await unpack(&reader, into: incoming, by: Self.passOptions, from: source)
            case .version, .data, .endOfEntry:
                throw TransferReader.broken("a frame out of place")
            }
        }
    }

    package func ahead(of instance: InstanceID, in move: MoveID) -> String? {
        passes.come(of: instance, in: move)?.name
    }

    package func adoptRest(
        _ order: StartOrder, after pass: String,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        try await adopt(order, after: pass, from: source)
    }

    /// Removes what of the instance's volumes was on its way here, and forgets what went from here.
    func forgetArrivals(of instance: InstanceID) async throws(DriverFailure) {
        passes.forget(instance)
        try await volumes(of: instance).discardAll()
    }

    /// Before the name of a pass.
    private static let passName = "pass:"
    /// What is unpacked is of this version, which sends access lists as the attributes that they are.
    static let passOptions = ["--numeric-owner", "--xattrs", "--xattrs-include=*"]
}
