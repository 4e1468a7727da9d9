import ClusterModel

/// The fewest occupied hosts of a tiny cluster, found by trying every layout.
///
/// It judges only where instances end, not how they get there, so no plan can do better.
struct Optimum {
    private let snapshot: Snapshot
    private let policy: Policy
    private let demand: [Resources]
    private let plain: PlainDemand
    private let home: [Int?]
    private let ghosts: [(instance: Int, host: Int)]
    private let losses: Int

    init(_ world: World) {
        let snapshot = world.snapshot
        self.snapshot = snapshot
        policy = world.policy
        demand = snapshot.instances.map { snapshot.demand(of: $0, under: world.policy.demand) }
        plain = PlainDemand(snapshot, world.policy)
        home = snapshot.instances.map { view in
            view.isPresent ? snapshot.hosts.firstIndex { $0.id == view.host } : nil
        }
        let home = home
        ghosts = snapshot.reservations.compactMap { reservation in
            guard let host = snapshot.hosts.firstIndex(where: { $0.id == reservation.host }),
                let instance = snapshot.instances.firstIndex(where: {
                    $0.id == reservation.instance
                }),
                home[instance] != host
            else { return nil }
            return (instance, host)
        }
        losses = world.policy.reservedHosts(among: snapshot.hosts.count)
    }

    var hosts: Int {
        let present = home.indices.filter { home[$0] != nil }
        let options = present.map { instance in
            snapshot.hosts.indices.filter { $0 == home[instance] || mayMove(instance, to: $0) }
        }
        let bearable = unbearable(home)
        var best = snapshot.hosts.count
        var layout = home
        func visit(_ position: Int) {
            guard position < present.count else {
                let used = Set(layout.compactMap { $0 } + ghosts.map(\.host)).count
                if used < best, isLegal(layout),
                    losses == 0 || unbearable(layout).isSubset(of: bearable)
                {
                    best = used
                }
                return
            }
            for host in options[position] {
                layout[present[position]] = host
                visit(position + 1)
            }
            layout[present[position]] = home[present[position]]
        }
        visit(0)
        return best
    }

    private func mayMove(_ instance: Int, to target: Int) -> Bool {
        guard let home = home[instance] else { return false }
        let (from, to) = (snapshot.hosts[home].host, snapshot.hosts[target].host)
        let view = snapshot.instances[instance]
        return to.state == .ready && [.ready, .draining].contains(from.state)
            && !snapshot.reservations.contains { $0.instance == view.id }
            && MoveMode.possible(for: view.workload, from: from, to: to, snapshot.refusals)
                .contains(where: view.workload.move.allow.contains)
            && suits(view.workload, to)
    }

    private func suits(_ workload: Workload, _ host: Host) -> Bool {
        host.capacity.capability(workload.kind == .vm ? .qemu : .podman)?.available == true
            && host.taints.pairs.isEmpty
            && workload.rules.need.pairs.allSatisfy { host.labels[$0.name] == $0.value }
            && workload.rules.avoid.pairs.allSatisfy { host.labels[$0.name] != $0.value }
    }

    private func content(_ layout: [Int?], _ host: Int) -> [Int] {
        layout.indices.filter { instance in
            layout[instance] == host
                || ghosts.contains { $0.instance == instance && $0.host == host }
        }
    }

    private func isLegal(_ layout: [Int?]) -> Bool {
        for host in snapshot.hosts.indices {
            let now = content(layout, host)
            let before = content(home, host)
            let load = plain.together(now.map { snapshot.instances[$0].id })
            let limit = policy.ceiling(of: snapshot.hosts[host].host.capacity.allocatable)
                .maximum(plain.together(before.map { snapshot.instances[$0].id }))
            guard load.misfit(in: limit) == nil else { return false }
            for one in now {
                for other in now
                where one != other && !(before.contains(one) && before.contains(other)) {
                    if workload(other).labels.matches(workload(one).rules.apart) { return false }
                }
            }
        }
        return keepsGroups(layout) && keepsSpread(layout)
    }

    private func workload(_ instance: Int) -> Workload { snapshot.instances[instance].workload }

    private func keepsGroups(_ layout: [Int?]) -> Bool {
        for one in layout.indices where layout[one] != nil {
            for other in layout.indices where other != one && layout[other] != nil {
                guard workload(other).labels.matches(workload(one).rules.together) else { continue }
                if layout[one] != layout[other], home[one] == home[other] { return false }
            }
        }
        return true
    }

