import ClusterModel
import HostIO
import Ports

/// How the archive of a checkpoint gets from host to host.
extension PodmanDriver {
    /// The entry of the stream that is a checkpoint, with the bytes it has; no volume can be called so.
    private static let checkpointEntry = "checkpoint:"

    /// Bytes of the checkpoint that an entry of this name is; `nil` for another entry.
    static func checkpointSize(_ entry: String) -> Bytes? {
        guard entry.hasPrefix(checkpointEntry) else { return nil }
        return UInt64(entry.dropFirst(checkpointEntry.count)).map { Bytes($0) }
    }

    /// What the container printed, within the archive: all of it, in the time in which nobody runs. It goes along
    /// afterwards, as it does with every move.
    private static let log = "ctr.log"

    /// Podman copies named volumes into the archive and cannot be told not to. They are left out: they go along as
    /// they always do, whatever their size.
    static func verdictOnDeparture(_ name: String) -> TarRewriter.Verdict {
        name.hasPrefix("volumes/") || name == log ? .drop : .pass
    }

    private static func verdictOnArrival(_ name: String) -> TarRewriter.Verdict {
        switch name {
        case CheckpointLabels.file: .replace
        case log: .drop
        default: .pass
        }
    }

    func sendCheckpoint(
        of instance: InstanceID, into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let name = names.container(instance)
        // One that was stopped, and not written down, goes without.
        guard checkpoints.has(.kept, of: name) else { return }
        let size = checkpoints.size(.kept, of: name)
        try await sink(TransferFrame.entry("\(Self.checkpointEntry)\(size.count)").bytes)
        let archive = try checkpoints.open(.kept, of: name)
        while let bytes = try await archive.next() {
            try await TransferFrame.write(data: bytes, into: sink)
        }
        try await sink(TransferFrame.endOfEntry.bytes)
    }

    /// Keeps the archive for the start of this very order.
    ///
    /// A restored container has the labels that stand in its archive, so the generation is put in
    /// there: as with every container, Podman's own store then says what runs, and nothing else has
    /// to be kept beside it.
    func keepCheckpoint(
        of size: Bytes, _ reader: inout TransferReader, for order: StartOrder,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let labels = CheckpointLabels(
            labels: names.labels(of: order.instance, generation: order.generation))
        let whole = size + CheckpointLabels.growth
        let room = try checkpoints.room(for: whole).holding(whole)
        var frames = reader
        try await checkpoints.write(
            .adopted(order.generation), of: names.container(order.instance), in: room
        ) { (writer) async throws(DriverFailure) in
            var archive = TarRewriter(
                judging: Self.verdictOnArrival,
                replacing: labels.relabelled)
            while true {
                switch try await frames.next(source) {
                case .data(let bytes): try await writer.append(try archive.append(bytes))
                case .endOfEntry:
                    guard archive.isComplete, archive.replaced == [CheckpointLabels.file] else {
                        throw TarRewriter.broken("it has no end, or says nothing of its container")
                    }
                    return
                case .version, .entry, .end: throw TransferReader.broken("a frame out of place")
                }
            }
        }
        reader = frames
    }
}

/// The labels in Podman's description of a container that was written down.
struct CheckpointLabels: Hashable, Sendable {
    /// Where Podman has the description within the archive.
    static let file = "config.dump"
    /// Most bytes by which an archive grows: a generation of more digits may need another block.
    static let growth = Bytes(UInt64(TarRewriter.block))

    /// What they have to be in the end.
    let labels: [String: String]

    /// The description of the same instance with the generation that it has from now on.
    ///
    /// Only the digits change. The text is JSON, in which a quotation mark within a value has a
    /// backslash before it, so that a key between marks is found nowhere else.
    func relabelled(_ content: [UInt8]) throws(DriverFailure) -> [UInt8] {
        for name in [PodmanContainer.LabelName.owner, PodmanContainer.LabelName.instance] {
            guard let value = Self.value(of: name, in: content),
                String(decoding: content[value], as: UTF8.self) == labels[name]
            else { throw TarRewriter.broken("it is not of \(labels[name] ?? name)") }
        }
        let generation = PodmanContainer.LabelName.generation
        guard let range = Self.value(of: generation, in: content), let next = labels[generation]
        else { throw TarRewriter.broken("it has no generation") }
        var changed = content
        changed.replaceSubrange(range, with: next.utf8)
        return changed
    }

    /// Where the value of this key stands, if exactly once.
    private static func value(of key: String, in content: [UInt8]) -> Range<Int>? {
        let mark = Array("\"\(key)\":".utf8)
        let found = content.indices.dropLast(mark.count).filter { start in
            content[start] == mark[0] && content[start...].starts(with: mark)
        }
        guard found.count == 1, let first = found.first else { return nil }
        let quote = UInt8(ascii: "\"")
        let rest = content[(first + mark.count)...].drop { $0 == UInt8(ascii: " ") }
        guard rest.first == quote, let end = rest.dropFirst().firstIndex(of: quote) else {
            return nil
        }
        return (rest.startIndex + 1)..<end
    }
}
