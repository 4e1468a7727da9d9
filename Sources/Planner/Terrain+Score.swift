import ClusterModel

extension Terrain {
    /// What `choice(of:for:in:)` ranks `host` by, as people read it.
    func score(of host: Int, for members: [Int], in layout: Layout) -> HostVerdict.Score {
        let coming = members.filter { layout.host(of: $0) != host }
        var fullest = (fullness: Fullness.empty, resource: Dimension.cpu)
        for dimension in dimensions.indices where hosts[host].ceiling[dimension] > 0 {
            let taken = coming.reduce(layout.load(host, dimension)) {
                $0 + UInt128(instances[$1].demand[dimension])
            }
            let fullness = Fullness(
                taken: UInt64(clamping: taken), ceiling: hosts[host].ceiling[dimension])
            if fullness > fullest.fullness { fullest = (fullness, dimensions[dimension]) }
        }
        return HostVerdict.Score(
            missing: members.reduce(0) { $0 + dislikes(of: $1, host) },
            isEmpty: !layout.occupants[host].contains { !members.contains($0) }
                && ghosts[host].isEmpty,
            fullness: fullest.fullness.share, resource: fullest.resource.name)
    }
}

extension Fullness {
    /// In thousandths, rounded up, so that what is over a ceiling never reads as full.
    var share: Share {
        let (part, whole) = (UInt128(taken) * 1000, UInt128(max(1, ceiling)))
        return Share(permille: UInt32(clamping: (part + whole - 1) / whole))
    }
}

extension Dimension {
    /// As a user writes it.
    var name: String {
        switch self {
        case .cpu, .expectedCPU: "cpu"
        case .memory: "memory"
        case .disk: "disk"
        case .network: "network"
        case .scalar(let name): name
        }
    }
}
