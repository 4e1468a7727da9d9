import ClusterModel

extension Hearing {
    /// Hosts whose loss the cluster could bear before the plan and could not after it.
    ///
    /// What counts as bearing it is a definition that the planner follows too: the instances of the
    /// lost hosts, those with most memory first, each go to the first remaining host whose labels,
    /// taints and driver allow it and whose allocatable room takes it. A pack may count on the
    /// hosts that it leaves occupied, a placement on all that are ready; the other reasons for a
    /// plan outweigh the reserve.
    func reserveViolations() -> [Violation] {
        let onlyOccupied: Bool
        switch plan.reason {
        case .pack: onlyOccupied = true
        case .place: onlyOccupied = false
        case .relieve, .drain, .repair, .move: return []
        }
        let losses = policy.reservedHosts(among: snapshot.hosts.count)
        guard losses > 0, !plan.steps.isEmpty else { return [] }
        let before = unbearable(losses, onlyOccupied) { itinerary.start(of: $0) }
        let after = unbearable(losses, onlyOccupied) { itinerary.end(of: $0) }
        return after.subtracting(before).sorted().map { .reserve(snapshot.hosts[$0].id) }
    }

    private func unbearable(
        _ losses: Int, _ onlyOccupied: Bool, _ place: (Int) -> Int?
    ) -> Set<Int> {
        var content: [[Int]] = snapshot.hosts.map { _ in [] }
        for instance in snapshot.instances.indices {
            if let host = place(instance) { content[host].append(instance) }
        }
        var held = content
        for ghost in itinerary.ghosts { held[ghost.host].append(ghost.instance) }
        let memory = held.map {
            $0.reduce(UInt64(0)) { $0.saturatingSum(demands[$1].memory.count) }
        }
        let kept = snapshot.hosts.indices.filter {
            snapshot.hosts[$0].host.state == .ready && !(onlyOccupied && held[$0].isEmpty)
        }
        let largest = kept.sorted { memory[$0] == memory[$1] ? $0 < $1 : memory[$0] > memory[$1] }
        let isKept = Set(kept)
        let left = Remainders(
            snapshot.hosts.indices.map { host in
                guard isKept.contains(host) else { return .zero }
                let used = held[host].reduce(Resources.zero) { $0 + demands[$1] }
                return snapshot.hosts[host].host.capacity.allocatable.reduced(by: used)
            })
        return Set(
            kept.filter { host in
                guard !content[host].isEmpty else { return false }
                let lost = Set([host] + largest.filter { $0 != host }.prefix(losses - 1))
                return !canRestart(
                    lost.sorted().flatMap { content[$0] }, off: lost, isKept, left)
            })
    }

    /// Whether all of `instances` that count find room in what is `left` of the kept hosts but the lost ones.
    private func canRestart(
        _ instances: [Int], off lost: Set<Int>, _ kept: Set<Int>, _ left: Remainders
    ) -> Bool {
        var left = left
        let order = instances.filter { counts($0, off: lost) }.sorted { a, b in
            let (one, other) = (demands[a], demands[b])
            if one.memory != other.memory { return one.memory > other.memory }
            if one.cpu != other.cpu { return one.cpu > other.cpu }
            return a < b
        }
        for instance in order {
            let choice = left.first(withRoomFor: demands[instance]) { host in
                kept.contains(host) && !lost.contains(host)
                    && labelMisfit(workload(instance), on: snapshot.hosts[host].host) == nil
            }
            guard let choice else { return false }
            left.take(demands[instance], from: choice)
        }
        return true
    }

    /// Whether any host but the lost ones could have the instance, were it empty.
    private func counts(_ instance: Int, off lost: Set<Int>) -> Bool {
        let view = snapshot.instances[instance]
        guard view.instance.desired == .running || view.isDisplaced else { return false }
        return snapshot.hosts.indices.contains { host in
            let view = snapshot.hosts[host].host
            return !lost.contains(host) && view.state == .ready
                && labelMisfit(workload(instance), on: view) == nil
                && demands[instance].misfit(in: view.capacity.allocatable) == nil
        }
    }
}
