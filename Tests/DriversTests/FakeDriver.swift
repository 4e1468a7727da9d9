import ClusterModel
import Ports

/// A driver without a host: what the conformance suite asks of every driver, in memory.
actor FakeDriver: LogCarryingDriver {
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
        of instance: InstanceID, from start: LogStart, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        guard let machine = world.machines()[instance] else {
            throw DriverFailure(.notFound, "there is no \(instance) on this host")
        }
        let lines = String(decoding: machine.earlier.flatMap(\.bytes), as: UTF8.self) + machine.log
        let text =
            switch start {
            case .oldest: lines
            case .arrival:
                String(decoding: machine.earlier.suffix(1).flatMap(\.bytes), as: UTF8.self)
                    + machine.log
            case .tail(let count):
                lines.split(separator: "\n").suffix(count).map { $0 + "\n" }.joined()
            }
        try await sink(LogChunk(.output, Array(text.utf8)))
    }

    func precede(
        _ instance: InstanceID, with lines: [LogChunk], marker: String
    ) async throws(DriverFailure) {
        let ended = lines.last.map { $0.bytes.last == UInt8(ascii: "\n") } ?? true
        let last = LogChunk(.output, Array(((ended ? "" : "\n") + marker + "\n").utf8))
        guard world.precede(instance, with: lines + [last]) else {
            throw DriverFailure(.notFound, "there is no \(instance) on this host")
        }
    }
}
