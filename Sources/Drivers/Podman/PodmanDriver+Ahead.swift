package import ClusterModel
import HostIO
package import Ports

/// Volumes, what an instance changed of its image's files and what it has in memory go in two passes: all that is there while the
/// container runs, then what has changed since and what is gone.
///
/// What changed is told by the times of files. A file system that does not set them for mapped memory, and a volume that is
/// called as an earlier version did, go in one pass.
extension PodmanDriver: AheadTransferringDriver {
    package func exportAhead(
        _ instance: InstanceID, withLayer: Bool, withMemory: Bool,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        // Not in the instance's turn: it is to be stopped, looked at and removed while that goes on.
        guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
        passes.forgetSent(instance)
        let name = String(UInt64.random(in: 0 ... .max), radix: 16)
        try await sink(TransferFrame.version(TransferFrame.current).bytes)
        try await sink(TransferFrame.entry(Self.passName + name).bytes)
        try await sink(TransferFrame.endOfEntry.bytes)
        let layer = withLayer ? try await sendLayerAhead(of: container, into: sink) : nil
        var went: [String: TreePass] = [:]
        for volume in try await volumes(of: instance).mounted(by: path(instance, "json"))
        where volume.isOwn {
            went[volume.name] = try await sendAhead(
                volume.directory, as: volume.name, by: TreeSender(), into: sink)
        }
        // Last, because it changes fastest.
        let memory =
            withMemory ? try await sendMemoryAhead(of: instance, in: name, into: sink) : nil
        try await sink(TransferFrame.end.bytes)
        passes.note(
            FirstPasses.Sent(name: name, volumes: went, layer: layer, memory: memory), of: instance)
    }

    /// What went of the directory; `nil` where it is to go once more, and whole: it has more than can be kept in mind, or nobody
    /// knows what changes in it.
    func sendAhead(
        _ directory: String, as entry: String, by sender: TreeSender,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) -> TreePass? {
        guard var pass = try await begin(with: directory) else { return nil }
        var sender = sender
        try await sink(TransferFrame.entry(entry).bytes)
        let isWhole = try await sender.send(directory, noting: &pass, into: sink)
        try await sink(TransferFrame.endOfEntry.bytes)
        return isWhole ? pass : nil
    }

    private func begin(with directory: String) async throws(DriverFailure) -> TreePass? {
        try await DriverFailure.reading(directory) { () async throws(FileFailure) -> TreePass? in
            guard try FileSystem.notesEveryChange(at: directory) else { return nil }
            let began = TreePass.Moment.now()
            try await FileSystem.flush(directory)
            return TreePass(began: began)
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
            passes.expect(order.instance)
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
    ) async throws(DriverFailure) -> FirstPasses.Come {
        let local = order.workload.storage.localVolumes.map(\.name)
        var reader = TransferReader()
        var come: Set<String> = []
        var hasLayer = false
        var memory = FirstPasses.Come.Memory.none
        try await reader.open(source)
        guard case .entry(let first) = try await reader.next(source),
            first.hasPrefix(Self.passName), try await reader.nextButEnd(source) == nil
        else { throw TransferReader.broken("a pass without a name") }
        while true {
            switch try await reader.next(source) {
            case .end:
                try await reader.requireEnd(source)
                return FirstPasses.Come(
                    name: String(first.dropFirst(Self.passName.count)), move: move, volumes: come,
                    hasLayer: hasLayer, memory: memory)
            case .entry(Self.layerEntry) where !hasLayer:
                hasLayer = try await keepLayerAhead(&reader, for: order, from: source)
            case .entry(let name):
                if memory == .none, case .memory(let size)? = CheckpointEntry(name) {
                    memory = try await keepMemoryAhead(
                        of: size, &reader, for: order, from: source)
                    continue
                }
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
        passes.come(of: instance, in: move)?.answer
    }

    package func adoptRest(
        _ order: StartOrder, after pass: String,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        try await adopt(order, after: pass, from: source)
    }

    /// Removes what of the instance was on its way here, and forgets what went from here.
    func forgetArrivals(of instance: InstanceID) async throws(DriverFailure) {
        passes.forget(instance)
        let name = names.container(instance)
        try await checkpoints.erase(.aheadLayer, of: name)
        try await checkpoints.erase(.aheadMemory, of: name)
        try await volumes(of: instance).discardAll()
    }

    /// Before the name of a pass.
    private static let passName = "pass:"
    /// What is unpacked is of this version, which sends access lists as the attributes that they are.
    static let passOptions = ["--numeric-owner", "--xattrs", "--xattrs-include=*"]
}
