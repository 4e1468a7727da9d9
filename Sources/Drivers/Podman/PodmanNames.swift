import ClusterModel

/// How things of ours are called in Podman, so that they are told from everybody else's.
struct PodmanNames: Hashable, Sendable {
    /// Prefix of all names and value of the owner label.
    let namespace: String

    func container(_ instance: InstanceID) -> String { "\(namespace)-\(instance.rawValue)" }

    func volume(_ name: String) -> String { "\(namespace)-\(name)" }

    /// Image loaded from an archive; twelve digits of a SHA-256 tell apart more images than a host can hold.
    func image(digest: String) -> String {
        "localhost/\(namespace):\(digest.split(separator: ":").last.map { String($0.prefix(12)) } ?? "none")"
    }

    func labels(of instance: InstanceID, generation: Generation) -> [String: String] {
        [
            PodmanContainer.LabelName.owner: namespace,
            PodmanContainer.LabelName.instance: instance.rawValue,
            PodmanContainer.LabelName.generation: "\(generation.number)",
        ]
    }
}
