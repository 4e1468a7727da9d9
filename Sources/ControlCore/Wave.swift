import ClusterModel

/// A part of a plan that is begun only as a whole: the steps that empty one host, with those they need first.
struct Wave: Hashable, Sendable {
    /// The host that is emptied; `nil` for what is left of a plan once all its hosts are empty.
    let host: HostID?
    /// In the order of the plan.
    let steps: [Step]

    /// What is moved, and where each was before the wave.
    var origins: [InstanceID: HostID] {
        var origins: [InstanceID: HostID] = [:]
        for step in steps {
            guard case .move(let instance, let source, _, _) = step.action,
                origins[instance] == nil
            else { continue }
            origins[instance] = source
        }
        return origins
    }

    /// Hosts that something comes to.
    var targets: Set<HostID> {
        Set(
            steps.compactMap { step in
                guard case .move(_, _, let target, _) = step.action else { return nil }
                return target
            })
    }
}

extension Plan {
    /// The plan's waves in the order in which they run; empty for a plan that empties no host.
    ///
    /// Hosts come in the order in which the plan's own order of steps empties them, and every wave leaves out what
    /// earlier ones did. So whatever stops the plan, at most one host is half empty for its sake, and those that a
    /// wave had to touch on its way.
    var waves: [Wave] {
        let emptied = Set(
            rationale.compactMap { entry -> HostID? in
                guard case .moved(_, _, .empties(let host)) = entry.decision else { return nil }
                return host
            })
        guard reason == .pack, !emptied.isEmpty else { return [] }
        let numbered = Dictionary(
            steps.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { a, _ in a })
        var leaving: [HostID: Set<InstanceID>] = [:]
        for step in steps {
            guard case .move(let instance, let source, _, _) = step.action,
                emptied.contains(source)
            else { continue }
            leaving[source, default: []].insert(instance)
        }
        let own = leaving.mapValues { gone in
            steps.indices.filter { gone.contains(steps[$0].instance) }
        }
        let order = own.sorted { ($0.value.last ?? 0, $0.key) < ($1.value.last ?? 0, $1.key) }
        var isTaken = steps.map { _ in false }
        var waves: [Wave] = []
        for (host, roots) in order {
            var taken: [Int] = []
            var open = roots
            while let next = open.popLast() {
                guard !isTaken[next] else { continue }
                isTaken[next] = true
                taken.append(next)
                open += steps[next].after.compactMap { numbered[$0] }
            }
            waves.append(Wave(host: host, steps: taken.sorted().map { steps[$0] }))
        }
        let rest = steps.indices.filter { !isTaken[$0] }
        if !rest.isEmpty { waves.append(Wave(host: nil, steps: rest.map { steps[$0] })) }
        return waves
    }
}
