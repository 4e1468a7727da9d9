import ClusterModel
import HostIO
import Ports

/// What Podman is told of a container to create.
struct PodmanSpecification: Encodable, Hashable, Sendable {
    let name: String
    let hostname: String
    let image: String
    let command: [String]?
    let environment: [String: String]
    let labels: [String: String]
    let ports: [PortMapping]
    let volumes: [NamedVolume]
    let mounts: [BindMount]
    let resources: ResourceLimits
    let limits: [ProcessLimit]
    let log: LogConfiguration
    let restartPolicy = "no"
    /// Where the container's network is, when others made it; `nil` is Podman's own.
    let network: NetworkNamespace?

    struct NetworkNamespace: Encodable, Hashable, Sendable {
        let nsmode: String
        let value: String
    }

    struct PortMapping: Encodable, Hashable, Sendable {
        let container_port: UInt16
        let host_port: UInt16
        let `protocol`: String
    }

    struct NamedVolume: Encodable, Hashable, Sendable {
        let Name: String
        let Dest: String
    }

    /// A directory of this host, seen by the container with what is mounted below it.
    ///
    /// Private: what is mounted in it later stays on the side where that was done.
    struct BindMount: Encodable, Hashable, Sendable {
        let type = "bind"
        let source: String
        let destination: String
        let options = ["rbind", "rprivate"]
    }

    struct ResourceLimits: Encodable, Hashable, Sendable {
        let cpu: Processor
        let memory: Memory

        struct Processor: Encodable, Hashable, Sendable {
            let shares: UInt64
            let quota: UInt64?
            let period: UInt64?
        }

        struct Memory: Encodable, Hashable, Sendable { let limit: UInt64 }
    }

    struct ProcessLimit: Encodable, Hashable, Sendable {
        let type: String
        let soft: UInt64
        let hard: UInt64
    }

    struct LogConfiguration: Encodable, Hashable, Sendable {
        let driver: String
        let size: UInt64
    }

    enum CodingKeys: String, CodingKey {
        case name, hostname, image, command, labels, volumes, mounts
        case environment = "env"
        case ports = "portmappings"
        case resources = "resource_limits"
        case limits = "r_limits"
        case log = "log_configuration"
        case restartPolicy = "restart_policy"
        case network = "netns"
    }

    /// A cap of at least what the whole host may use is left out: the kernel refuses a child that
    /// has more than its parent, and it would cap nothing.
    init(_ order: StartOrder, image: String, names: PodmanNames, hostCap: CPU?) {
        let workload = order.workload
        name = names.container(order.instance)
        hostname = order.instance.rawValue
        self.image = image
        command = workload.program.command.isEmpty ? nil : workload.program.command
        environment = Dictionary(
            workload.program.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        labels = names.labels(of: order.instance, generation: order.generation)
        switch order.network {
        case .published(let published):
            ports = published.map {
                PortMapping(
                    container_port: $0.instance, host_port: $0.host, protocol: $0.transport.rawValue
                )
            }
            network = nil
        case .namespace(let path, _):
            ports = []
            network = NetworkNamespace(nsmode: "path", value: path)
        // A container has no use for a tap; the driver refuses it before it comes to this.
        case .tap:
            ports = []
            network = nil
        }
        volumes = workload.storage.localVolumes.map {
            NamedVolume(Name: names.volume($0.name, of: order.instance), Dest: $0.path)
        }
        mounts = workload.storage.volumes.compactMap { volume in
            volume.shared.map { BindMount(source: $0, destination: volume.path) }
        }
        let cap = workload.limit.cpu.flatMap { cap in hostCap.map { cap < $0 } ?? true ? cap : nil }
        resources = ResourceLimits(
            cpu: .init(
                shares: workload.size.cpu.shares, quota: cap?.quota,
                period: cap.map { _ in CPU.quotaPeriod }),
            memory: .init(limit: (workload.limit.memory ?? workload.size.memory).count))
        limits = Self.processLimits()
        log = LogConfiguration(driver: "k8s-file", size: DriverLimits.log.count)
    }

    /// Podman's own defaults may lie above what this host may grant; its hard limits never do.
    ///
    /// The bounds are those that Podman chooses on a host without limits: a service with the same
    /// hard limits as this process has at least these. More processes than the kernel has numbers
    /// for helps nobody.
    private static func processLimits() -> [ProcessLimit] {
        let numbers = (try? HostFile.text("/proc/sys/kernel/pid_max")).flatMap {
            UInt64($0.prefix { $0.isNumber })
        }
        let files = min(ResourceLimit.openFiles.hard, 1_048_576)
        let processes = min(ResourceLimit.processes.hard, 1_048_576, numbers ?? 32_768)
        return [
            ProcessLimit(type: "nofile", soft: files, hard: files),
            ProcessLimit(type: "nproc", soft: processes, hard: processes),
        ]
    }
}
