import ClusterModel
import HostIO
import Ports

/// How what an instance changed of its image's files gets from host to host, beside a checkpoint.
///
/// The target keeps it as the archive that Podman unpacks above the image: what came ahead, and behind it what has changed since,
/// which takes the place of what is before it. What is gone Podman removes at last. Whoever has nothing of it, or is of a version
/// before, finds it in the archive of the checkpoint, where Podman would have had it.
extension PodmanDriver {
    /// No volume can be called so.
    static let layerEntry = "layer:"
    static let deletionsEntry = "deletions:"
    /// How Podman calls them in an archive.
    /// - Source: checkpointctl, lib/metadata.go.
    static let layerFile = "rootfs-diff.tar"
    static let deletionsFile = "deleted.files"

    /// Whether an entry of an archive would take the place of what we put in front of it.
    static func isOfLayer(_ name: String) -> Bool { name == layerFile || name == deletionsFile }

    /// What went of it; `nil` where it is to go whole.
    func sendLayerAhead(
        of container: PodmanContainer,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) -> TreePass? {
        guard let layer = container.layer, container.status == .running,
            await layer.look(underProcess: container.process) != .foreign,
            try await isWorthwhile(layer)
        else { return nil }
        return try await sendAhead(
            layer.upper, as: Self.layerEntry,
            by: TreeSender(seeing: ContainerLayer.seenAhead, ends: false), into: sink)
    }

    /// Whether it has so much that a pass more, with all that has been written brought to the disk for it, is worth its time.
    private func isWorthwhile(_ layer: ContainerLayer) async throws(DriverFailure) -> Bool {
        let reader = TreeReader(layer.upper) { _, _ in false }
        var size: UInt64 = 0
        while let entry = try await DriverFailure.reading(
            layer.upper, { () async throws(FileFailure) in try await reader.next() })
        {
            size += entry.size + Self.description
            if size >= Self.smallest { return true }
        }
        return false
    }

    /// Goes in hundredths of a second over any network.
    private static let smallest: UInt64 = 1 << 20
    /// About what an entry takes in an archive besides its content.
    private static let description: UInt64 = 1_536

    /// Sends what has changed since that pass; whether it did, and not all is to go with the checkpoint.
    func sendLayerChanges(
        of container: PodmanContainer, since pass: TreePass?,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) -> Bool {
        guard let layer = container.layer, let pass, pass.isOrdered(at: .now()) else {
            return false
        }
        let survey = try await LayerSurvey(of: layer, since: pass)
        guard let deletions = survey.deletions(after: pass) else { return false }
        try await sink(TransferFrame.entry(Self.layerEntry).bytes)
        var sender = TreeSender.ofLayer()
        try await sender.send(layer.upper, survey.tree, changedSince: pass, into: sink)
        try await sink(TransferFrame.endOfEntry.bytes)
        try await sink(TransferFrame.entry(Self.deletionsEntry).bytes)
        try await TransferFrame.write(data: try JSON.encode(deletions), into: sink)
        try await sink(TransferFrame.endOfEntry.bytes)
        return true
    }

    /// What is to stand before an archive that has nothing of the layer, and how much that is.
    func layerForArchive(
        of container: PodmanContainer
    ) async throws(DriverFailure) -> LayerInArchive {
        guard let layer = container.layer else {
            throw DriverFailure(
                .refused, "Podman no longer says what \(container.instance) changed of its image")
        }
        return try await LayerInArchive(layer)
    }

    // MARK: At the target

    /// Keeps what comes ahead of a layer; whether there was room for it. Else it goes with the checkpoint, and volumes may still
    /// come ahead.
    func keepLayerAhead(
        _ reader: inout TransferReader, for order: StartOrder,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) -> Bool {
        let name = names.container(order.instance)
        var frames = reader
        var hasEnded = false
        defer { reader = frames }
        do throws(DriverFailure) {
            try await checkpoints.withRoom(for: .zero, of: name, onDisk: true) {
                (room) async throws(DriverFailure) in
                try await checkpoints.write(.aheadLayer, in: room) {
                    (writer) async throws(DriverFailure) in
                    try await Self.append(&frames, to: writer, from: source)
                    hasEnded = true
                }
            }
            return true
        } catch {
            guard error.code == .exhausted else { throw error }
            if !hasEnded { try await Self.append(&frames, to: nil, from: source) }
            return false
        }
    }

    /// Makes of what came ahead the layer for the start of this very order.
    func keepLayerChanges(
        _ reader: inout TransferReader, for order: StartOrder,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let name = names.container(order.instance)
        guard checkpoints.has(.aheadLayer, of: name), !hasAdopted(order) else {
            throw TransferReader.broken("changes of a layer of which nothing came ahead")
        }
        var frames = reader
        try await checkpoints.withRoom(for: .zero, of: name, onDisk: true) {
            (room) async throws(DriverFailure) in
            let path = try checkpoints.rename(
                .aheadLayer, to: .adoptedLayer(order.generation), of: name)
            let writer = try CheckpointArea.Writer(room)
            try await writer.begin(path, goingOn: true)
            try await Self.append(&frames, to: writer, from: source)
            try await writer.end()
        }
        guard try await frames.next(source) == .entry(Self.deletionsEntry) else {
            throw TransferReader.broken("a layer without what is gone of its image")
        }
        let sent = try await frames.content(source, most: TreePass.mostBytes)
        let size = try checkpoints.size(.adoptedLayer(order.generation), of: name)
        let deletions = try JSON.encode(try LayerDeletions(size: size.count, sent: sent))
        try await checkpoints.withRoom(
            for: Bytes(UInt64(deletions.count)), of: name, onDisk: true
        ) { (room) async throws(DriverFailure) in
            try await checkpoints.write(.adoptedDeletions(order.generation), in: room) {
                (writer) async throws(DriverFailure) in try await writer.append(deletions)
            }
        }
        reader = frames
    }

    /// What is to be removed after the layer that a start of this order goes on with; fails where that is not there, all of it.
    func requireLayer(of order: StartOrder) throws(DriverFailure) -> LayerDeletions {
        let name = names.container(order.instance)
        let missing = DriverFailure(
            .refused,
            "\(order.instance) cannot go on here: what it changed of its image is not here",
            cause:
                "there is no whole \(checkpoints.file(.adoptedLayer(order.generation), of: name))")
        guard checkpoints.has(.adoptedLayer(order.generation), of: name),
            checkpoints.has(.adoptedDeletions(order.generation), of: name)
        else { throw missing }
        let kept = try checkpoints.content(.adoptedDeletions(order.generation), of: name)
        let deletions = try JSON.decode(LayerDeletions.self, from: kept, of: "a file")
        let size = try checkpoints.size(.adoptedLayer(order.generation), of: name)
        guard size.count == deletions.size else { throw missing }
        return deletions
    }

    /// Takes what comes until the end of the entry; `nil` to let it go by.
    private static func append(
        _ frames: inout TransferReader, to writer: CheckpointArea.Writer?,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        while let frame = try await frames.nextButEnd(source) {
            guard case .data(let bytes) = frame else {
                throw TransferReader.broken("a frame out of place")
            }
            try await writer?.append(bytes)
        }
    }
}
