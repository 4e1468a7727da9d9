/// Why an instance cannot go from one host to another by a second copy that takes its address over.
package enum RelocateObstacle: Hashable, Sendable {
    /// What a VM has on its disks is the VM; a new one would be another.
    case kind(Workload.Kind)
    /// `restart: never` asks that it runs once.
    case runsOnce
    /// A local volume is its host's, and the new copy would start with an empty one. One that hosts share is the same
    /// for both copies, which a spec that allows `relocate` accepts.
    case volume(String)
    /// A host lacks what starts the copy, or what its address is handed over by; the reason is the probe's.
    case lacks(HostID, Capability.Name, reason: String)

    /// The first thing in the way, what never changes before what may; `nil` when nothing is.
    package static func between(
        _ source: Host, _ target: Host, for workload: Workload
    ) -> RelocateObstacle? {
        guard workload.kind == .container else { return .kind(workload.kind) }
        guard workload.program.restart != .never else { return .runsOnce }
        if let volume = workload.storage.localVolumes.first { return .volume(volume.name) }
        for host in [source, target] {
            for name in [Capability.Name.podman, .network] {
                guard let found = host.capacity.capability(name) else {
                    return .lacks(host.id, name, reason: "not probed")
                }
                guard found.available else { return .lacks(host.id, name, reason: found.detail) }
            }
        }
        return nil
    }
}

extension RelocateObstacle: CustomStringConvertible {
    /// The obstacle as an operator reads it.
    package var description: String {
        switch self {
        case .kind(let kind): "only containers are relocated, and it is a \(kind.rawValue)"
        case .runsOnce: "its spec says restart: never, and a relocation starts it a second time"
        case .volume(let name): "its volume \(name) is local to its host and would not go along"
        case .lacks(let host, let name, let reason): "\(host) has no \(name.rawValue): \(reason)"
        }
    }
}
