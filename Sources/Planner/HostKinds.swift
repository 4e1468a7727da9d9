import ClusterModel

/// Hosts sorted into kinds: whatever a rule asks of a host by itself, and whatever decides how
/// instances move from it and to it, is the same for all hosts of one kind.
///
/// Of the labels only those count that some workload names, so that a label that every host has
/// with a value of its own does not make every host a kind of its own. What hosts have to give is
/// no part of the kind.
struct HostKinds: Sendable {
    /// The kind of each host.
    let of: [Int]
    /// Hosts of each kind in ascending order.
    let members: [[Int]]

    var count: Int { members.count }

    private struct Signature: Hashable {
        let state: Host.State
        let labels: [Label]
        let taints: Labels
        let architecture: String
        let features: [String]
        let capabilities: [Capability]
        let kernel: String
    }

    /// - Parameter byKernel: whether the kernel says something about moves, as it does once CRIU refused a program.
    init(_ hosts: [Snapshot.HostView], named: Set<Label>, byKernel: Bool) {
        var index: [Signature: Int] = [:]
        var members: [[Int]] = []
        of = hosts.enumerated().map { position, view in
            let host = view.host
            let signature = Signature(
                state: host.state,
                labels: named.isEmpty ? [] : host.labels.pairs.filter { named.contains($0) },
                taints: host.taints, architecture: host.capacity.architecture,
                features: host.capacity.features,
                // That one decides how long a move takes and nothing that is asked here.
                capabilities: host.capacity.capabilities.filter { $0.name != .memoryTracking },
                kernel: byKernel ? host.capacity.kernel : "")
            if let known = index[signature] {
                members[known].append(position)
                return known
            }
            index[signature] = members.count
            members.append([position])
            return members.count - 1
        }
        self.members = members
    }
}
