import ClusterModel

/// How things of ours are called in Podman, so that they are told from everybody else's.
struct PodmanNames: Hashable, Sendable {
    /// Prefix of all names and value of the owner label.
    let namespace: String

    func container(_ instance: InstanceID) -> String { "\(namespace)-\(instance.rawValue)" }

    /// A volume of this instance; neither name can have a point in it.
    func volume(_ name: String, of instance: InstanceID) -> String {
        "\(container(instance)).\(name)"
    }

    /// What versions before called a volume of this name, whosever it was.
    func earlierVolume(_ name: String) -> String { "\(namespace)-\(name)" }

    /// Image loaded from an archive; twelve digits of a SHA-256 tell apart more images than a host
    /// can hold.
    func image(digest: String) -> String {
        // A digest may carry its algorithm before a colon.
        let digits = digest.split(separator: ":").last ?? "none"
        return "localhost/\(namespace):\(digits.prefix(12))"
    }

    func labels(of instance: InstanceID, generation: Generation) -> [String: String] {
        [
            PodmanContainer.LabelName.owner: namespace,
            PodmanContainer.LabelName.instance: instance.rawValue,
            PodmanContainer.LabelName.generation: "\(generation.number)",
        ]
    }
}
