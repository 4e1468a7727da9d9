import ClusterModel
import HostIO
import Ports

/// Entries of the stream that are a checkpoint, with the bytes they have; no volume can be called so.
enum CheckpointEntry: Hashable, Sendable {
    /// The images: entries of their own follow, and an end after them.
    case images(Bytes)
    /// The same, of which a part of the memory is in a first pass.
    case laterImages(Bytes)
    /// A first pass of the memory; before images that lead to it.
    case memory(Bytes)
    /// The archive that describes the container; after the images.
    case archive(Bytes)

    private static let (imagesPrefix, archivePrefix) = ("images:", "checkpoint:")
    private static let (laterPrefix, memoryPrefix) = ("images-after:", "memory:")
    private static let imagePrefix = "image:"

    init?(_ name: String) {
        if let size = Self.number(name, after: Self.imagesPrefix) {
            self = .images(size)
        } else if let size = Self.number(name, after: Self.laterPrefix) {
            self = .laterImages(size)
        } else if let size = Self.number(name, after: Self.memoryPrefix) {
            self = .memory(size)
        } else if let size = Self.number(name, after: Self.archivePrefix) {
            self = .archive(size)
        } else {
            return nil
        }
    }

    var name: String {
        switch self {
        case .images(let size): "\(Self.imagesPrefix)\(size.count)"
        case .laterImages(let size): "\(Self.laterPrefix)\(size.count)"
        case .memory(let size): "\(Self.memoryPrefix)\(size.count)"
        case .archive(let size): "\(Self.archivePrefix)\(size.count)"
        }
    }

    /// The entry of one file of the images.
    static func image(_ file: String) -> TransferFrame { .entry(imagePrefix + file) }

    /// The file that an entry of this name is; `nil` where it is none, or must not be called so.
    static func file(_ name: String) -> String? {
        guard name.hasPrefix(imagePrefix) else { return nil }
        let file = String(name.dropFirst(imagePrefix.count))
        return CheckpointImages.isName(file) ? file : nil
    }

    private static func number(_ name: String, after prefix: String) -> Bytes? {
        guard name.hasPrefix(prefix) else { return nil }
        return UInt64(name.dropFirst(prefix.count)).map { Bytes($0) }
    }
}

/// How a checkpoint gets from host to host.
extension PodmanDriver {
    /// What the container printed, within the archive: all of it, in the time in which nobody runs. It goes along
    /// afterwards, as it does with every move.
    private static let log = "ctr.log"

    /// Podman copies named volumes into the archive and cannot be told not to. They are left out: they go along as
    /// they always do, whatever their size. The link to the images means nothing to another host.
    static func verdictOnDeparture(_ name: String) -> TarRewriter.Verdict {
        name.hasPrefix("volumes/") || name == log || name == CheckpointImages.link ? .drop : .pass
    }

    /// What CRIU notes here is read afterwards, and never what another host says that it noted.
    static func verdictOnArrival(_ name: String) -> TarRewriter.Verdict {
        switch name {
        case CheckpointLabels.file: .replace
        case log, CRIULog.Work.checkpoint.rawValue, CRIULog.Work.restore.rawValue: .drop
        default: .pass
        }
    }

    /// - Parameter went: the first pass that the other host has.
    func sendCheckpoint(
        of container: PodmanContainer, after went: FirstPasses.Sent?,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let name = names.container(container.instance)
        // One that was stopped, and not written down, goes without.
        guard let kept = checkpoints.kept(of: name) else { return }
        var layer: LayerInArchive?
        if kept == .keptBare,
            try await !sendLayerChanges(of: container, since: went?.layer, into: sink)
        {
            layer = try await layerForArchive(of: container)
        }
        if let images = checkpoints.images(.keptImages, of: name) {
            try await send(images, of: name, after: went, into: sink)
        }
        let size = try checkpoints.size(kept, of: name) + (layer?.size ?? .zero)
        try await sink(TransferFrame.entry(CheckpointEntry.archive(size).name).bytes)
        try await layer?.send(into: sink)
        try await send(try checkpoints.open(kept, of: name), into: sink)
    }

    private func send(
        _ images: CheckpointImages, of name: String, after went: FirstPasses.Sent?,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        guard let pass = try checkpoints.keptAfter(of: name) else {
            return try await send(images, as: CheckpointEntry.images, into: sink)
        }
        if went?.name != pass || went?.memory == nil {
            try await send(
                try checkpoints.memory(pass, of: name), as: CheckpointEntry.memory, into: sink)
        }
        try await send(images, as: CheckpointEntry.laterImages, into: sink)
    }

