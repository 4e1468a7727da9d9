package import ClusterModel
import HostIO
package import Ports
import Synchronization

/// CRIU writes an instance down, into a directory of the ``CheckpointArea``; Podman describes the container in an
/// archive. Both wait there until they are fetched. The files that the instance changed go beside them (``ContainerLayer``).
///
/// To go on here Podman needs the images and what it has in its own store; the archive is for the other host alone.
extension PodmanDriver: CheckpointingDriver {
    package func checkpoint(_ instance: InstanceID) async throws(DriverFailure) {
        // A first pass that was given up goes on to its end. Not in the turn of the instance, which is to be stopped meanwhile.
        await dumps.awaitOver(instance)
        try await turns.holding(instance) { () async throws(DriverFailure) in
            let isDone: Void? = try await dumps.holdingIfFree(instance) {
                () async throws(DriverFailure) in
                try await writeDown(instance)
            }
            guard isDone != nil else {
                throw DriverFailure(
                    .unavailable,
                    "\(instance) is being ended, or its memory written down for another move")
            }
        }
    }

    private func writeDown(_ instance: InstanceID) async throws(DriverFailure) {
        guard var container = try await inspect(instance) else { throw Self.unknown(instance) }
        let name = names.container(instance)
        if container.isCheckpointed {
            if checkpoints.kept(of: name) != nil {
                return try await checkpoints.mendParent(of: name)
            }
            // Its archive was lost on the way: once more, from where it stopped.
            container = try await resume(container)
        }
        guard container.status == .running else {
            throw DriverFailure(.refused, "\(instance) does not run: it has no state to keep")
        }
        try await volumes(of: instance).requireOwn(of: path(instance, "json"))
        try await sweepCheckpoints()
        let found = container
        // Before it stands still, too.
        let look = await found.layer?.look(underProcess: found.process)
        if case .unpackable(let link) = look {
            throw DriverFailure(
                .refused,
                "\(instance) could not go on elsewhere: Podman does not unpack \(link)",
                cause: "it is a link that leads out of the container's root by its ..")
        }
        let isBare = look == .readable
        try await toTheEnd { () async throws(DriverFailure) in
            try await writeDown(found, isBare: isBare, after: memoryToFollow(of: found))
        }
    }

    private func writeDown(
        _ container: PodmanContainer, isBare: Bool, after pass: String?
    ) async throws(DriverFailure) {
        let (instance, name) = (container.instance, names.container(container.instance))
        var hasRoom = false
        do throws(DriverFailure) {
            try await checkpoints.withRoom(for: expected(of: container), of: name) {
                (room) async throws(DriverFailure) in
                hasRoom = true
                do throws(DriverFailure) {
                    try await writeDown(container, in: room, isBare: isBare, after: pass)
                } catch {
                    throw await afterFailedCheckpoint(of: instance, error)
                }
            }
        } catch {
            guard pass != nil, !hasRoom, error.code == .exhausted else { throw error }
            // There may be as soon as what went is gone.
            try await checkpoints.clear(name)
            try await writeDown(container, isBare: isBare, after: nil)
        }
    }

    /// CRIU freezes what it writes down and looks a tenth of a second later whether it is; what stands still already it
    /// goes on with at once. It lets go of it in any case.
    ///
    /// - Source: measured with CRIU 4.2, by its own statistics: 0.1 s of freezing against 0.4 ms, of 0.2 s in all.
    ///
    /// - Parameter pass: after which what has changed of its memory is enough.
    private func writeDown(
        _ container: PodmanContainer, in room: CheckpointArea.Room, isBare: Bool,
        after pass: String?
    ) async throws(DriverFailure) {
        try await checkpoints.placeImages(for: container.directory, in: room, after: pass)
        // Before it stands still.
        try await CRIULog.clear(.checkpoint, in: container.directory)
        var freezer = container.freezer
        if await freezer?.freeze(within: DriverLimits.freezing) != true { freezer = nil }
        do throws(DriverFailure) {
            try await askToWriteDown(container, in: room, isBare: isBare, isLater: pass != nil)
        } catch {
            freezer?.thaw()
            // What ended is for the caller to bring back; what runs may be of those that do not bear the one or the other.
            guard freezer != nil || pass != nil,
                let still = try? await inspect(container.instance), still.status == .running
            else { throw error }
            try await checkpoints.placeImages(for: still.directory, in: room)
            try await CRIULog.clear(.checkpoint, in: still.directory)
            try await askToWriteDown(still, in: room, isBare: isBare, isLater: false)
        }
    }

