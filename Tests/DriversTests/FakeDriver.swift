import ClusterModel
import Ports

/// A driver without a host: what the conformance suite asks of every driver, in memory.
actor FakeDriver: WorkloadDriver {
    nonisolated var kind: Workload.Kind { .container }

    private let world: FakeWorld

    /// Joins `world`, as a restarted agent joins the host that went on without it.
    init(_ world: FakeWorld) { self.world = world }

    func probe() async -> [Capability] {
        [Capability(.podman, available: true, detail: "pretended")]
    }

    func instances() async throws(DriverFailure) -> [DriverInstance] {
        world.machines().map(\.value).map(\.described).sorted { $0.id < $1.id }
    }

    func start(_ order: StartOrder) async throws(DriverFailure) -> DriverInstance {
        if case .archive(let path, _) = order.image, path.hasPrefix("/nowhere") {
            throw DriverFailure(.image, "the image's archive cannot be read", cause: path)
        }
        return try world.start(order)
    }

    func stop(_ instance: InstanceID, grace: Duration) async throws(DriverFailure) {
        world.end(instance, code: 143)
    }

    func remove(_ instance: InstanceID) async throws(DriverFailure) { world.remove(instance) }

    func logs(
        of instance: InstanceID, tail: Int?, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        guard let machine = world.machines()[instance] else {
            throw DriverFailure(.notFound, "there is no \(instance) on this host")
        }
        try await sink(LogChunk(.output, Array(machine.log.utf8)))
    }
}
