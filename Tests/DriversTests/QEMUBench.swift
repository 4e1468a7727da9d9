import ClusterModel
import Drivers
import Glibc
import HostIO
import Ports

/// Small Linux guests in a directory of their own.
struct QEMUBench: ConformanceBench {
    let data: String
    let group: String
    private let firstUser: UInt32
    /// The trial of the acceleration takes seconds, so all tests share one driver but where they
    /// need a second.
    let shared: QEMUDriver

    init(
        data: String, group: String = "huddle-test-vms", firstUser: UInt32 = 410_000
    ) throws {
        self.data = data
        self.group = group
        self.firstUser = firstUser
        shared = try QEMUDriver(
            QEMUDriver.Settings(data: data, group: group, firstUser: firstUser))
    }

    func makeDriver() throws(DriverFailure) -> QEMUDriver { shared }

    func makeHeir() throws(DriverFailure) -> QEMUDriver {
        try QEMUDriver(QEMUDriver.Settings(data: data, group: group, firstUser: firstUser))
    }

    func greeting(of instance: InstanceID) -> String { "huddle guest ready: \(instance)" }

    func order(
        _ instance: InstanceID, generation: UInt64, _ behaviour: Behaviour
    ) throws -> StartOrder {
        switch behaviour {
        case .idle: try order(instance, generation: generation)
        case .cappedAndBusy:
            // A booting guest is busy enough, and need not come up under such a cap.
            try order(
                instance, generation: generation, limit: Workload.Limit(cpu: CPU(millicores: 300)))
        case .withoutImage:
            try order(
                instance, generation: generation,
                image: .kernel(kernel: "/nowhere/vmlinuz", initrd: "/nowhere/initrd", append: ""))
        }
    }

    func order(
        _ instance: InstanceID, generation: UInt64, image: LocalImage? = nil,
        limit: Workload.Limit = Workload.Limit(), storage: Storage = .none,
        ports: [Program.Port] = [], network: NetworkAttachment? = nil,
        memory: Bytes = .mebibytes(128), words: String = "", move: MovePreference = .standard
    ) throws -> StartOrder {
        let guest = TestMachine.guest ?? ""
        let address = network == nil ? "huddle.ip=10.0.2.15/24 huddle.gw=10.0.2.2" : ""
        let append = "console=ttyS0 quiet huddle.name=\(instance) \(address) \(words)"
        let name = instance.rawValue.split(separator: "-").dropLast().joined(separator: "-")
        let workload = try Workload(
            kind: .vm, name: WorkloadID(name), image: .named("guest"),
            program: Program(ports: ports),
            storage: storage, size: Resources(cpu: CPU(millicores: 250), memory: memory),
            limit: limit, move: move)
        let kernel = LocalImage.kernel(
            kernel: guest + "/vmlinuz", initrd: guest + "/initrd.img", append: append)
        return StartOrder(
            instance: instance, generation: Generation(generation), workload: workload,
            image: image ?? kernel,
            network: network ?? .published(ports))
    }

    /// The parent of all groups of this bench, unless another run still uses it.
    func removeParentGroup() {
        guard let tree = try? ControlGroupTree.mounted() else { return }
        for hierarchy in tree.hierarchies { rmdir("\(hierarchy.mount)/\(group)") }
    }

    /// Only QEMU itself: the shell that waits for it is there to tell of its end.
    func kill(_ instance: DriverInstance) throws {
        for member in try self.group(of: instance).members() {
            let name = try HostFile.text("/proc/\(member)/comm")
            if name.hasPrefix("qemu") { ProcessHandle(member)?.signal(.kill) }
        }
    }

    func leftovers(of instance: InstanceID) async throws -> [String] {
        var found: [String] = []
        if HostFile.exists("\(data)/vms/\(instance)") { found.append("directory") }
        if ControlGroup("\(group)/\(instance)", in: try .mounted()).exists {
            found.append("control group")
        }
        for name in try HostFile.names(in: "/proc") where Int32(name) != nil {
            let line = (try? HostFile.text("/proc/\(name)/cmdline")) ?? ""
            if line.contains("\(data)/vms/\(instance)/") { found.append("process \(name)") }
        }
        return found
    }
}