    /// Goes on from the checkpoint that Podman keeps.
    func resume(_ container: PodmanContainer) async throws(DriverFailure) -> PodmanContainer {
        try await toTheEnd { () async throws(DriverFailure) in try await revive(container) }
    }

    private func revive(
        _ stopped: PodmanContainer
    ) async throws(DriverFailure) -> PodmanContainer {
        let instance = stopped.instance
        let name = names.container(instance)
        // It is to go on also where that cannot be removed.
        try? await CRIULog.clear(.restore, in: stopped.directory)
        do throws(DriverFailure) { try await checkpoints.mendParent(of: name) } catch {
            if error.code != .exhausted { try checkpoints.note(.useless, of: name) }
            throw error
        }
        let response = try await api.send(
            .post, path(instance, "restore"), query: Self.connections,
            within: DriverLimits.checkpoint)
        guard response.head.isSuccess else {
            // The next start is one from the image, as after a crash: a state that cannot be
            // brought back must not keep the instance from running.
            try checkpoints.note(.useless, of: name)
            throw await explained(
                DriverFailure(podman: response, doing: "continue \(instance)"), of: .restore,
                instance)
        }
        try await checkpoints.clear(name)
        guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
        return container
    }

    /// Whether a start of this container goes on from its checkpoint.
    func canResume(_ container: PodmanContainer) -> Bool {
        container.isCheckpointed
            && !checkpoints.has(.useless, of: names.container(container.instance))
    }

    /// Makes the container from the archive that `adopt` kept, and lets it go on.
    ///
    /// The archive stays until that has worked: a repeated start must not begin anew.
    func restore(_ order: StartOrder) async throws(DriverFailure) -> DriverInstance {
        // No image is brought for what cannot go on.
        _ = try links(of: order)
        // Podman finds the image by the name that stands in the archive, and would try a registry.
        _ = try await provide(order.image)
        // Only now: bringing the image may have taken its time.
        let links = try links(of: order)
        return try await toTheEnd { () async throws(DriverFailure) in
            try await unpack(order, behind: links)
        }
    }

    private func unpack(
        _ order: StartOrder, behind links: [UInt8]
    ) async throws(DriverFailure) -> DriverInstance {
        let name = names.container(order.instance)
        do throws(DriverFailure) {
            let adopted = checkpoints.adopted(order.generation, of: name)
            try await send(
                try checkpoints.open(adopted ?? .adopted(order.generation), of: name),
                links, doing: "restore \(order.instance)")
            guard let container = try await inspect(order.instance),
                container.generation == order.generation, container.status == .running
            else {
                throw DriverFailure(
                    .refused, "\(order.instance) does not run after it was restored")
            }
            // It waits for its network, and not for large files to be gone.
            try await checkpoints.clear(name, waits: false)
            return container.described(in: tree)
        } catch {
            let failure = await explained(error, of: .restore, order.instance)
            try? await delete(order.instance)
            throw failure
        }
    }

    // MARK: Steps of a checkpoint

    /// Connections go along, and so do locks on files: volumes and changed files do too.
    static let connections = [("tcpEstablished", "true"), ("fileLocks", "true")]

    /// - Parameters:
    ///   - isBare: whether what it changed of its image's files is left out, and goes by our own hands.
    ///   - isLater: whether what has not changed of its memory since a first pass is.
    private func askToWriteDown(
        _ container: PodmanContainer, in room: CheckpointArea.Room, isBare: Bool, isLater: Bool
    ) async throws(DriverFailure) {
        var query = Self.connections + [("export", "true"), ("keep", "true")]
        let instance = container.instance
        let name = names.container(instance)
        // - Source: Podman 5.4, pkg/checkpoint/crutils, `CRCreateRootFsDiffTar`: what was changed of the image's own files is
        //   left out, unless this host happens to have a file of that path.
        if isBare { query.append(("ignoreRootFS", "true")) }
        if isLater { query.append(("withPrevious", "true")) }
        try await api.exchange(
            .post, path(instance, "checkpoint"), query: query, headWithin: DriverLimits.checkpoint
        ) { (head, reader, _) async throws(DriverFailure) in
            try await Self.requireStream(head, reader, doing: "write down \(instance)")
            try checkpoints.require(.keptImages, of: name)
            try await checkpoints.mendParent(of: name)
            try await checkpoints.write(isBare ? .keptBare : .kept, in: room) {
                (writer) async throws(DriverFailure) in
                var archive = TarRewriter {
                    isBare && Self.isOfLayer($0) ? .drop : Self.verdictOnDeparture($0)
                }
                while let bytes = try await Self.next(reader) {
                    try await writer.append(try archive.append(bytes))
                }
                guard archive.isComplete else { throw TarRewriter.broken("it has no end") }
            }
        }
    }

