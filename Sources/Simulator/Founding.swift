import ClusterModel
import ControlCore

/// The state a simulation begins with: hosts are members, workloads applied, instances on hosts or waiting.
enum Founding {
    static func state(of scenario: Scenario) -> ClusterState {
        var changes: [Change] = [.putPolicy(scenario.policy)]
        for host in scenario.hosts {
            changes.append(.putHost(HostRecord(id: host.id, labels: host.labels)))
        }
        for work in scenario.workloads { changes.append(.putWorkload(work.workload)) }
        let homes = scenario.homes ?? (scenario.start == .spread ? spread(scenario) : [:])
        for work in scenario.workloads {
            for (index, id) in work.workload.instances.enumerated() {
                changes.append(
                    .putInstance(
                        Instance(
                            id: id, workload: work.workload.name, index: index, host: homes[id],
                            generation: Generation(1))))
            }
        }
        var state = ClusterState()
        for change in changes { state.apply(change, at: Revision(1)) }
        return state
    }

    /// Each instance in turn to the host with fewest of those that have room for what it reserves, and that its
    /// rules about hosts and neighbours allow; one that fits nowhere waits.
    private static func spread(_ scenario: Scenario) -> [InstanceID: HostID] {
        var rooms: [HostID: Resources] = [:]
        var tenants: [HostID: [Workload]] = [:]
        for host in scenario.hosts {
            rooms[host.id] = scenario.policy.ceiling(
                of: host.total.reduced(by: Capacity.standardReserve(of: host.total)))
        }
        var homes: [InstanceID: HostID] = [:]
        for work in scenario.workloads {
            let workload = work.workload
            for id in workload.instances {
                let open = scenario.hosts.filter { host in
                    workload.reservation.misfit(in: rooms[host.id] ?? .zero) == nil
                        && allows(workload, on: host, among: tenants[host.id] ?? [])
                }
                guard
                    let host = open.min(by: {
                        (tenants[$0.id]?.count ?? 0, $0.id) < (tenants[$1.id]?.count ?? 0, $1.id)
                    })
                else { continue }
                homes[id] = host.id
                rooms[host.id] = rooms[host.id]?.reduced(by: workload.reservation)
                tenants[host.id, default: []].append(workload)
            }
        }
        return homes
    }

    private static func allows(
        _ workload: Workload, on host: Scenario.Machine, among tenants: [Workload]
    ) -> Bool {
        let rules = workload.rules
        guard rules.together.pairs.isEmpty, rules.spread == nil else { return false }
        return (rules.need.pairs.isEmpty || host.labels.matches(rules.need))
            && rules.avoid.pairs.allSatisfy { host.labels[$0.name] != $0.value }
            && tenants.allSatisfy { other in
                !other.labels.matches(rules.apart) && !workload.labels.matches(other.rules.apart)
            }
    }
}
