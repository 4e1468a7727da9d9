import ClusterModel
import Drivers
import FoundationEssentials
import HostIO
import Ports

/// Containers from BusyBox on the service that the environment names.
struct PodmanBench: ConformanceBench {
    let socket: String
    /// Apart from every other user of the service.
    var namespace = "huddletest"
    /// Beside the socket, where it goes when the service goes.
    var area = "checkpoints"
    var bound = Bytes.mebibytes(64)
    var diskReserve = Bytes.mebibytes(64)
    /// A directory of this bench's own on a disk; else what goes to disk is beside the socket as well.
    var disk: String?

    var checkpoints: CheckpointArea {
        let parent = socket.split(separator: "/").dropLast().joined(separator: "/")
        return CheckpointArea(
            directory: "/\(parent)/\(area)",
            overflow: disk.map { "\($0)/\(area)" } ?? "/\(parent)/\(area)-on-disk", bound: bound,
            diskReserve: diskReserve)
    }

    /// What instances of this bench wrote elsewhere.
    var histories: String { checkpoints.directory + "-\(namespace)-logs" }

    /// Files of checkpoints that wait there for an instance of this bench.
    var waiting: [String] {
        get throws {
            try
                (HostFile.names(in: checkpoints.directory)
                + HostFile.names(in: checkpoints.overflow))
                .filter { $0.hasPrefix("\(namespace)-") }
        }
    }

    func makeDriver() throws(DriverFailure) -> PodmanDriver {
        try PodmanDriver(
            socket: socket, histories: histories, namespace: namespace, checkpoints: checkpoints)
    }

    func greeting(of instance: InstanceID) -> String { "hello from \(instance)" }

    func order(
        _ instance: InstanceID, generation: UInt64, _ behaviour: Behaviour
    ) throws -> StartOrder {
        switch behaviour {
        case .idle:
            let script = "echo \(greeting(of: instance)); echo oops >&2; exec sleep 1000"
            return try order(instance, generation: generation, command: ["sh", "-c", script])
        case .cappedAndBusy:
            return try order(
                instance, generation: generation, command: ["sh", "-c", "while :; do :; done"],
                limit: Workload.Limit(cpu: CPU(millicores: 300)))
        case .withoutImage:
            return try order(
                instance, generation: generation, command: ["true"],
                image: .archive(
                    path: "/nowhere/image.tar", digest: String(repeating: "e", count: 64)))
        }
    }

    func order(
        _ instance: InstanceID, generation: UInt64, command: [String],
        environment: [Program.Variable] = [], volumes: [Storage.Volume] = [],
        limit: Workload.Limit = Workload.Limit(), image: LocalImage? = nil,
        ports: [Program.Port] = []
    ) throws -> StartOrder {
        let name = instance.rawValue.split(separator: "-").dropLast().joined(separator: "-")
        let workload = try Workload(
            kind: .container, name: WorkloadID(name), image: .named("busybox"),
            program: Program(command: command, environment: environment, ports: ports),
            storage: Storage(volumes: volumes),
            size: Resources(cpu: CPU(millicores: 200), memory: .mebibytes(64)), limit: limit)
        return StartOrder(
            instance: instance, generation: Generation(generation), workload: workload,
            image: image ?? busybox, network: .published(ports))
    }

    var busybox: LocalImage {
        .archive(
            path: "\(TestMachine.guest ?? "")/busybox.tar",
            digest: "b0b0" + String(repeating: "0", count: 60))
    }

    /// What Podman calls the volumes that are this instance's own, in ascending order.
    func volumes(of instance: InstanceID) async throws -> [String] {
        struct Listed: Decodable {
            let Name: String
        }
        let client = UnixHTTPClient(socket: socket)
        var response = try await client.send(HTTPRequest(.get, "/v4.0.0/libpod/volumes/json"))
        // One that another test removes meanwhile fails the whole listing.
        while !response.head.isSuccess {
            response = try await client.send(HTTPRequest(.get, "/v4.0.0/libpod/volumes/json"))
        }
        return try JSONDecoder().decode([Listed].self, from: Data(response.body)).map(\.Name)
            .filter { $0.hasPrefix("\(namespace)-\(instance).") }
            .sorted()
    }

    func leftovers(of instance: InstanceID) async throws -> [String] {
        let response = try await UnixHTTPClient(socket: socket)
            .send(HTTPRequest(.get, "/v4.0.0/libpod/containers/\(namespace)-\(instance)/exists"))
        let files = try waiting.filter { $0.hasPrefix("\(namespace)-\(instance).") }
        let log = "\(histories)/\(namespace)-\(instance).log"
        return (response.head.status == 404 ? [] : ["container \(instance)"]) + files
            + (HostFile.exists(log) ? ["earlier log"] : [])
    }
}