    /// A checkpoint has the memory of the processes, what the instance changed of its image's files, and descriptions
    /// of both.
    func expected(of container: PodmanContainer) -> Bytes {
        let group = container.described(in: tree).controlGroup
        let memory = group.flatMap { ControlGroup($0, in: tree).processMemory } ?? .zero
        return memory + Self.descriptions
    }

    /// Seen with small programs: 0.25 MB.
    static let descriptions = Bytes.mebibytes(1)

    /// CRIU lets go of what it could not write down; what Podman could not pack has ended already
    /// and goes on from what CRIU wrote.
    private func afterFailedCheckpoint(
        of instance: InstanceID, _ failure: DriverFailure
    ) async -> DriverFailure {
        do throws(DriverFailure) {
            guard let container = try await inspect(instance) else { return failure }
            let reason = await explained(failure, of: .checkpoint, instance)
            if container.status == .exited {
                _ = try await revive(container)
            } else {
                try await checkpoints.clear(names.container(instance))
            }
            return reason
        } catch {
            return DriverFailure(
                failure.code, failure.message,
                cause: "\(failure.cause ?? "no reason given"); and then: \(error.message)"
                    + (error.cause.map { ": \($0)" } ?? ""))
        }
    }

    /// Carries `work` through, in a task of its own that is awaited here, also when the caller is
    /// cancelled.
    ///
    /// Podman goes on with what it was asked, whoever still listens: given up half-way, an instance
    /// could end, or come to life, behind everybody's back.
    func toTheEnd<Outcome: Sendable>(
        _ work: @escaping @Sendable () async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        let result = await Task { () async -> Result<Outcome, DriverFailure> in
            do throws(DriverFailure) { return .success(try await work()) } catch {
                return .failure(error)
            }
        }.value
        return try result.get()
    }

    // MARK: Steps of a restore

    /// What is put in front of an archive so that Podman finds the images and the layer; nothing where they are within.
    private func links(of order: StartOrder) throws(DriverFailure) -> [UInt8] {
        let name = names.container(order.instance)
        var links: [UInt8] = []
        if let images = checkpoints.images(.adoptedImages(order.generation), of: name) {
            links += TarRewriter.link(CheckpointImages.link, to: images.directory)
        }
        if checkpoints.has(.adoptedBare(order.generation), of: name) {
            let deletions = try requireLayer(of: order)
            links += TarRewriter.link(
                Self.layerFile, to: checkpoints.file(.adoptedLayer(order.generation), of: name))
            links += TarRewriter.file(Self.deletionsFile, holding: try deletions.list())
        }
        return links
    }

    private func send(
        _ archive: CheckpointArea.Reader, _ beginning: [UInt8], doing: String
    ) async throws(DriverFailure) {
        let rest = Mutex(beginning)
        let response = try await api.send(
            .post, "/containers/import/restore",
            query: Self.connections + [("import", "true"), ("ignoreVolumes", "true")],
            body: .stream(type: "application/x-tar") { () async throws(SocketFailure) in
                let first = rest.withLock { rest in
                    defer { rest = [] }
                    return rest
                }
                guard first.isEmpty else { return first }
                do throws(DriverFailure) { return try await archive.next() } catch {
                    throw .source(error.cause ?? error.message)
                }
            }, within: DriverLimits.checkpoint)
        try response.require(doing)
    }

    /// Removes checkpoints that nobody came for, of instances that are not here, and memory that nothing came after.
    func sweepCheckpoints() async throws(DriverFailure) {
        let none = names.container(InstanceID(""))
        for name in try checkpoints.overdueMemory(prefix: none) {
            // Whoever is at work on it may be about to take that up.
            let instance = InstanceID(String(name.dropFirst(none.count)))
            _ = try await dumps.holdingIfFree(instance) { () async throws(DriverFailure) in
                guard !passes.needsMemory(of: instance),
                    !checkpoints.has(.keptImages, of: name)
                else { return }
                passes.forgetMemory(of: instance)
                try await checkpoints.eraseMemory(of: name)
            }
        }
        let abandoned = try checkpoints.abandoned(prefix: none)
        guard !abandoned.isEmpty else { return }
        // Nor of those that are coming: their volumes may take hours after their layer.
        let here = Set((try await instances().map(\.id) + passes.arriving).map(names.container))
        for name in abandoned.subtracting(here) { try await checkpoints.clear(name) }
    }

    private func explained(
        _ failure: DriverFailure, of work: CRIULog.Work, _ instance: InstanceID
    ) async -> DriverFailure {
        await CRIULog.explained(failure, of: work, path(instance), api)
    }
}
