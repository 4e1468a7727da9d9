import ClusterModel
import HostIO
import Ports

/// What Podman says of one container, as a list and an inspection both have it.
struct PodmanContainer: Hashable, Sendable {
    let id: String
    let instance: InstanceID
    let generation: Generation
    let status: Status
    let process: Int32
    let exitCode: Int
    /// Whether it stopped because it was written down, and can go on from that.
    let isCheckpointed: Bool
    /// Podman's own directory of it; a list does not say.
    let directory: String?
    /// What it has changed of its image's files; `nil` where Podman keeps them otherwise, or in a list.
    let layer: ContainerLayer?

    /// Podman's states, as far as they make a difference here.
    enum Status: Hashable, Sendable {
        /// Made but never run, by a start that was interrupted or refused.
        case created
        case running
        case exited
        /// Podman is taking it away.
        case removing
    }

    enum LabelName {
        static let owner = "io.huddle.owner"
        static let instance = "io.huddle.instance"
        static let generation = "io.huddle.generation"
    }

    /// `nil` unless the labels are ours.
    init?(
        id: String, labels: [String: String]?, status: String, process: Int?, exitCode: Int?,
        isCheckpointed: Bool = false, directory: String? = nil, layer: ContainerLayer? = nil,
        owner: String
    ) {
        guard let labels, labels[LabelName.owner] == owner,
            let instance = labels[LabelName.instance],
            let generation = labels[LabelName.generation].flatMap(UInt64.init)
        else { return nil }
        self.id = id
        self.instance = InstanceID(instance)
        self.generation = Generation(generation)
        switch status {
        case "running", "paused", "stopping": self.status = .running
        case "exited", "stopped": self.status = .exited
        case "removing": self.status = .removing
        default: self.status = .created
        }
        self.process = Int32(clamping: process ?? 0)
        self.exitCode = exitCode ?? 0
        self.directory = directory
        self.layer = layer
        self.isCheckpointed = isCheckpointed && self.status == .exited
    }

    /// The container as the agent sees it.
    func described(in tree: ControlGroupTree) -> DriverInstance {
        guard status == .running else {
            let code = status == .created ? ExitCode.neverStarted : exitCode
            return DriverInstance(
                id: instance, generation: generation, state: .exited(code: code), controlGroup: nil)
        }
        return DriverInstance(
            id: instance, generation: generation, state: .running,
            controlGroup: controlGroup(in: tree),
            network: process > 0 ? InterfaceCounters.total(ofNamespaceOf: process) : nil)
    }

    /// A hold on its first process, with which all of them end; `nil` where that has ended, its number is another's by now, or the
    /// others have another first one.
    func firstProcess(in tree: ControlGroupTree) -> ProcessHandle? {
        guard process > 0, let handle = ProcessHandle(process),
            // Whatever is in the container's own group is the container's; from here on the handle is of that.
            tree.path(of: process)?.contains(id) == true,
            ProcessNumbers.innermost(of: process) == 1
        else { return nil }
        return handle
    }

    /// What stops all of its processes; `nil` where they have no group of their own for that.
    var freezer: Freezer? {
        process > 0 ? Freezer(of: process, named: id) : nil
    }

    /// The container's own group: runtimes put the process into a further child on v2.
    private func controlGroup(in tree: ControlGroupTree) -> String? {
        guard process > 0, let path = tree.path(of: process) else { return nil }
        var components = path.split(separator: "/")
        guard let own = components.firstIndex(where: { $0.contains(id) }) else { return path }
        components.removeSubrange(components.index(after: own)...)
        return components.joined(separator: "/")
    }
}

/// One entry of `containers/json`.
struct PodmanListEntry: Decodable {
    let id: String
    let labels: [String: String]?
    let state: String
    let process: Int?
    let exitCode: Int?

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case labels = "Labels"
        case state = "State"
        case process = "Pid"
        case exitCode = "ExitCode"
    }
}

/// The part of an inspection that counts here.
struct PodmanInspection: Decodable {
    let id: String
    let state: State
    let config: Config
    let directory: String?
    let storage: Storage?

    struct Storage: Decodable {
        let name: String?
        let data: [String: String]?

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case data = "Data"
        }
    }

    var layer: ContainerLayer? {
        guard let storage, storage.name == "overlay", let upper = storage.data?["UpperDir"],
            let lower = storage.data?["LowerDir"]
        else { return nil }
        return ContainerLayer(
            upper: upper, lower: lower.split(separator: ":").map(String.init))
    }

    struct State: Decodable {
        let status: String
        let process: Int?
        let exitCode: Int?
        let error: String?
        let killedForMemory: Bool?
        /// Left out where it is not so.
        let checkpointed: Bool?

        enum CodingKeys: String, CodingKey {
            case status = "Status"
            case process = "Pid"
            case exitCode = "ExitCode"
            case error = "Error"
            case killedForMemory = "OOMKilled"
            case checkpointed = "Checkpointed"
        }
    }

    struct Config: Decodable {
        let labels: [String: String]?

        enum CodingKeys: String, CodingKey { case labels = "Labels" }
    }

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case state = "State"
        case config = "Config"
        case directory = "StaticDir"
        case storage = "GraphDriver"
    }
}
