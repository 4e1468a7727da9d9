package import ClusterModel
import HostIO
package import Ports

/// Runs containers through the REST API of a Podman service on this host.
///
/// Nothing is remembered here: Podman's own store is the truth, found again by labels.
package struct PodmanDriver: WorkloadDriver {
    let api: PodmanAPI
    let names: PodmanNames
    let tree: ControlGroupTree
    let turns = Turns<InstanceID>()
    let dumps = MemoryDumps()
    /// By the name of an image, so that crossing starts load it once.
    let imageTurns = Turns<String>()
    let checkpoints: CheckpointArea
    /// Directory of what instances wrote on other hosts.
    let histories: String
    let passes = FirstPasses()
    private let trial = CheckpointTrial.Result()

    package var kind: Workload.Kind { .container }

    /// Talks to the service at `socket`; `namespace` keeps several agents on one service apart. `histories` is a
    /// directory of this driver's own, made when it is needed.
    package init(
        socket: String, histories: String, namespace: String = "huddle",
        checkpoints: CheckpointArea = CheckpointArea()
    ) throws(DriverFailure) {
        self.checkpoints = checkpoints
        self.histories = histories
        api = PodmanAPI(socket: socket)
        names = PodmanNames(namespace: namespace)
        do throws(FileFailure) {
            tree = try ControlGroupTree.mounted()
        } catch {
            throw DriverFailure(
                .unsupported, "the cgroups of this host cannot be read", cause: "\(error)")
        }
    }

    package func probe() async -> [Capability] {
        // What a move left that came to nothing is not to wait for the next one.
        try? await sweepCheckpoints()
        do throws(DriverFailure) {
            let version = try await api.version()
            let checkpoint = await trial.verdict(
                of: CheckpointTrial(
                    api: api, names: names, area: checkpoints, podmanVersion: version))
            return [
                Capability(.podman, available: true, detail: "Podman \(version)"), checkpoint,
                Self.memoryTracking,
            ]
        } catch {
            let reason = error.cause.map { "\(error.message): \($0)" } ?? error.message
            return [
                Capability(.podman, available: false, detail: reason),
                Capability(.checkpoint, available: false, detail: reason), Self.memoryTracking,
            ]
        }
    }

    /// Without it a container is away for as long as all of its memory takes.
    private static var memoryTracking: Capability {
        let obstacle: String?
        do throws(FileFailure) {
            obstacle =
                try ProcessMemory.marksChanges()
                ? nil
                : "the kernel keeps no marks of what changes in memory (built without CONFIG_MEM_SOFT_DIRTY)"
        } catch {
            obstacle = "\(error)"
        }
        return Capability(
            .memoryTracking, available: obstacle == nil,
            detail: obstacle
                ?? "soft-dirty marks: most of a container's memory goes ahead of a live move")
    }

    package func instances() async throws(DriverFailure) -> [DriverInstance] {
        let filter = try JSON.encode([
            "label": ["\(PodmanContainer.LabelName.owner)=\(names.namespace)"]
        ])
        let response = try await api.send(
            .get, "/containers/json",
            query: [("all", "true"), ("filters", String(decoding: filter, as: UTF8.self))])
        try response.require("list containers")
        let entries = try JSON.decode([PodmanListEntry].self, from: response.body, of: "Podman")
        return entries.compactMap(container).filter { $0.status != .removing }
            .map { $0.described(in: tree) }.sorted { $0.id < $1.id }
    }

    package func start(_ order: StartOrder) async throws(DriverFailure) -> DriverInstance {
        try await turns.holding(order.instance) {
            () async throws(DriverFailure) -> DriverInstance in
            guard let existing = try await inspect(order.instance) else {
                try await requireShared(by: order.workload)
                return try await begin(order)
            }
            guard existing.generation <= order.generation else {
                throw DriverFailure(
                    .refused, "\(order.instance) has generation \(existing.generation.number) here",
                    cause: "the order is of generation \(order.generation.number)")
            }
            let runsAlready =
                existing.generation == order.generation && existing.status == .running
            if !runsAlready { try await requireShared(by: order.workload) }
            if existing.generation == order.generation {
                switch existing.status {
                case .running:
                    try await recover(existing)
                    return existing.described(in: tree)
                case .exited where canResume(existing):
                    return try await resume(existing).described(in: tree)
                case .created, .exited:
                    // What a broken restore left is no container that could be started.
                    if !hasAdopted(order) {
                        let started = try await run(order.instance)
                        // Nothing goes on from what was written down of it before.
                        try? await checkpoints.clear(names.container(order.instance))
                        return started
                    }
                case .removing: break
                }
            }
            try await delete(order.instance)
            return try await begin(order)
        }
    }

    /// Has an instance that runs be as one that was never written down.
    private func recover(_ container: PodmanContainer) async throws(DriverFailure) {
        // Else CRIU is at work on it, and lets go of it by itself.
        _ = try await dumps.holdingIfFree(container.instance) {
            () async throws(DriverFailure) in
            // An agent that ended while it began a checkpoint has left it standing still.
            if let freezer = container.freezer, freezer.isFreezing { freezer.thaw() }
            guard !passes.isSendingMemory(of: container.instance) else { return }
            try await checkpoints.clear(names.container(container.instance))
        }
    }

    package func stop(_ instance: InstanceID, grace: Duration) async throws(DriverFailure) {
        try await dumps.ending(instance, within: grace) { (left) async throws(DriverFailure) in
            try await turns.holding(instance) { () async throws(DriverFailure) in
                guard try await inspect(instance) != nil else { return }
                let seconds = max(0, (left.milliseconds + 999) / 1000)
                let response = try await api.send(
                    .post, path(instance, "stop"), query: [("timeout", "\(seconds)")],
                    within: .seconds(seconds) + DriverLimits.call)
                try response.require("stop \(instance)", also: [304, 404])
            }
        }
    }

    package func remove(_ instance: InstanceID) async throws(DriverFailure) {
        try await dumps.ending(instance, within: .zero) { (_) async throws(DriverFailure) in
            try await turns.holding(instance) { () async throws(DriverFailure) in
                if try await inspect(instance) != nil { try await delete(instance) }
                try await history(of: instance).remove()
                try await forgetArrivals(of: instance)
                try await checkpoints.clear(names.container(instance))
            }
        }
    }

    /// Waits until the instance does not run and returns its exit code, or one of `ExitCode`.
    package func exit(of instance: InstanceID) async throws(DriverFailure) -> Int {
        while true {
            guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
            guard container.status == .running else {
                return container.status == .created ? ExitCode.neverStarted : container.exitCode
            }
            let conditions = [("condition", "stopped"), ("condition", "exited")]
            // Podman answers when it ends, however long that takes.
            try await api.exchange(
                .post, path(instance, "wait"), query: conditions, headWithin: nil
            ) {
                (head, reader, _) async throws(DriverFailure) in
                try await Self.requireStream(head, reader, doing: "wait for \(instance)")
            }
        }
    }

    // MARK: Steps of a start

    /// Goes on from a checkpoint that came from another host for this start, or starts the image.
    private func begin(_ order: StartOrder) async throws(DriverFailure) -> DriverInstance {
        let instance = hasAdopted(order) ? try await restore(order) : try await launch(order)
        passes.stopExpecting(order.instance)
        return instance
    }

    func hasAdopted(_ order: StartOrder) -> Bool {
        checkpoints.adopted(order.generation, of: names.container(order.instance)) != nil
    }

    /// Creates and starts; what was created is removed again when it does not start.
    private func launch(_ order: StartOrder) async throws(DriverFailure) -> DriverInstance {
        // What a move that came to nothing may have left, such as by a power cut.
        await checkpoints.clear(names.container(order.instance), upTo: order.generation)
        try await create(order)
        do throws(DriverFailure) {
            return try await run(order.instance)
        } catch {
            // The reason for the failure is worth more than that of a failed cleaning up: the next
            // start repeats it.
            try? await delete(order.instance)
            throw error
        }
    }

    func create(_ order: StartOrder) async throws(DriverFailure) {
        // Most often the image is here, and one question less is asked. It may also have been pruned by somebody else
        // a moment after it was looked for.
        let image = try name(of: order.image)
        var response = try await create(order, from: image)
        if !response.head.isSuccess, try await !has(image) {
            response = try await create(order, from: try await provide(order.image))
        }
        guard response.head.isSuccess else {
            throw DriverFailure(
                podman: response, doing: "create \(order.instance)",
                code: response.head.status == 404 ? .image : .refused)
        }
    }

    private func create(
        _ order: StartOrder, from image: String
    ) async throws(DriverFailure) -> HTTPResponse {
        let specification = PodmanSpecification(
            order, image: image, names: names, hostCap: tree.processorCap)
        return try await api.send(
            .post, "/containers/create",
            body: .bytes(try JSON.encode(specification), type: "application/json"))
    }

    private func run(_ instance: InstanceID) async throws(DriverFailure) -> DriverInstance {
        let response = try await api.send(.post, path(instance, "start"))
        try response.require("start \(instance)", also: [304])
        guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
        return container.described(in: tree)
    }

    /// Removes the container; what a version before called otherwise of its volumes becomes the instance's own.
    func delete(_ instance: InstanceID) async throws(DriverFailure) {
        let volumes = volumes(of: instance)
        let old = try await volumes.mounted(by: path(instance, "json")).filter { !$0.isOwn }
        if !old.isEmpty {
            let stopped = try await api.send(
                .post, path(instance, "stop"), query: [("timeout", "0")])
            try stopped.require("stop \(instance)", also: [304])
            try await volumes.inherit(old)
        }
        let response = try await api.send(
            .delete, path(instance),
            query: [("force", "true"), ("v", "true"), ("timeout", "0")])
        try response.require("remove \(instance)", also: [404])
        await volumes.removeInherited(old)
        // Of the log that went with it.
        try await history(of: instance).remove()
    }

    // MARK: Looking

    func path(_ instance: InstanceID, _ action: String? = nil) -> String {
        "/containers/" + PodmanAPI.encoded(names.container(instance))
            + (action.map { "/" + $0 } ?? "")
    }

    /// The container of this instance; `nil` when there is none, a failure when it is somebody
    /// else's.
    func inspect(_ instance: InstanceID) async throws(DriverFailure) -> PodmanContainer? {
        let response = try await api.send(.get, path(instance, "json"))
        if response.head.status == 404 { return nil }
        try response.require("inspect \(instance)")
        let found = try JSON.decode(PodmanInspection.self, from: response.body, of: "Podman")
        let container = PodmanContainer(
            id: found.id, labels: found.config.labels, status: found.state.status,
            process: found.state.process, exitCode: found.state.exitCode,
            isCheckpointed: found.state.checkpointed ?? false, directory: found.directory,
            layer: found.layer, owner: names.namespace)
        guard let container else {
            throw DriverFailure(
                .refused, "a container named \(names.container(instance)) is not Huddle's",
                cause: "it lacks the label \(PodmanContainer.LabelName.owner)=\(names.namespace)")
        }
        return container
    }

    static func unknown(_ instance: InstanceID) -> DriverFailure {
        DriverFailure(.notFound, "there is no \(instance) on this host")
    }

    private func container(_ entry: PodmanListEntry) -> PodmanContainer? {
        PodmanContainer(
            id: entry.id, labels: entry.labels, status: entry.state, process: entry.process,
            exitCode: entry.exitCode, owner: names.namespace)
    }
}