    private func keepsSpread(_ layout: [Int?]) -> Bool {
        let zones = snapshot.hosts.map { $0.host.labels["zone"] ?? "" }
        let values = Set(zones)
        for view in snapshot.instances where view.workload.rules.spread != nil {
            let share = (view.workload.count + values.count - 1) / values.count
            for value in values {
                func count(_ layout: [Int?]) -> Int {
                    layout.indices.count { instance in
                        workload(instance).name == view.workload.name
                            && (layout[instance].map { zones[$0] == value } ?? false
                                || ghosts.contains {
                                    $0.instance == instance && zones[$0.host] == value
                                })
                    }
                }
                if count(layout) > max(share, count(home)) { return false }
            }
        }
        return true
    }

    /// Hosts among those kept whose loss leaves an instance without room, by the definition of the
    /// reserve.
    private func unbearable(_ layout: [Int?]) -> Set<Int> {
        guard losses > 0 else { return [] }
        let kept = snapshot.hosts.indices.filter {
            snapshot.hosts[$0].host.state == .ready && !content(layout, $0).isEmpty
        }
        return Set(
            kept.filter { host in
                guard layout.contains(host) else { return false }
                let largest = kept.filter { $0 != host }.sorted {
                    (memory(layout, $1), $0) < (memory(layout, $0), $1)
                }
                let lost = [host] + largest.prefix(losses - 1)
                let rest = kept.filter { !lost.contains($0) }
                let asleep = asleep(layout)
                var rested = asleep.map { _ in Resources.zero }
                var used = rest.map {
                    content(layout, $0).reduce(Resources.zero) { $0 + demand[$1] }
                }
                let stranded = layout.indices.filter {
                    layout[$0].map { lost.contains($0) } ?? false
                }.sorted {
                    let (one, other) = (isPatient($0, asleep), isPatient($1, asleep))
                    if one != other { return other }
                    return (demand[$1].memory, demand[$1].cpu, $0) < (
                        demand[$0].memory, demand[$0].cpu, $1
                    )
                }
                for instance in stranded where canBeSaved(instance, without: lost, asleep) {
                    let place = rest.indices.first { position in
                        let host = snapshot.hosts[rest[position]].host
                        let room = host.capacity.allocatable.reduced(by: used[position])
                        return suits(workload(instance), host)
                            && demand[instance].misfit(in: room) == nil
                    }
                    if let place {
                        used[place] = used[place] + demand[instance]
                        continue
                    }
                    let bed = asleep.indices.first { position in
                        let host = snapshot.hosts[asleep[position]].host
                        let room = host.capacity.allocatable.reduced(by: rested[position])
                        return wakes(host, for: instance) && suits(workload(instance), host)
                            && demand[instance].misfit(in: room) == nil
                    }
                    guard let bed else { return true }
                    rested[bed] = rested[bed] + demand[instance]
                }
                return false
            })
    }

    /// Hosts that sleep, or that nothing is on, and say how long they take to wake.
    private func asleep(_ layout: [Int?]) -> [Int] {
        snapshot.hosts.indices.filter {
            let host = snapshot.hosts[$0].host
            return host.capacity.wakeTime != nil
                && (host.state == .asleep
                    || (host.state == .ready && content(layout, $0).isEmpty))
        }
    }

    private func wakes(_ host: Host, for instance: Int) -> Bool {
        guard let wake = host.capacity.wakeTime, let time = workload(instance).recoveryTime else {
            return false
        }
        return wake + HostLoss.certainty <= time
    }

    private func isPatient(_ instance: Int, _ asleep: [Int]) -> Bool {
        asleep.contains { wakes(snapshot.hosts[$0].host, for: instance) }
    }

    private func memory(_ layout: [Int?], _ host: Int) -> UInt64 {
        content(layout, host).reduce(0) { $0 + demand[$1].memory.count }
    }

    private func canBeSaved(_ instance: Int, without lost: [Int], _ asleep: [Int]) -> Bool {
        snapshot.hosts.indices.contains { host in
            let view = snapshot.hosts[host].host
            let isThere =
                view.state == .ready || (asleep.contains(host) && wakes(view, for: instance))
            return !lost.contains(host) && isThere && suits(workload(instance), view)
                && demand[instance].misfit(in: view.capacity.allocatable) == nil
        }
    }
}
