import ClusterModel

extension Hearing {
    /// What is wrong once all steps are done.
    func endViolations() -> [Violation] {
        togetherViolations() + reserveViolations() + wakeViolations() + countViolations()
            + rationaleViolations()
    }

    /// Pairs that have to share a host, do not at the end, and did or were not both there at the
    /// start.
    ///
    /// On the way a group is split for as long as its members travel; no order of single moves
    /// avoids that.
    private func togetherViolations() -> [Violation] {
        var found: [Violation] = []
        for one in snapshot.instances.indices {
            let selector = workload(one).rules.together
            guard !selector.pairs.isEmpty, let host = itinerary.end(of: one) else { continue }
            for other in snapshot.instances.indices
            where other != one && workload(other).labels.matches(selector) {
                guard let place = itinerary.end(of: other), place != host else { continue }
                if let before = itinerary.start(of: one),
                    let beforeOther = itinerary.start(of: other),
                    before != beforeOther
                {
                    continue
                }
                found.append(.together(snapshot.instances[one].id, snapshot.instances[other].id))
            }
        }
        return found
    }

    private func countViolations() -> [Violation] {
        let ghosts = itinerary.ghosts.map(\.host)
        let before = Set(snapshot.instances.indices.compactMap { itinerary.start(of: $0) } + ghosts)
            .count
        let after = Set(snapshot.instances.indices.compactMap { itinerary.end(of: $0) } + ghosts)
            .count
        var found: [Violation] = []
        let stated = plan.bound
        if stated.before != before || stated.after != after || stated.lower > after {
            found.append(.bound(stated: stated, before: before, after: after))
        }
        if case .pack = plan.reason, !plan.steps.isEmpty, after >= before {
            found.append(.gainsNothing(before: before, after: after))
        }
        return found
    }

    private var hostsHeldAtTheEnd: Set<HostID> {
        let ends = snapshot.instances.indices.compactMap { itinerary.end(of: $0) }
        return Set((ends + itinerary.ghosts.map(\.host)).map { snapshot.hosts[$0].id })
    }

    /// Every instance that a step touches has to be accounted for, with the hosts it really goes
    /// between; a host that it is said to empty is empty at the end, because a release that was
    /// begun is undone when it is not.
    private func rationaleViolations() -> [Violation] {
        var decisions: [InstanceID: Rationale.Decision] = [:]
        for rationale in plan.rationale { decisions[rationale.instance] = rationale.decision }
        let touched = Set(plan.steps.map(\.action.journey.instance))
        let held = hostsHeldAtTheEnd
        return snapshot.instances.indices.compactMap { index in
            let id = snapshot.instances[index].id
            guard touched.contains(id) else { return nil }
            let start = itinerary.start(of: index).map { snapshot.hosts[$0].id }
            let end = itinerary.end(of: index).map { snapshot.hosts[$0].id }
            let isRight: Bool =
                switch decisions[id] {
                case .moved(let from, let to, .empties(let host)):
                    start == from && end == to && start == host && !held.contains(host)
                case .moved(let from, let to, _): start == from && end == to
                case .placed(let on, _): start == nil && end == on
                case .stays(let on, _): start == on && end == on
                case .stopped(let on, _): start == on && end == nil
                // A stop is told by the step alone.
                case .pending, nil: end == nil && start != nil
                }
            return isRight ? nil : .unexplained(id)
        }
    }
}
