import ClusterModel
import HostIO
package import Ports

/// How most of an instance's memory gets to the other host while it runs: CRIU writes all of it down beside it, and when it stops
/// only the pages that were written to since. The rest it finds in what came first, by a link.
///
/// The two are told apart by marks of the kernel, which each writing down clears: what went is taken up once, and not after another
/// one has begun. CRIU itself looks, before an instance ends, whether what it leaves out is in what went, and fails where it is not;
/// whether it is the last of it, nobody can tell.
/// - Source: CRIU 4.2, criu/mem.c, `__parasite_dump_pages_seized`; criu/page-xfer.c, `check_pagehole_in_parent`.
extension PodmanDriver {
    /// Less goes in tenths of a second over any network, and to write it down twice takes as long. With more nobody could look at any
    /// container, or stop this one well, for longer than a stop may take: ten seconds at 100 MiB/s.
    static let memoryAhead = Bytes.mebibytes(32)...Bytes.mebibytes(1024)

    /// Of which processes it went; `nil` where it is to go when they have stopped, all of it.
    func sendMemoryAhead(
        of instance: InstanceID, in pass: String,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) -> MemoryPass? {
        let name = names.container(instance)
        guard (try? ProcessMemory.marksChanges()) == true else { return nil }
        return try await passes.sendingMemory(of: instance) {
            () async throws(DriverFailure) -> MemoryPass? in
            guard let written = await writeMemoryDown(of: instance, in: pass),
                let images = checkpoints.images(.sentMemory(pass), of: name)
            else { return nil }
            try await send(images, as: CheckpointEntry.memory, into: sink)
            return written
        }
    }

    /// What comes to nothing is no reason not to move: it costs the time that it was to spare.
    ///
    /// Not in the instance's turn, for whoever is to end it waits no longer than he may (``MemoryDumps``). Once begun it goes on to its
    /// end, though its caller gives it up: CRIU has code of its own in the processes meanwhile.
    private func writeMemoryDown(of instance: InstanceID, in pass: String) async -> MemoryPass? {
        try? await dumps.inLine { () async throws(DriverFailure) -> MemoryPass? in
            try await dumps.holdingIfFree(instance) {
                () async throws(DriverFailure) -> MemoryPass? in
                guard let container = try await inspect(instance), container.status == .running,
                    let process = container.firstProcess(in: tree)
                else { return nil }
                return try await dumps.allowingEnd(of: instance, by: process) {
                    () async throws(DriverFailure) in
                    try await toTheEnd { () async throws(DriverFailure) in
                        try await writeMemoryDown(of: container, in: pass)
                    }
                } ?? nil
            } ?? nil
        }
    }

    private func writeMemoryDown(
        of container: PodmanContainer, in pass: String
    ) async throws(DriverFailure) -> MemoryPass? {
        let expected = expected(of: container)
        guard Self.memoryAhead.contains(expected) else { return nil }
        let name = names.container(container.instance)
        passes.forgetMemory(of: container.instance)
        // It runs: whatever was written down of it is of no use any more.
        try await checkpoints.clear(name)
        do throws(DriverFailure) {
            try await checkpoints.withRoom(for: expected, of: name, onDisk: true) {
                (room) async throws(DriverFailure) in
                try await checkpoints.placeMemory(pass, for: container.directory, in: room)
                try await askToWriteMemoryDown(container.instance)
                try checkpoints.leaveMemory(for: container.directory)
                try checkpoints.require(.sentMemory(pass), of: name)
            }
        } catch {
            // Whether or not it was heard, Podman goes on with it, and says nothing else before it is through.
            if error.code == .unavailable { _ = try? await inspect(container.instance) }
            try await checkpoints.erase(.sentMemory(pass), of: name)
            throw error
        }
        return MemoryPass(container)
    }

    /// However long that takes: until Podman has answered it has the container to itself.
    private func askToWriteMemoryDown(_ instance: InstanceID) async throws(DriverFailure) {
        try await api.exchange(
            .post, path(instance, "checkpoint"),
            query: Self.connections + [("preCheckpoint", "true")], headWithin: nil
        ) { (head, reader, _) async throws(DriverFailure) in
            try await Self.requireStream(
                head, reader, doing: "write down the memory of \(instance)")
            while try await Self.next(reader) != nil {}
        }
    }

    /// The pass of the container's memory that went and of which it is still known what has changed since; that is known once.
    func memoryToFollow(of container: PodmanContainer) -> String? {
        guard let (pass, memory) = passes.takeMemory(of: container.instance),
            memory.isOf(container), let directory = container.directory,
            // There is one where somebody else has written it down since.
            !HostFile.exists("\(directory)/\(CheckpointImages.memoryLink)"),
            checkpoints.has(.sentMemory(pass), of: names.container(container.instance))
        else { return nil }
        return pass
    }

    /// Sends images as an entry that has an end of its own.
    func send(
        _ images: CheckpointImages, as entry: (Bytes) -> CheckpointEntry,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let size: Bytes
        let files: [String]
        do throws(FileFailure) {
            size = try images.size
            files = try images.files
        } catch {
            throw DriverFailure(area: error)
        }
        try await sink(TransferFrame.entry(entry(size).name).bytes)
        for file in files {
            try await sink(CheckpointEntry.image(file).bytes)
            try await send(
                try CheckpointArea.Reader("\(images.directory)/\(file)"), into: sink)
        }
        try await sink(TransferFrame.endOfEntry.bytes)
    }

    // MARK: At the target

    /// For what changes meanwhile as well: in the end that needs as much at most.
    package func hasRoomForMemory(of order: StartOrder) -> Bool {
        let workload = order.workload
        let memory = min(
            workload.limit.memory ?? workload.size.memory, Self.memoryAhead.upperBound)
        return checkpoints.hasRoomOnDisk(for: memory + memory + Self.descriptions)
    }

    /// Keeps what comes ahead of its memory where there is room for it. Else it goes with the checkpoint, and what came before it is
    /// kept.
    func keepMemoryAhead(
        of size: Bytes, _ reader: inout TransferReader, for order: StartOrder,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) -> FirstPasses.Come.Memory {
        let name = names.container(order.instance)
        var frames = reader
        var hasRoom = false
        defer { reader = frames }
        do throws(DriverFailure) {
            try await checkpoints.withRoom(
                for: size + size + Self.descriptions, of: name, onDisk: true
            ) { (room) async throws(DriverFailure) in
                hasRoom = true
                try await keepImages(.aheadMemory, of: size, in: room, &frames, from: source)
            }
            return .kept
        } catch {
            guard error.code == .exhausted, !hasRoom else { throw error }
            try await Self.skipImages(&frames, from: source)
            return .refused
        }
    }

    /// Has images that were written after a first pass lead to that: to what has just come with them, or came ahead.
    func lead(
        _ images: CheckpointImages, toMemoryFor order: StartOrder
    ) async throws(DriverFailure) {
        let name = names.container(order.instance)
        let memory = CheckpointArea.Role.adoptedMemory(order.generation)
        if !checkpoints.has(memory, of: name), checkpoints.has(.aheadMemory, of: name) {
            _ = try checkpoints.rename(.aheadMemory, to: memory, of: name)
        }
        guard checkpoints.has(memory, of: name) else {
            throw TransferReader.broken("changes of a memory of which nothing came ahead")
        }
        do throws(FileFailure) {
            try await images.lead(to: checkpoints.file(memory, of: name))
        } catch {
            throw DriverFailure(area: error)
        }
    }
}
