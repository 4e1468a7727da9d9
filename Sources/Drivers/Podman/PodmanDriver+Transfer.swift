package import ClusterModel
import HostIO
package import Ports

private struct PodmanMounts: Decodable {
    let mounts: [Mount]?

    struct Mount: Decodable {
        let type: String
        let name: String?
        let source: String

        enum CodingKeys: String, CodingKey {
            case type = "Type"
            case name = "Name"
            case source = "Source"
        }
    }

    enum CodingKeys: String, CodingKey { case mounts = "Mounts" }
}

private struct PodmanVolume: Decodable {
    let mountpoint: String

    enum CodingKeys: String, CodingKey { case mountpoint = "Mountpoint" }
}

private struct PodmanVolumeOrder: Encodable {
    let Name: String
}

/// Named volumes go along, as archives of tar: owners by number, with their extended attributes. What hosts share is
/// there already: nothing of it is sent, and nothing is taken in for it.
/// A checkpoint goes along in front of them, under a name that no volume can have.
///
/// Podman 4 and 5 have no call of their own for this, but this host's directories are at hand.
extension PodmanDriver: TransferringDriver {
    package func export(
        _ instance: InstanceID, into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        try await turns.holding(instance) { () async throws(DriverFailure) in
            guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
            guard container.status != .running else {
                throw DriverFailure(
                    .refused, "\(instance) still runs: its volumes would not fit together")
            }
            try await sink(TransferFrame.version(TransferFrame.current).bytes)
            if container.isCheckpointed { try await sendCheckpoint(of: instance, into: sink) }
            for (name, path) in try await ownVolumes(of: instance) {
                try await sink(TransferFrame.entry(name).bytes)
                try await pack(path, into: sink)
                try await sink(TransferFrame.endOfEntry.bytes)
            }
            try await sink(TransferFrame.end.bytes)
        }
    }

    package func adopt(
        _ order: StartOrder, from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        try await turns.holding(order.instance) { () async throws(DriverFailure) in
            if let existing = try await inspect(order.instance) {
                guard existing.generation <= order.generation, existing.status != .running else {
                    throw DriverFailure(
                        .refused, "\(order.instance) runs here, or ran under a newer decision")
                }
                try await delete(order.instance)
            }
            try await checkpoints.clear(names.container(order.instance))
            try await sweepCheckpoints()
            var reader = TransferReader()
            try await reader.open(source)
            while true {
                switch try await reader.next(source) {
                case .end: return
                case .entry(let name):
                    if let part = CheckpointEntry(name) {
                        try await keep(part, &reader, for: order, from: source)
                        continue
                    }
                    let local = order.workload.storage.localVolumes
                    guard local.contains(where: { $0.name == name }) else {
                        throw TransferReader.broken("a volume called '\(name)'")
                    }
                    try await unpack(&reader, into: try await emptyVolume(name), from: source)
                case .version, .data, .endOfEntry:
                    throw TransferReader.broken("a frame out of place")
                }
            }
        }
    }

    /// Name and directory of each of the container's volumes that is ours.
    private func ownVolumes(of instance: InstanceID) async throws(DriverFailure) -> [(
        String, String
    )] {
        let response = try await api.send(.get, path(instance, "json"))
        try response.require("inspect \(instance)")
        let found = try JSON.decode(PodmanMounts.self, from: response.body, of: "Podman")
        let prefix = names.volume("")
        return (found.mounts ?? []).compactMap { mount in
            guard mount.type == "volume", let name = mount.name, name.hasPrefix(prefix) else {
                return nil
            }
            return (String(name.dropFirst(prefix.count)), mount.source)
        }
    }

    /// The directory of the volume, made where it is missing and emptied where it is not: what an
    /// earlier stay left would mix with what comes.
    private func emptyVolume(_ name: String) async throws(DriverFailure) -> String {
        let path = "/volumes/\(PodmanAPI.encoded(names.volume(name)))/json"
        var response = try await api.send(.get, path)
        if response.head.status == 404 {
            let body = try JSON.encode(PodmanVolumeOrder(Name: names.volume(name)))
            let made = try await api.send(
                .post, "/volumes/create", body: .bytes(body, type: "application/json"))
            try made.require("make volume \(name)")
            response = try await api.send(.get, path)
        }
        try response.require("look at volume \(name)")
        let directory = try JSON.decode(PodmanVolume.self, from: response.body, of: "Podman")
            .mountpoint
        do throws(FileFailure) {
            for entry in try HostFile.names(in: directory) {
                try await HostFile.erase(directory + "/" + entry)
            }
        } catch {
            throw DriverFailure(vm: error, doing: "empty volume \(name)")
        }
        return directory
    }

    private static let tarOptions = ["--numeric-owner", "--xattrs", "--acls"]

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

    private func unpack(
        _ reader: inout TransferReader, into directory: String,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let arguments = ["tar"] + Self.tarOptions + ["-C", directory, "-xpf", "-"]
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
