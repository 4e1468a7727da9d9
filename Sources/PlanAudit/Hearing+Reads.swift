import ClusterModel

extension Hearing {
    /// What the plan should have read and did not, and what it read that is no longer so.
    func readViolations() -> [Violation] {
        var found: [Violation] = []
        if plan.parent > snapshot.revision {
            found.append(.fromTheFuture(plan: plan.parent, snapshot: snapshot.revision))
        }
        let read = Set(plan.reads.map(\.subject))
        for subject in needed() where !read.contains(subject) { found.append(.unread(subject)) }
        for entry in plan.reads {
            let now: Revision?
            switch entry.subject {
            case .host(let id): now = snapshot.host(id)?.changed
            case .instance(let id): now = snapshot.instance(id)?.changed
            // The policy's revision is its keeper's to compare; a snapshot does not carry it.
            case .policy: continue
            }
            if now != entry.revision {
                found.append(.stale(entry.subject, planned: entry.revision, found: now))
            }
        }
        return found
    }

    /// The policy, every host of a step, everything on those hosts, and what a spread instance is
    /// spread from.
    private func needed() -> [Plan.Read.Subject] {
        guard !plan.steps.isEmpty else { return [.policy] }
        var hosts = Set<HostID>()
        var instances = Set<InstanceID>()
        for step in plan.steps {
            let (instance, source, target) = step.action.journey
            instances.insert(instance)
            for host in [source, target] { if let host { hosts.insert(host) } }
        }
        let spread = Set(
            snapshot.instances.filter {
                instances.contains($0.id) && $0.workload.rules.spread != nil
            }
            .map(\.workload.name))
        for (index, view) in snapshot.instances.enumerated() {
            guard let place = itinerary.start(of: index) else { continue }
            if hosts.contains(snapshot.hosts[place].id) || spread.contains(view.workload.name) {
                instances.insert(view.id)
            }
        }
        for ghost in itinerary.ghosts where hosts.contains(snapshot.hosts[ghost.host].id) {
            instances.insert(snapshot.instances[ghost.instance].id)
        }
        return [.policy] + hosts.sorted().map { .host($0) }
            + instances.sorted().map { .instance($0) }
    }
}
