import ClusterModel

extension Supposition {
    /// A failure domain that would hold more than its share.
    struct Crowd {
        let workload: WorkloadID
        let domain: Label
        let share: Int
        let excess: Int
        /// Instances that are in it now and do not come along; those on the host first.
        let present: [Int]
        /// Whether a host is in it.
        let contains: (Int) -> Bool
    }

    /// The first domain that is too full for `coming`.
    func crowd(_ coming: [Int]) -> Crowd? {
        var entering: [Int: Int] = [:]
        for member in coming {
            guard rules(of: member).spread != nil,
                let index = terrain.rulebook.spreadOf[terrain.instances[member].workload]
            else { continue }
            let spread = terrain.rulebook.spreads[index]
            let own = domain(of: host, spread)
            if let current = layout.host(of: member), domain(of: current, spread) == own {
                continue
            }
            entering[index, default: 0] += 1
            let inside = inside(index, own)
            let share = share(of: spread)
            let count = inside.count + (entering[index] ?? 0)
            guard count > share else { continue }
            let staying = inside.filter { !coming.contains($0) }
            return Crowd(
                workload: spread.workload, domain: Label(name: spread.key, value: own),
                share: share, excess: count - share,
                present: staying.filter { layout.host(of: $0) == host }
                    + staying.filter { layout.host(of: $0) != host },
                contains: { domain(of: $0, spread) == own })
        }
        return nil
    }

    private func domain(of other: Int, _ spread: Rulebook.Spread) -> String {
        guard other == host, isRelabelled else { return spread.values[spread.domainOf[other]] }
        return place.labels[spread.key] ?? ""
    }

    private func share(of spread: Rulebook.Spread) -> Int {
        guard isRelabelled else { return spread.share }
        let values = Set(terrain.hosts.indices.map { domain(of: $0, spread) })
        let workload = terrain.rulebook.workloads.first { $0.name == spread.workload }
        return (max(1, workload?.count ?? 1) + values.count - 1) / values.count
    }

    /// Hosts on which plans under way hold room for `instance`.
    private func reserved(for instance: Int) -> [Int] {
        guard !isAtHome || instance != subject else { return [] }
        return terrain.snapshot.reservations.filter { $0.instance == terrain.id(of: instance) }
            .compactMap { terrain.host($0.host) }
    }

    /// Instances of the workload that take room in the domain.
    private func inside(_ index: Int, _ domain: String) -> [Int] {
        let spread = terrain.rulebook.spreads[index]
        return terrain.instances.indices.filter { instance in
            guard terrain.rulebook.spreadOf[terrain.instances[instance].workload] == index else {
                return false
            }
            let hosts =
                (layout.host(of: instance).map { [$0] } ?? [])
                + (isUnderway(instance) ? reserved(for: instance) : [])
            return hosts.contains { self.domain(of: $0, spread) == domain }
        }
    }
}
