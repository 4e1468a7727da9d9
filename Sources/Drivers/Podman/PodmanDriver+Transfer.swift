package import ClusterModel
import HostIO
package import Ports

/// Named volumes go along, as archives of tar: owners by number, with their extended attributes. What hosts share is
/// there already: nothing of it is sent, and nothing is taken in for it.
/// A checkpoint goes along in front of them, under a name that no volume can have.
///
/// A volume's entry is its name (`data`); with a checkpoint, whose description of the container names its volumes, it is
/// `volume:data` where that is called as its instance's own. Versions before call it otherwise, and would go on with an
/// empty one: they do not understand the entry, and this one refuses theirs.
///
/// Podman 4 and 5 have no call of their own for this, but this host's directories are at hand.
extension PodmanDriver: TransferringDriver {
    package func export(
        _ instance: InstanceID, into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await export(instance, after: nil, into: sink)
    }

    /// - Parameter pass: the first pass that the other host has; `nil` where it has none.
    func export(
        _ instance: InstanceID, after pass: String?,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await turns.holding(instance) { () async throws(DriverFailure) in
            guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
            guard container.status != .running else {
                throw DriverFailure(
                    .refused, "\(instance) still runs: its volumes would not fit together")
            }
            let went = passes.takeSent(pass, of: instance)
            try await sink(TransferFrame.version(TransferFrame.current).bytes)
            if container.isCheckpointed {
                try await sendCheckpoint(of: container, after: went, into: sink)
            }
            for volume in try await volumes(of: instance).mounted(by: path(instance, "json")) {
                let isNamed = container.isCheckpointed && volume.isOwn
                let entry = (isNamed ? Self.ownVolume : "") + volume.name
                if let pass = went?.volumes[volume.name], pass.isOrdered(at: .now()),
                    let survey = try await TreeSurvey(of: volume.directory, since: pass)
                {
                    try await send(survey, of: volume.directory, as: entry, since: pass, into: sink)
                    continue
                }
                try await sink(TransferFrame.entry(entry).bytes)
                try await pack(volume.directory, into: sink)
                try await sink(TransferFrame.endOfEntry.bytes)
            }
            try await sink(TransferFrame.end.bytes)
        }
    }

    private func send(
        _ survey: TreeSurvey, of directory: String, as entry: String, since pass: TreePass,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await sink(TransferFrame.entry(Self.allNames + entry).bytes)
        try await TransferFrame.write(data: survey.names.bytes, into: sink)
        try await sink(TransferFrame.endOfEntry.bytes)
        try await sink(TransferFrame.entry(Self.changes + entry).bytes)
        var sender = TreeSender()
        try await sender.send(directory, survey, changedSince: pass, into: sink)
        try await sink(TransferFrame.endOfEntry.bytes)
    }

    package func adopt(
        _ order: StartOrder, from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        try await adopt(order, after: nil, from: source)
    }

    /// - Parameter pass: the first pass that what comes now was made after; `nil` where it is all.
    func adopt(
        _ order: StartOrder, after pass: String?,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        try await turns.holding(order.instance) { () async throws(DriverFailure) in
            if let existing = try await inspect(order.instance) {
                guard existing.generation <= order.generation, existing.status != .running else {
                    throw DriverFailure(
                        .refused, "\(order.instance) runs here, or ran under a newer decision")
                }
                try await delete(order.instance)
            }
            let name = names.container(order.instance)
            // Until it is started, or removed.
            passes.expect(order.instance)
            // From here on it is no first pass any more.
            let come = passes.takeCome(of: order.instance)
            let ahead = come?.answer == pass ? come : nil
            let spared: [CheckpointArea.Role] =
                (ahead?.hasLayer == true ? [.aheadLayer] : [])
                + (ahead?.memory == .kept ? [.aheadMemory] : [])
            let volumes = volumes(of: order.instance)
            var arrivals: [PodmanVolumes.Arrival] = []
            do throws(DriverFailure) {
                try await checkpoints.clear(name, sparing: spared)
                try await sweepCheckpoints()
                try await take(
                    order, ahead: ahead?.volumes ?? [], from: source, into: &arrivals)
                try await volumes.settle(arrivals, under: order.generation)
            } catch {
                for name in Set(arrivals.map(\.name)).union(come?.volumes ?? []) {
                    try? await volumes.discard(name)
                }
                try? await checkpoints.clear(name)
                passes.stopExpecting(order.instance)
                throw error
            }
            // Its source sent all of it after all.
            try? await checkpoints.erase(.aheadLayer, of: name)
            try? await checkpoints.erase(.aheadMemory, of: name)
            for name in (come?.volumes ?? []).subtracting(arrivals.map(\.name)) {
                try? await volumes.discard(name)
            }
        }
    }

    /// Files are many and small: asked for one by one, the disk would be waited for at each.
    package func flush(_ instance: InstanceID) async throws(DriverFailure) {
        // Made anew in this very moment, for instance: what is not here now cannot be told to be on the disk.
        guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
        let volumes = try await volumes(of: instance).mounted(by: path(instance, "json"))
        let places = volumes.map(\.directory) + (container.layer.map { [$0.upper] } ?? [])
        try await DriverFailure.onFiles("bring what came of \(instance) to the disk") {
            () async throws(FileFailure) in
            try await FileSystem.flush(eachOf: places)
        }
    }

    private static let ownVolume = "volume:"
    /// Before the entry of a volume's changes, what is in it at all.
    private static let allNames = "names:"
    private static let changes = "changes:"

