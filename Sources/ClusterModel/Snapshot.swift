/// The immutable picture of the cluster that a plan is computed from.
///
/// Hosts and instances are in ascending order of their ids, so that nothing depends on how they were collected.
package struct Snapshot: Hashable, Sendable {
    package let revision: Revision
    package let takenAt: Instant
    package let hosts: [HostView]
    package let instances: [InstanceView]
    /// Room that plans under way still need.
    package let reservations: [Reservation]
    /// What moves between hosts took so far.
    package let links: MoveLinks
    /// Programs that CRIU would not write down or bring back.
    package let refusals: CheckpointRefusals

    /// A host as planning sees it.
    package struct HostView: Hashable, Sendable {
        package let host: Host
        /// Revision at which this host last changed in a way that a plan reads.
        package let changed: Revision
        package let use: UseSeries
        /// Images already on the host.
        package let images: [String]

        package init(host: Host, changed: Revision, use: UseSeries = .empty, images: [String] = [])
        {
            self.host = host
            self.changed = changed
            self.use = use
            self.images = images.sorted()
        }

        package var id: HostID { host.id }
    }

    /// An instance as planning sees it.
    package struct InstanceView: Hashable, Sendable {
        package let instance: Instance
        package let workload: Workload
        /// Revision at which the instance or its rules last changed.
        package let changed: Revision
        package let use: UseSeries
        /// What the instance reserves, overhead of its driver included.
        package let reserved: Resources
        /// Hosts on which it did worse than before, and until when it is not moved there again by itself.
        package let undone: [HostID: Instant]
        /// Processor time over the last day, for rules that add instances up.
        package let day: DaySeries
        /// What a live move would carry; `nil` where nobody measured it.
        package let load: MoveLoad?

        package init(
            instance: Instance, workload: Workload, changed: Revision, use: UseSeries = .empty,
            reserved: Resources? = nil, undone: [HostID: Instant] = [:], day: DaySeries = .empty,
            load: MoveLoad? = nil
        ) {
            self.instance = instance
            self.workload = workload
            self.changed = changed
            self.use = use
            self.reserved = reserved ?? workload.reservation
            self.undone = undone
            self.day = day
            self.load = load
        }

        package var id: InstanceID { instance.id }
        package var host: HostID? { instance.host }
    }

    /// Room on a host that a step under way will need or has not given back.
    package struct Reservation: Hashable, Sendable {
        package let plan: PlanID
        package let instance: InstanceID
        package let host: HostID

        package init(plan: PlanID, instance: InstanceID, host: HostID) {
            self.plan = plan
            self.instance = instance
            self.host = host
        }
    }

    package init(
        revision: Revision, takenAt: Instant, hosts: [HostView], instances: [InstanceView],
        reservations: [Reservation] = [], links: MoveLinks = .none,
        refusals: CheckpointRefusals = .none
    ) {
        self.revision = revision
        self.takenAt = takenAt
        self.hosts = hosts.sorted { $0.id < $1.id }
        self.instances = instances.sorted { $0.id < $1.id }
        self.reservations = reservations
        self.links = links
        self.refusals = refusals.valid(at: takenAt)
    }

    package func host(_ id: HostID) -> HostView? { Self.find(id, in: hosts, by: \.id) }

    package func instance(_ id: InstanceID) -> InstanceView? {
        Self.find(id, in: instances, by: \.id)
    }

    /// The first of `views`, which are in ascending order of their ids, that has `id`; by halving.
    private static func find<View, ID: Comparable>(
        _ id: ID, in views: [View], by key: KeyPath<View, ID>
    ) -> View? {
        var low = 0
        var high = views.count
        while low < high {
            let middle = (low + high) / 2
            if views[middle][keyPath: key] < id { low = middle + 1 } else { high = middle }
        }
        guard low < views.count, views[low][keyPath: key] == id else { return nil }
        return views[low]
    }
}
