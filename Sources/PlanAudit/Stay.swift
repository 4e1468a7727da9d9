import ClusterModel

/// The time that one instance takes room on one host, between two steps of a plan.
///
/// It begins when `from` begins, because a moving instance counts on both hosts, and ends when
/// `until` is done.
struct Stay: Hashable {
    /// Index of the instance in the snapshot.
    let instance: Int
    /// Index of the host in the snapshot.
    let host: Int
    /// The step that brings it; `nil` if it is there from the start.
    let from: Int?
    /// The step that takes it away; `nil` if it is there at the end.
    var until: Int?
}

/// All stays of a plan: what is on every host, from when and until when.
struct Itinerary {
    /// Stays of each instance, in their order.
    private(set) var stays: [[Stay]]
    /// Room that plans under way hold for an instance on a host where it is not.
    let ghosts: [Stay]
    private(set) var violations: [Violation] = []

    init(_ plan: Plan, _ snapshot: Snapshot, _ precedence: Precedence) {
        var hostIndex: [HostID: Int] = [:]
        for (index, view) in snapshot.hosts.enumerated() { hostIndex[view.id] = index }
        var instanceIndex: [InstanceID: Int] = [:]
        for (index, view) in snapshot.instances.enumerated() { instanceIndex[view.id] = index }
        stays = snapshot.instances.enumerated().map { index, view in
            guard view.isPresent, let host = view.host.flatMap({ hostIndex[$0] }) else { return [] }
            return [Stay(instance: index, host: host, from: nil, until: nil)]
        }
        var ghosts = Set<Stay>()
        for reservation in snapshot.reservations {
            guard let host = hostIndex[reservation.host],
                let instance = instanceIndex[reservation.instance],
                stays[instance].first?.host != host
            else { continue }
            ghosts.insert(Stay(instance: instance, host: host, from: nil, until: nil))
        }
        self.ghosts = ghosts.sorted { ($0.host, $0.instance) < ($1.host, $1.instance) }
        for (position, step) in plan.steps.enumerated() {
            follow(step, position, plan, snapshot, precedence, hostIndex, instanceIndex)
        }
    }

    /// Where `instance` is at the end; `nil` if nowhere.
    func end(of instance: Int) -> Int? {
        stays[instance].last.flatMap { $0.until == nil ? $0.host : nil }
    }

    /// Where `instance` is at the start; `nil` if nowhere.
    func start(of instance: Int) -> Int? {
        stays[instance].first.flatMap { $0.from == nil ? $0.host : nil }
    }

    private mutating func follow(
        _ step: Step, _ position: Int, _ plan: Plan, _ snapshot: Snapshot, _ precedence: Precedence,
        _ hostIndex: [HostID: Int], _ instanceIndex: [InstanceID: Int]
    ) {
        let (id, source, target) = step.action.journey
        guard let instance = instanceIndex[id] else {
            violations.append(.unknownInstance(step.id, id))
            return
        }
        for host in [source, target] {
            if let host, hostIndex[host] == nil { violations.append(.unknownHost(step.id, host)) }
        }
        let last = stays[instance].last
        // Its latest step so far: the one that ended the last stay, or began it.
        if let earlier = last.flatMap({ $0.until ?? $0.from }),
            !precedence.isDone(earlier, beforeStartOf: position)
        {
            violations.append(.unordered(id, plan.steps[earlier].id, step.id))
        }
        let found = last.flatMap { $0.until == nil ? snapshot.hosts[$0.host].id : nil }
        guard found == source else {
            violations.append(.wrongSource(step.id, id, stated: source, found: found))
            return
        }
        if source != nil { stays[instance][stays[instance].count - 1].until = position }
        if let target = target.flatMap({ hostIndex[$0] }) {
            stays[instance].append(
                Stay(instance: instance, host: target, from: position, until: nil))
        }
    }
}

extension Step.Action {
    /// The instance, the host it leaves and the host it comes to.
    var journey: (instance: InstanceID, source: HostID?, target: HostID?) {
        switch self {
        case .start(let instance, let host): (instance, nil, host)
        case .stop(let instance, let host): (instance, host, nil)
        case .move(let instance, let source, let target, _): (instance, source, target)
        }
    }
}