    /// - Parameter ahead: volumes of which the first pass is here.
    private func take(
        _ order: StartOrder, ahead: Set<String>,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?,
        into arrivals: inout [PodmanVolumes.Arrival]
    ) async throws(DriverFailure) {
        var reader = TransferReader()
        try await reader.open(source)
        while true {
            switch try await reader.next(source) {
            case .end: return try await reader.requireEnd(source)
            case .entry(let name):
                if let part = CheckpointEntry(name) {
                    try await keep(part, &reader, for: order, from: source)
                } else if name == Self.layerEntry {
                    try await keepLayerChanges(&reader, for: order, from: source)
                } else if name.hasPrefix(Self.allNames) {
                    let entry = String(name.dropFirst(Self.allNames.count))
                    let arrival = try await arrival(
                        entry, for: order, after: ahead, besides: arrivals)
                    arrivals.append(arrival)
                    try await takeChanges(of: entry, into: arrival, &reader, from: source)
                } else {
                    let arrival = try await arrival(name, for: order, besides: arrivals)
                    arrivals.append(arrival)
                    try await unpack(&reader, into: arrival.incoming, from: source)
                }
            case .version, .data, .endOfEntry:
                throw TransferReader.broken("a frame out of place")
            }
        }
    }

    /// Makes of what came in the first pass what is at the source.
    private func takeChanges(
        of entry: String, into arrival: PodmanVolumes.Arrival, _ reader: inout TransferReader,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let names = try await TreeNames(&reader, from: source)
        guard try await reader.next(source) == .entry(Self.changes + entry) else {
            throw TransferReader.broken("names of \(arrival.name) without its changes")
        }
        try await DriverFailure.onFiles("remove what is gone of volume \(arrival.name)") {
            () async throws(FileFailure) in
            try await HostFile.prune(arrival.incoming, keeping: names.kinds)
        }
        try await unpack(&reader, into: arrival.incoming, by: Self.passOptions, from: source)
    }

    /// The place for the volume that an entry of this name is.
    ///
    /// - Parameters:
    ///   - ahead: where it is of changes, the volumes of which the first pass is here.
    ///   - others: what came before it.
    private func arrival(
        _ entry: String, for order: StartOrder, after ahead: Set<String>? = nil,
        besides others: [PodmanVolumes.Arrival]
    ) async throws(DriverFailure) -> PodmanVolumes.Arrival {
        let isOwn = entry.hasPrefix(Self.ownVolume)
        let name = isOwn ? String(entry.dropFirst(Self.ownVolume.count)) : entry
        guard order.workload.storage.localVolumes.contains(where: { $0.name == name }) else {
            throw TransferReader.broken("a volume called '\(entry)'")
        }
        guard isOwn || !hasAdopted(order) else {
            throw DriverFailure(
                .unsupported,
                "\(order.instance) cannot go on here: its volume \(name) is called as earlier versions did",
                cause: "a move with --mode restart brings it along")
        }
        guard !others.contains(where: { $0.name == name }) else {
            throw TransferReader.broken("the volume \(name) twice")
        }
        guard let ahead else {
            return try await volumes(of: order.instance).prepareArrival(of: name)
        }
        guard ahead.contains(name) else {
            throw TransferReader.broken("changes of volume \(name), of which nothing came ahead")
        }
        return try await volumes(of: order.instance).laterArrival(of: name)
    }

    static let tarOptions = ["--numeric-owner", "--xattrs", "--acls"]

    private func pack(
        _ directory: String, into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let arguments = ["tar"] + Self.tarOptions + ["-C", directory, "-cf", "-", "."]
        try await archive(arguments, doing: "pack \(directory)") {
            (reader, writer) async throws(DriverFailure) in
            writer.finish()
            while let bytes = try await Self.next(reader) {
                try await TransferFrame.write(data: bytes, into: sink)
            }
        }
    }

    func unpack(
        _ reader: inout TransferReader, into directory: String, by options: [String] = tarOptions,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let arguments = ["tar"] + options + ["-C", directory, "-xpf", "-"]
        var frames = reader
        try await archive(arguments, doing: "unpack into \(directory)") {
            (output, writer) async throws(DriverFailure) in
            while true {
                switch try await frames.next(source) {
                case .data(let bytes):
                    do throws(SocketFailure) { try await writer.write(bytes) } catch {
                        throw DriverFailure(.refused, "tar took no more", cause: "\(error)")
                    }
                case .endOfEntry:
                    writer.finish()
                    while try await Self.next(output) != nil {}
                    return
                case .version, .entry, .end: throw TransferReader.broken("a frame out of place")
                }
            }
        }
        reader = frames
    }

    /// Runs tar with its pipes lent to `use`.
    private func archive(
        _ arguments: [String], doing: String,
        _ use: (ByteReader, ByteWriter) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        var failure: DriverFailure?
        let outcome: Tool.Outcome
        do throws(ProcessFailure) {
            outcome = try await Tool.streaming("/usr/bin/env", arguments) {
                (reader, writer) async throws(ProcessFailure) -> [UInt8] in
                do throws(DriverFailure) {
                    try await use(reader, writer)
                    return []
                } catch {
                    failure = error
                    throw .broken("tar", .cancelled)
                }
            }
        } catch {
            throw failure ?? DriverFailure(tool: error, doing: doing)
        }
        guard outcome.status.isSuccess else {
            let full = outcome.complaint.contains("No space left on device")
            throw DriverFailure(
                full ? .exhausted : .refused, "could not \(doing)", cause: outcome.complaint)
        }
    }
}
