/// What the loss of a host takes, before anything that it ran may start elsewhere.
package enum HostLoss {
    /// From a host's last word until everything leased to it has provably ended: the lease, and a margin for clocks
    /// and the stop.
    package static let certainty = Duration.seconds(45)
}

extension Workload {
    /// The longest that a host may take to wake and still save an instance in time; `nil` where it has to find room on
    /// hosts that run.
    package var wakePatience: Duration? {
        recoveryTime.map { $0 - HostLoss.certainty }
    }

    /// The same with another recovery time; `nil` where it has none.
    package func recovering(within time: Duration) -> Workload? {
        try? Workload(
            kind: kind, name: name, count: count, labels: labels, image: image, program: program,
            storage: storage, size: size, limit: limit, rules: rules, move: move,
            onHostLoss: onHostLoss, floor: floor, recoveryTime: time)
    }
}

extension Snapshot {
    /// The same picture with `host` asleep.
    package func resting(_ host: HostID) -> Snapshot { with(.asleep, of: [host], homes: [:]) }

    /// The same picture with all of `sleepers` ready, and the instances of `homes` on the hosts named there.
    package func awake(_ sleepers: Set<HostID>, with homes: [InstanceID: HostID]) -> Snapshot {
        with(.ready, of: sleepers, homes: homes)
    }

    private func with(
        _ state: Host.State, of switched: Set<HostID>, homes: [InstanceID: HostID]
    ) -> Snapshot {
        Snapshot(
            revision: revision, takenAt: takenAt,
            hosts: hosts.map { view in
                guard switched.contains(view.id) else { return view }
                return HostView(
                    host: view.host.with(state: state), changed: view.changed, use: view.use,
                    images: view.images)
            },
            instances: instances.map { view in
                guard let home = homes[view.id] else { return view }
                return view.with { $0.host = home }
            }, reservations: reservations, links: links, refusals: refusals)
    }
}