    func send(
        _ file: CheckpointArea.Reader,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        while let bytes = try await file.next() {
            try await TransferFrame.write(data: bytes, into: sink)
        }
        try await sink(TransferFrame.endOfEntry.bytes)
    }

    /// Keeps what comes in an entry of a checkpoint for the start of this very order.
    func keep(
        _ entry: CheckpointEntry, _ reader: inout TransferReader, for order: StartOrder,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        guard !hasAdopted(order) else {
            throw TransferReader.broken("more of a checkpoint than there is to one")
        }
        switch entry {
        case .images(let size), .laterImages(let size):
            try await keepImages(
                .adoptedImages(order.generation), of: size, &reader, for: order, from: source)
            if case .laterImages = entry,
                let images = checkpoints.images(
                    .adoptedImages(order.generation), of: names.container(order.instance))
            {
                try await lead(images, toMemoryFor: order)
            }
        case .memory(let size):
            try await keepImages(
                .adoptedMemory(order.generation), of: size, &reader, for: order, from: source)
        case .archive(let size):
            try await keepArchive(of: size, &reader, for: order, from: source)
        }
    }

    func keepImages(
        _ role: CheckpointArea.Role, of size: Bytes, _ reader: inout TransferReader,
        for order: StartOrder,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let name = names.container(order.instance)
        guard !checkpoints.has(role, of: name) else {
            throw TransferReader.broken("images of two checkpoints")
        }
        var frames = reader
        // Their files take whole pages each.
        let expected = size + Self.descriptions
        try await checkpoints.withRoom(for: expected, of: name) {
            (room) async throws(DriverFailure) in
            try await keepImages(role, of: size, in: room, &frames, from: source)
        }
        reader = frames
    }

    func keepImages(
        _ role: CheckpointArea.Role, of size: Bytes, in room: CheckpointArea.Room,
        _ reader: inout TransferReader,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        var frames = reader
        try await checkpoints.writeImages(role, in: room.holding(size)) {
            (directory, writer) async throws(DriverFailure) in
            try await Self.unpackImages(&frames, into: directory, writer, from: source)
        }
        reader = frames
    }

    private static func unpackImages(
        _ frames: inout TransferReader, into directory: String, _ writer: CheckpointArea.Writer,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        var files = Set<String>()
        while let frame = try await frames.nextButEnd(source) {
            guard case .entry(let name) = frame else {
                throw TransferReader.broken("a frame out of place")
            }
            guard let file = CheckpointEntry.file(name), files.insert(file).inserted else {
                throw TransferReader.broken("an image called '\(name)'")
            }
            try await writer.begin("\(directory)/\(file)")
            while let frame = try await frames.nextButEnd(source) {
                guard case .data(let bytes) = frame else {
                    throw TransferReader.broken("a frame out of place")
                }
                try await writer.append(bytes)
            }
        }
    }

    static func skipImages(
        _ frames: inout TransferReader,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        while try await frames.nextButEnd(source) != nil {
            while try await frames.nextButEnd(source) != nil {}
        }
    }

    /// Keeps the archive for the start of this very order.
    ///
    /// A restored container has the labels that stand in its archive, so the generation is put in
    /// there: as with every container, Podman's own store then says what runs, and nothing else has
    /// to be kept beside it.
    private func keepArchive(
        of size: Bytes, _ reader: inout TransferReader, for order: StartOrder,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let labels = CheckpointLabels(
            labels: names.labels(of: order.instance, generation: order.generation))
        let whole = size + CheckpointLabels.growth
        let name = names.container(order.instance)
        let role: CheckpointArea.Role =
            checkpoints.has(.adoptedLayer(order.generation), of: name)
            ? .adoptedBare(order.generation) : .adopted(order.generation)
        var frames = reader
        try await checkpoints.withRoom(for: whole, of: name) { (room) async throws(DriverFailure) in
            try await checkpoints.write(role, in: room.holding(whole)) {
                (writer) async throws(DriverFailure) in
                var archive = TarRewriter(
                    judging: {
                        role == .adoptedBare(order.generation) && Self.isOfLayer($0)
                            ? .drop : Self.verdictOnArrival($0)
                    }, replacing: labels.relabelled)
                while let frame = try await frames.nextButEnd(source) {
                    guard case .data(let bytes) = frame else {
                        throw TransferReader.broken("a frame out of place")
                    }
                    try await writer.append(try archive.append(bytes))
                }
                guard archive.isComplete, archive.replaced == [CheckpointLabels.file] else {
                    throw TarRewriter.broken("it has no end, or says nothing of its container")
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
