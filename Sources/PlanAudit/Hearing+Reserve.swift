import ClusterModel

extension Hearing {
    /// Hosts whose loss the cluster could bear before the plan and could not after it.
    ///
    /// What counts as bearing it is a definition that the planner follows too: the instances of the
    /// lost hosts, those with most memory first, each go to the first remaining host whose labels,
    /// taints and driver allow it and whose allocatable room takes it. A pack may count on the
    /// hosts that it leaves occupied, a placement on all that are ready; the other reasons for a
    /// plan outweigh the reserve. What finds nothing there may wait for a host that sleeps, or that
    /// a pack leaves empty, if that wakes within its recovery time; what cannot wait goes first.
    func reserveViolations() -> [Violation] {
        let onlyOccupied: Bool
        switch plan.reason {
        case .pack: onlyOccupied = true
        case .place: onlyOccupied = false
        case .relieve, .drain, .repair, .move:
            return plan.standbys.isEmpty ? [] : [.standbys]
        }
        let losses = policy.reservedHosts(among: snapshot.hosts.count)
        guard losses > 0 else { return plan.standbys.isEmpty ? [] : [.standbys] }
        let after = bearing(losses, onlyOccupied) { itinerary.end(of: $0) }
        let told: [Violation] = after.standbys == plan.standbys ? [] : [.standbys]
        guard !plan.steps.isEmpty else { return told }
        let before = bearing(losses, onlyOccupied) { itinerary.start(of: $0) }
        return after.unbearable.subtracting(before.unbearable).sorted()
            .map { .reserve(snapshot.hosts[$0].id) } + told
    }

    /// What is wrong with the sleep of `host`: it is not empty, or a host cannot be lost while it is off.
    func restViolations(_ host: HostID) -> [Violation] {
        guard plan.steps.isEmpty, snapshot.host(host)?.host.state == .ready,
            !snapshot.instances.contains(where: { $0.isPresent && $0.host == host }),
            !snapshot.reservations.contains(where: { $0.host == host })
        else { return [.asleep(host)] }
        let losses = policy.reservedHosts(among: snapshot.hosts.count)
        guard losses > 0 else { return [] }
        let asleep = Hearing(
            plan: plan, snapshot: snapshot.resting(host), policy: policy, forced: forced,
            precedence: precedence, itinerary: itinerary)
        let bearing = asleep.bearing(losses, false) { itinerary.start(of: $0) }
        return bearing.unbearable.sorted().map { .reserve(snapshot.hosts[$0].id) }
    }

    /// Hosts that the plan wakes and that do not sleep, or are not known to wake.
    func wakeViolations() -> [Violation] {
        plan.wakes.filter { id in
            guard let host = snapshot.host(id)?.host else { return true }
            return host.state != .asleep || host.capacity.wakeTime == nil
        }.map { .wakes($0) }
    }

    /// What losses the cluster cannot bear, and which sleeping hosts bear the others.
    private struct Bearing {
        var unbearable = Set<Int>()
        var standbys: [Plan.Standby] = []
    }

    private func bearing(
        _ losses: Int, _ onlyOccupied: Bool, _ place: (Int) -> Int?
    ) -> Bearing {
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
        let beds = snapshot.hosts.indices.compactMap { host -> Bed? in
            let view = snapshot.hosts[host].host
            guard let wake = view.capacity.wakeTime else { return nil }
            let isEmptied = onlyOccupied && view.state == .ready && held[host].isEmpty
            guard view.state == .asleep || isEmptied else { return nil }
            return Bed(host: host, wake: wake, left: view.capacity.allocatable)
        }
        var bearing = Bearing()
        for host in kept {
            let lost = Set([host] + largest.filter { $0 != host }.prefix(losses - 1))
            var beds = beds
            let isBorne = canRestart(
                lost.sorted().flatMap { content[$0] }, off: lost, isKept, left, &beds)
            if !isBorne, !content[host].isEmpty { bearing.unbearable.insert(host) }
            for bed in beds {
                guard let least = bed.patience.min() else { continue }
                bearing.standbys.append(
                    Plan.Standby(
                        lost: snapshot.hosts[host].id, sleeper: snapshot.hosts[bed.host].id,
                        instances: bed.patience.count, wake: bed.wake, margin: least - bed.wake))
            }
        }
        return bearing
    }

    /// A host that is off, with what of it is left and how long those that went there can wait.
    private struct Bed {
        let host: Int
        let wake: Duration
        var left: Resources
        var patience: [Duration] = []
    }

    /// How long an instance can wait for a host to wake; nothing waits that promises no time.
    private func patience(_ instance: Int) -> Duration {
        guard let time = workload(instance).recoveryTime else { return .zero - .seconds(1) }
        return time - HostLoss.certainty
    }

    /// Whether all of `instances` that count find room in what is `left` of the kept hosts but the lost ones, or in `beds`.
    private func canRestart(
        _ instances: [Int], off lost: Set<Int>, _ kept: Set<Int>, _ left: Remainders,
        _ beds: inout [Bed]
    ) -> Bool {
        var left = left
        var areAllSaved = true
        let usual = beds
        func waits(_ instance: Int) -> Bool { usual.contains { $0.wake <= patience(instance) } }
        let order = instances.filter { counts($0, off: lost, usual) }.sorted { a, b in
            if waits(a) != waits(b) { return waits(b) }
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
            if let choice {
                left.take(demands[instance], from: choice)
                continue
            }
            let bed = beds.firstIndex { bed in
                bed.wake <= patience(instance)
                    && labelMisfit(workload(instance), on: snapshot.hosts[bed.host].host) == nil
                    && demands[instance].misfit(in: bed.left) == nil
            }
            guard let bed else {
                areAllSaved = false
                continue
            }
            beds[bed].left = beds[bed].left.reduced(by: demands[instance])
            beds[bed].patience.append(patience(instance))
        }
        return areAllSaved
    }

    /// Whether any host but the lost ones could have the instance in time, were it empty.
    private func counts(_ instance: Int, off lost: Set<Int>, _ beds: [Bed]) -> Bool {
        let view = snapshot.instances[instance]
        guard view.instance.desired == .running || view.isDisplaced else { return false }
        return snapshot.hosts.indices.contains { host in
            let view = snapshot.hosts[host].host
            let isThere =
                view.state == .ready
                || beds.contains { $0.host == host && $0.wake <= patience(instance) }
            return !lost.contains(host) && isThere
                && labelMisfit(workload(instance), on: view) == nil
                && demands[instance].misfit(in: view.capacity.allocatable) == nil
        }
    }
}
