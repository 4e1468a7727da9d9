package import ClusterModel

/// All that a simulation is made from, beside its seed.
package struct Scenario: Hashable, Sendable {
    package var hosts: [Machine]
    package var workloads: [Work]
    package var policy: Policy
    package var faults: [Fault]
    package var pace: Pace
    /// How instances come to their first hosts.
    package var start: Start
    package var length: Duration

    /// A host and what it draws.
    package struct Machine: Hashable, Sendable {
        package let id: HostID
        package let labels: Labels
        package let total: Resources
        package let power: PowerModel
        /// How long it takes to wake, as its agent says.
        package let wakeTime: Duration?

        package init(
            id: HostID, labels: Labels = .none, total: Resources, power: PowerModel = .standard,
            wakeTime: Duration? = nil
        ) {
            self.id = id
            self.labels = labels
            self.total = total
            self.power = power
            self.wakeTime = wakeTime
        }
    }

    /// A workload and its load.
    package struct Work: Hashable, Sendable {
        package let workload: Workload
        package let load: LoadPattern
        /// Loads of single instances, in place of the workload's.
        package let own: [InstanceID: LoadPattern]
        /// Part of a host's memory bandwidth that each instance takes, of which neither specs nor plans know.
        package var bandwidth: Share
        /// How each guest changes its memory, as its host measures it; `nil` where nobody can, and its live moves always end.
        package var changes: MoveLoad.Changes?
        /// Those of single instances, in place of the workload's.
        package var ownChanges: [InstanceID: MoveLoad.Changes]

        package init(
            _ workload: Workload, load: LoadPattern, own: [InstanceID: LoadPattern] = [:],
            bandwidth: Share = .none, changes: MoveLoad.Changes? = nil,
            ownChanges: [InstanceID: MoveLoad.Changes] = [:]
        ) {
            self.workload = workload
            self.load = load
            self.own = own
            self.bandwidth = bandwidth
            self.changes = changes
            self.ownChanges = ownChanges
        }
    }

    package enum Start: String, Hashable, Sendable, CaseIterable {
        /// The planner places them, as when they are applied.
        case placed
        /// Each on the host that has fewest so far and room for it: a cluster that nobody packs.
        case spread
    }

    /// Hosts that instances are on at the beginning, whatever `start` says; the others wait.
    package var homes: [InstanceID: HostID]?

    package init(
        hosts: [Machine], workloads: [Work], policy: Policy, faults: [Fault] = [],
        pace: Pace = .standard, start: Start = .spread, length: Duration = .seconds(86_400)
    ) {
        self.hosts = hosts.sorted { $0.id < $1.id }
        self.workloads = workloads
        self.policy = policy
        self.faults = faults
        self.pace = pace
        self.start = start
        self.length = length
    }

    /// The same with nothing moved: what the policy is compared with.
    package var still: Scenario {
        var still = self
        still.policy.mode = .off
        return still
    }
}

/// What a host draws: idle power, and in proportion to used processor time up to its most.
///
/// A host without instances counts as asleep.
/// - Source: Fan, Weber, Barroso, "Power provisioning for a warehouse-sized computer", ISCA 2007: linear within 1 %
///   of groups of machines.
package struct PowerModel: Hashable, Sendable {
    /// Watts with nothing to do.
    package let idle: Double
    /// Watts with every processor busy.
    package let most: Double
    /// Watts while it sleeps.
    package let asleep: Double

    /// A two-socket server of today, suspended to memory.
    package static let standard = PowerModel(idle: 100, most: 250, asleep: 5)

    package init(idle: Double, most: Double, asleep: Double) {
        self.idle = idle
        self.most = most
        self.asleep = asleep
    }

    func watts(isOn: Bool, busy: Double) -> Double {
        isOn ? idle + (most - idle) * min(1, max(0, busy)) : asleep
    }
}

/// How long things take, and how often agents speak.
package struct Pace: Hashable, Sendable {
    /// What each move has of the link for itself.
    package var link: BytesPerSecond
    /// What a live move sends of a guest's memory, with the pages that were written again meanwhile.
    package var resent: Share
    /// How long a guest stands still in its switch-over.
    package var downtime: Duration
    /// How often agents report and the engine ticks while nothing is under way; below the silence that means loss.
    package var beat: Duration

    package static let standard = Pace()

    package init(
        link: BytesPerSecond = BytesPerSecond(100 << 20), resent: Share = .percent(120),
        downtime: Duration = .milliseconds(200), beat: Duration = .seconds(10)
    ) {
        self.link = link
        self.resent = resent
        self.downtime = downtime
        self.beat = beat
    }
}

/// Something that goes wrong.
package struct Fault: Hashable, Sendable {
    package let kind: Kind
    /// After the beginning.
    package let begins: Duration
    package let length: Duration

    package enum Kind: Hashable, Sendable {
        /// Power is lost; what ran there has ended, and the host boots afterwards.
        case loss(HostID)
        /// The host is reached by nobody; what it runs goes on.
        case cut(HostID)
        /// Copies take so many times as long.
        case slow(factor: Int)
        /// This part of the operations of moves fails.
        case failing(Share)
        /// The coordinator is not there; what it stored is, when it comes back.
        case coordinator
    }

    package init(_ kind: Kind, begins: Duration, length: Duration) {
        self.kind = kind
        self.begins = begins
        self.length = length
    }

    func isActive(at time: Int64) -> Bool {
        time >= begins.milliseconds && time - begins.milliseconds < length.milliseconds
    }
}
